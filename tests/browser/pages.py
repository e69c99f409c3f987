"""Pages of the browser: each cut off from the network, and one of JupyterLab kept between tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.browser.sessions import JupyterServer, NotebookSession, wait_for_kernel

SIZE = {"width": 1440, "height": 900}


def guarded_page(chromium: Any, **options: Any) -> Any:
    """A page of a context of its own that reaches nothing but this machine.

    What it asked of others stands in its list ``outside``, its uncaught errors in ``errors``.
    """
    context = chromium.new_context(**({"viewport": SIZE} | options))
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.outside, page.errors = [], []

    def guard(route: Any) -> None:
        url = route.request.url
        if urlsplit(url).hostname in (None, "127.0.0.1", "localhost"):
            route.continue_()
        else:
            page.outside.append(url)
            route.abort()

    context.route("**/*", guard)
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    return page


def assert_nothing_wrong(page: Any) -> None:
    """The page asked nothing of other machines, and each of its errors was caught."""
    assert not page.outside, f"requests left this machine: {page.outside}"
    assert not page.errors, f"uncaught errors in the page: {page.errors}"


class KeptLab:
    """One page of JupyterLab for all tests, as a person keeps it open all day.

    To load JupyterLab takes longer than most tests do. Each test gets a notebook and a kernel of
    its own; a page in which anything went wrong is not used again.
    """

    def __init__(self, chromium: Any, server: JupyterServer) -> None:
        self._chromium = chromium
        self._server = server
        self._page: Any = None

    def page(self) -> Any:
        """The page, loaded if there is none, with nothing left on it from before."""
        if self._page is None:
            self._page = guarded_page(self._chromium)
            self._page.goto(self._server.url.replace("/lab?", "/lab?reset&"))
            self._page.wait_for_function("() => window.jupyterapp?.restored", timeout=90_000)
            self._page.evaluate(
                """async () => {
                    await jupyterapp.restored;
                    await jupyterapp.commands.execute(
                        'application:set-mode', {mode: 'single-document'});
                }"""
            )
        self._page.set_viewport_size(SIZE)
        self._page.mouse.move(0, 0)
        self._page.outside.clear()
        self._page.errors.clear()
        return self._page

    def open(self, notebook: Path, *, dark: bool) -> NotebookSession:
        """Open `notebook` and run all of it."""
        session = self._server.session(self._page, notebook.parent)
        self._page.evaluate(
            """async path => {
                if (jupyterapp.shell.leftCollapsed) jupyterapp.shell.expandLeft();
                const opened = await jupyterapp.commands.execute(
                    'docmanager:open', {path, factory: 'Notebook'});
                await opened.context.ready;
            }""",
            notebook.relative_to(self._server.root).as_posix(),
        )
        wait_for_kernel(self._page)
        session.dark(dark)
        self._page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
        return session

    def clear(self) -> None:
        """Close what is open, and ask nothing of anybody."""
        self._page.evaluate(
            """() => {
                for (const shown of [...jupyterapp.shell.widgets('main')]) {
                    if (shown.context) shown.context.model.dirty = false;
                    shown.close();
                }
            }"""
        )
        self._page.wait_for_function(
            "() => ![...jupyterapp.shell.widgets('main')].some(shown => shown.context)"
            " && !document.querySelector('.jp-Dialog')"
        )

    def discard(self) -> None:
        """Let go of the page: the next one is loaded anew."""
        if self._page is not None:
            self._page.context.close()
            self._page = None

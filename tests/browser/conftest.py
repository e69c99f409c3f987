"""Real servers and a real browser: `lab`, `notebook7` and `voila` open your cells, and run them.

    def test_something(lab):
        session = lab(["import cloudscope as cs", "cs.KymographViewer(image)"], ready=".cs-viewer")
        session.page.locator(".cs-viewer").click()
        assert session.python("len(image.rois)") == "1"
        session.shot("after-a-click")

Every page refuses and records requests that would leave this machine; the test fails if there
was one. Screenshots land in ``test-output/``. Without playwright or chromium the tests are
skipped with a reason, unless ``CI=true`` or ``CLOUDSCOPE_REQUIRE_BROWSER=1`` is set.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.browser.sessions import (
    JupyterServer,
    NotebookSession,
    browser_path,
    require_browser,
    write_notebook,
)

OUTPUT = Path(__file__).resolve().parents[2] / "test-output"


def _absent(reason: str) -> None:
    if require_browser():
        pytest.fail(f"browser tests are required here, but {reason}")
    pytest.skip(reason)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Any]:
    """One browser process for all tests of this folder, and none while others run.

    Its driver keeps an event loop running in this thread, and code that behaves otherwise inside
    a loop would no longer be tested outside one.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _absent("playwright is not installed (pip install cloudscope[test])")
    path = browser_path()
    with sync_playwright() as driver:
        if path is None and not Path(driver.chromium.executable_path).exists():
            _absent("there is no chromium (set CLOUDSCOPE_CHROMIUM to its path)")
        browser = driver.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A fresh page that cannot reach anything but this machine; a leak fails the test.

    Parametrise indirectly with a dict to pass context options, e.g. ``{"viewport": ...}``.
    """
    options = {"viewport": {"width": 1440, "height": 900}} | getattr(request, "param", {})
    context = chromium.new_context(**options)
    outside: list[str] = []

    def guard(route: Any) -> None:
        url = route.request.url
        if urlsplit(url).hostname in (None, "127.0.0.1", "localhost"):
            route.continue_()
        else:
            outside.append(url)
            route.abort()

    context.route("**/*", guard)
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    yield page
    context.close()
    assert not outside, f"requests left this machine: {outside}"
    assert not page.errors, f"uncaught errors in the page: {page.errors}"


@pytest.fixture(scope="package")
def lab_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """JupyterLab, started once for all tests of this folder."""
    with JupyterServer.lab(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture
def lab(
    page: Any, lab_server: JupyterServer, request: pytest.FixtureRequest
) -> Iterator[Callable[..., NotebookSession]]:
    """``lab(cells, dark=False, ready=".cs-viewer")``: a notebook open in JupyterLab and run."""
    sessions: list[NotebookSession] = []

    def open_notebook(
        cells: list[str], *, dark: bool = False, ready: str | None = None
    ) -> NotebookSession:
        notebook = write_notebook(lab_server.new_folder(), cells)
        session = lab_server.open_in_lab(page, notebook, dark=dark)
        session.shots = OUTPUT / request.node.path.stem
        sessions.append(session)
        if ready:
            session.wait_for(ready)
        return session

    yield open_notebook
    for session in sessions:
        session.close()


@pytest.fixture
def notebook7(
    page: Any, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Callable[..., NotebookSession]]:
    """``notebook7(cells, ready=".cs-viewer")``: a notebook open in Notebook 7 and run."""
    sessions: list[NotebookSession] = []
    with JupyterServer.notebook(tmp_path_factory.mktemp("notebook")) as server:

        def open_notebook(cells: list[str], *, ready: str | None = None) -> NotebookSession:
            session = server.open_in_notebook(page, write_notebook(server.new_folder(), cells))
            session.shots = OUTPUT / request.node.path.stem
            sessions.append(session)
            if ready:
                session.wait_for(ready)
            return session

        yield open_notebook
        for session in sessions:
            session.close()


@pytest.fixture
def voila(
    page: Any, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Callable[..., NotebookSession]]:
    """``voila(cells_or_notebook_path, dark=False, template=None, env={}, ready=...)``.

    Without `template` the page is Voila's ``lab`` template with its foreign style sheets taken
    out, so that nothing is asked of the network.
    """
    servers: list[JupyterServer] = []

    def serve(
        cells: list[str] | Path,
        *,
        dark: bool = False,
        template: str | None = None,
        env: dict[str, str] | None = None,
        ready: str | None = None,
    ) -> NotebookSession:
        root = tmp_path_factory.mktemp("voila")
        notebook = cells if isinstance(cells, Path) else write_notebook(root, cells)
        server = JupyterServer.voila(root, notebook, dark=dark, template=template, env=env or {})
        servers.append(server.__enter__())
        session = server.open_in_voila(page)
        session.shots = OUTPUT / request.node.path.stem
        if ready:
            session.wait_for(ready)
        return session

    yield serve
    for server in servers:
        server.__exit__(None, None, None)
        if os.environ.get("CLOUDSCOPE_SHOW_LOGS"):
            print(server.log_text())

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
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.pages import SIZE, KeptLab, assert_nothing_wrong, guarded_page
from tests.browser.sessions import (
    JupyterServer,
    NotebookSession,
    browser_path,
    code_cells,
    require_browser,
    write_notebook,
)

OUTPUT = Path(__file__).resolve().parents[2] / "test-output"
FAILED = pytest.StashKey[bool]()


def _absent(reason: str) -> None:
    if require_browser():
        pytest.fail(f"browser tests are required here, but {reason}")
    pytest.skip(reason)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Let the fixtures know that their test failed."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser process for the whole run."""
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
    """A page that cannot reach anything but this machine; a leak fails the test.

    It is a fresh one, or JupyterLab's in tests that open `lab`. Parametrise indirectly with a dict
    to pass context options, e.g. ``{"viewport": ...}``.
    """
    options = dict(getattr(request, "param", {}))
    if "lab" in request.fixturenames:
        page = request.getfixturevalue("lab_page")
        page.set_viewport_size(options.pop("viewport", SIZE))
        assert not options, f"the page of JupyterLab is made already: {options}"
        yield page
    else:
        page = guarded_page(chromium, **options)
        yield page
        page.context.close()
        assert_nothing_wrong(page)


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """JupyterLab, started once for the run."""
    with JupyterServer.lab(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture(scope="session")
def kept_lab(chromium: Any, lab_server: JupyterServer) -> Iterator[KeptLab]:
    """The page of JupyterLab that tests use one after the other."""
    kept = KeptLab(chromium, lab_server)
    yield kept
    kept.discard()


@pytest.fixture
def lab_page(kept_lab: KeptLab, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The page of JupyterLab, with no notebook open; a leak fails the test."""
    page = kept_lab.page()
    yield page
    failed = request.node.stash.get(FAILED, False)
    try:
        if not failed:
            kept_lab.clear()
        assert_nothing_wrong(page)
    except Exception:
        failed = True
        raise
    finally:
        if failed:
            kept_lab.discard()


@pytest.fixture
def lab(
    kept_lab: KeptLab, lab_page: Any, lab_server: JupyterServer, request: pytest.FixtureRequest
) -> Iterator[Callable[..., NotebookSession]]:
    """``lab(cells, dark=False, ready=".cs-viewer")``: a notebook open in JupyterLab and run."""
    sessions: list[NotebookSession] = []

    def open_notebook(
        cells: list[str], *, dark: bool = False, ready: str | None = None
    ) -> NotebookSession:
        notebook = write_notebook(lab_server.new_folder(), cells)
        session = kept_lab.open(notebook, dark=dark)
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


@pytest.fixture(scope="session")
def voila_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """Voila, started once for the run."""
    with JupyterServer.voila(tmp_path_factory.mktemp("voila")) as server:
        yield server
        if os.environ.get("CLOUDSCOPE_SHOW_LOGS"):
            print(server.log_text())


@pytest.fixture
def voila(
    page: Any, voila_server: JupyterServer, request: pytest.FixtureRequest
) -> Iterator[Callable[..., NotebookSession]]:
    """``voila(cells_or_notebook_path, dark=False, template=None, env={}, ready=...)``.

    Without `template` the page is Voila's ``lab`` template with its foreign style sheets taken
    out, so that nothing is asked of the network. `env` is set in the kernel before the first cell.
    """
    sessions: list[NotebookSession] = []

    def serve(
        cells: list[str] | Path,
        *,
        dark: bool = False,
        template: str | None = None,
        env: dict[str, str] | None = None,
        ready: str | None = None,
    ) -> NotebookSession:
        if isinstance(cells, Path):
            cells = code_cells(cells)
        if env:
            cells = [f"import os\nos.environ |= {env!r}", *cells]
        notebook = write_notebook(voila_server.new_folder(), cells)
        session = voila_server.open_in_voila(page, notebook, dark=dark, template=template)
        session.shots = OUTPUT / request.node.path.stem
        sessions.append(session)
        if ready:
            session.wait_for(ready)
        return session

    yield serve
    for session in sessions:
        session.close()

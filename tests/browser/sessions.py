"""Start JupyterLab, Notebook 7 or Voila on the loopback address and drive a notebook in it."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[2]
_OFFLINE_TEMPLATE = """\
{%- extends 'voila/templates/lab/index.html.j2' -%}
{%- block notebook_css -%}
{{ super() | replace('rel="stylesheet" href="https://', 'rel="x-off" href="https://') }}
{%- endblock notebook_css -%}
"""


def require_browser() -> bool:
    """Whether a missing browser is a failure instead of a skip."""
    return os.environ.get("CI") == "true" or os.environ.get("CLOUDSCOPE_REQUIRE_BROWSER") == "1"


def browser_path() -> str | None:
    """The chromium of the system, or None for the one playwright brings."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = (shutil.which(name) for name in names)
    return os.environ.get("CLOUDSCOPE_CHROMIUM") or next(filter(None, found), None)


def write_notebook(folder: Path, cells: list[str], name: str = "test.ipynb") -> Path:
    """A notebook of code cells in `folder`."""
    import nbformat

    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in cells],
        # without a kernel named, JupyterLab asks for one
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    path = folder / name
    nbformat.write(notebook, path)
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class NotebookSession:
    """A page showing a notebook, and a line to its kernel."""

    page: Any
    folder: Path
    runtime: Path
    kernels_before: set[Path]
    shots: Path = Path("test-output")
    in_lab: bool = True
    _client: Any = None

    def wait_for(self, selector: str, timeout_s: float = 60) -> Any:
        """The first element that matches `selector`, once it is on the page."""
        found = self.page.locator(selector).first
        try:
            found.wait_for(state="visible", timeout=timeout_s * 1000)
        except Exception as error:
            self.shot("missing")
            texts = self.page.locator(".jp-OutputArea-output").all_inner_texts()
            raise AssertionError(f"{selector} did not appear; outputs: {texts}") from error
        return found

    def python(self, code: str, timeout_s: float = 30) -> str:
        """What `code` prints in the notebook's kernel, and the repr of its last expression."""
        client = self._kernel_client()
        printed: list[str] = []
        failed: list[str] = []

        def listen(message: dict[str, Any]) -> None:
            kind, content = message["header"]["msg_type"], message["content"]
            if kind == "stream":
                printed.append(content["text"])
            elif kind == "execute_result":
                printed.append(content["data"]["text/plain"])
            elif kind == "error":
                failed.append("\n".join(content["traceback"]))

        client.execute_interactive(code, store_history=False, timeout=timeout_s, output_hook=listen)
        if failed:
            raise AssertionError(f"in the kernel: {failed[0]}")
        return "".join(printed).strip()

    def wait_python(self, code: str, expected: str, timeout_s: float = 10) -> None:
        """Wait until `code` gives `expected` in the kernel; an error there may be a "not yet"."""
        deadline = time.monotonic() + timeout_s
        while (got := self._python_or_why_not(code)) != expected:
            if time.monotonic() > deadline:
                raise AssertionError(f"{code} is {got}, not {expected}")
            self.page.wait_for_timeout(50)

    def until(self, true: Callable[[], bool], timeout_s: float = 10) -> None:
        """Wait until `true()`; the page goes on meanwhile."""
        deadline = time.monotonic() + timeout_s
        while not true():
            assert time.monotonic() < deadline, "it never came true"
            self.page.wait_for_timeout(50)

    def drawn(self) -> None:
        """Wait until what was asked of the page by now is on the screen."""
        self.page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )

    def _python_or_why_not(self, code: str) -> str:
        try:
            return self.python(code)
        except AssertionError as error:
            return str(error)

    def shot(self, name: str, locator: Any = None) -> Path:
        """Save a screenshot as ``<name>.png`` and return its path."""
        self.shots.mkdir(parents=True, exist_ok=True)
        path = self.shots / f"{name}.png"
        (locator or self.page).screenshot(path=str(path))
        return path

    def dark(self, on: bool = True) -> None:
        """Switch JupyterLab's theme."""
        theme = "JupyterLab Dark" if on else "JupyterLab Light"
        self.page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme
        )
        self.page.wait_for_function(
            "light => document.body.dataset.jpThemeLight === light", arg="false" if on else "true"
        )

    def close(self) -> None:
        """Let go of the kernel; in JupyterLab also stop it."""
        if self._client is not None:
            self._client.stop_channels()
            self._client = None
        if self.in_lab:
            with contextlib.suppress(Exception):  # the page may already be gone
                self.page.evaluate(
                    "() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()"
                )

    def _kernel_client(self) -> Any:
        if self._client is None:
            from jupyter_client.blocking import BlockingKernelClient

            deadline = time.monotonic() + 30
            while not (new := set(self.runtime.rglob("kernel-*.json")) - self.kernels_before):
                if time.monotonic() > deadline:
                    raise AssertionError("the notebook has no kernel")
                time.sleep(0.05)
            newest = max(new, key=lambda path: path.stat().st_mtime)
            client = BlockingKernelClient(connection_file=str(newest))
            client.load_connection_file()
            client.start_channels()
            client.wait_for_ready(timeout=60)
            self._client = client
        return self._client


@dataclass
class JupyterServer:
    """A server process of our own, on a free port of 127.0.0.1, with a token."""

    root: Path
    command: list[str]
    url: str
    env: dict[str, str] = field(default_factory=dict)
    _process: Any = None
    _numbers: Any = field(default_factory=itertools.count)

    @classmethod
    def lab(cls, root: Path) -> JupyterServer:
        """JupyterLab on the folder `root`."""
        quiet = [
            "--LabApp.news_url=None",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ]
        return cls._serving(root, "jupyterlab", "LabApp", "lab", quiet)

    @classmethod
    def notebook(cls, root: Path) -> JupyterServer:
        """Notebook 7 on the folder `root`."""
        return cls._serving(root, "notebook", "JupyterNotebookApp", "tree", [])

    @classmethod
    def _serving(
        cls, root: Path, module: str, app: str, page: str, extra: list[str]
    ) -> JupyterServer:
        port, token = _free_port(), secrets.token_hex(16)
        command = [sys.executable, "-m", module, "--no-browser", "--allow-root"]
        command += [
            f"--ServerApp.root_dir={root}",
            "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.port={port}",
            "--ServerApp.port_retries=0",
            f"--IdentityProvider.token={token}",
            f"--{app}.expose_app_in_browser=True",
            *extra,
        ]
        return cls(root, command, f"http://127.0.0.1:{port}/{page}?token={token}")

    @classmethod
    def voila(
        cls,
        root: Path,
        notebook: Path,
        *,
        dark: bool = False,
        template: str | None = None,
        env: dict[str, str] | None = None,
    ) -> JupyterServer:
        """Voila on one notebook."""
        port, token = _free_port(), secrets.token_hex(16)
        extra = dict(env or {})
        if template is None:
            template = "cloudscope-test"
            paths = [str(_write_offline_template(root / "jupyter", template))]
            paths += [p for p in (extra.get("JUPYTER_PATH"), os.environ.get("JUPYTER_PATH")) if p]
            extra["JUPYTER_PATH"] = os.pathsep.join(paths)
        command = [sys.executable, "-m", "voila", str(notebook), "--no-browser"]
        command += [
            "--Voila.ip=127.0.0.1",
            f"--port={port}",
            f"--token={token}",
            f"--Voila.connection_dir_root={root / '.jupyter' / 'runtime'}",
            f"--template={template}",
            f"--theme={'dark' if dark else 'light'}",
        ]
        return cls(root, command, f"http://127.0.0.1:{port}/?token={token}", extra)

    def __enter__(self) -> JupyterServer:
        private = self.root / ".jupyter"
        for name in ("config", "runtime", "workspaces", "settings", "ipython"):
            (private / name).mkdir(parents=True, exist_ok=True)
        notices = private / "settings" / "@jupyterlab" / "apputils-extension"
        notices.mkdir(parents=True, exist_ok=True)
        (notices / "notification.jupyterlab-settings").write_text(
            json.dumps({"fetchNews": "false", "checkForUpdates": False})
        )
        env = os.environ | {
            "JUPYTER_CONFIG_DIR": str(private / "config"),
            "JUPYTER_RUNTIME_DIR": str(private / "runtime"),
            "JUPYTERLAB_WORKSPACES_DIR": str(private / "workspaces"),
            "JUPYTERLAB_SETTINGS_DIR": str(private / "settings"),
            "IPYTHONDIR": str(private / "ipython"),
            "PYTHONPATH": os.pathsep.join(
                filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])
            ),
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        self._log = (self.root / "server.log").open("wb")
        self._process = subprocess.Popen(
            self.command,
            cwd=self.root,
            env=env | self.env,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self._wait_until_up()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    @property
    def runtime(self) -> Path:
        """Folder of the kernels' connection files."""
        return self.root / ".jupyter" / "runtime"

    def log_text(self) -> str:
        """What the server wrote so far."""
        return (self.root / "server.log").read_text(errors="replace")

    def new_folder(self) -> Path:
        """An empty folder under the root."""
        folder = self.root / f"case-{next(self._numbers)}"
        folder.mkdir()
        return folder

    def open_in_lab(self, page: Any, notebook: Path, *, dark: bool = False) -> NotebookSession:
        """Open `notebook` in JupyterLab and run all of it."""
        session = self._session(page, notebook.parent)
        where = notebook.relative_to(self.root).as_posix()
        page.goto(self.url.replace("/lab?", f"/lab/tree/{where}?reset&"))
        _wait_for_kernel(page)
        page.evaluate(
            "() => window.jupyterapp.commands.execute('application:set-mode',"
            " {mode: 'single-document'})"
        )
        session.dark(dark)  # the server remembers the theme of the test before
        page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        return session

    def open_in_notebook(self, page: Any, notebook: Path) -> NotebookSession:
        """Open `notebook` in Notebook 7 and run all of it."""
        session = self._session(page, notebook.parent)
        where = notebook.relative_to(self.root).as_posix()
        page.goto(self.url.replace("/tree?", f"/notebooks/{where}?"))
        _wait_for_kernel(page)
        page.errors.clear()  # Notebook's own, before a cell has run
        page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        return session

    def open_in_voila(self, page: Any) -> NotebookSession:
        """Open the served notebook; Voila runs it by itself."""
        session = self._session(page, self.root)
        session.in_lab = False
        page.goto(self.url, timeout=90_000)
        if "/login" in page.url:
            raise AssertionError("Voila did not accept its own token")
        return session

    def _session(self, page: Any, folder: Path) -> NotebookSession:
        return NotebookSession(page, folder, self.runtime, set(self.runtime.rglob("kernel-*.json")))

    def _wait_until_up(self) -> None:
        deadline = time.monotonic() + 90
        address = self.url.split("?")[0].rsplit("/", 1)[0] + "/"
        while True:
            if self._process.poll() is not None:
                raise AssertionError(f"the server ended: {self.log_text()}")
            try:
                # any answer will do; the page itself is opened by the browser
                with urlopen(f"{address}static/favicons/favicon.ico", timeout=5):
                    return
            except URLError as error:
                if getattr(error, "code", None) is not None:
                    return
            except TimeoutError:
                pass
            if time.monotonic() > deadline:
                raise AssertionError(f"the server does not answer: {self.log_text()}")
            time.sleep(0.1)


def _wait_for_kernel(page: Any) -> None:
    page.wait_for_function(
        "() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel"
        "?.status === 'idle'",
        timeout=90_000,
    )


def _write_offline_template(jupyter: Path, name: str) -> Path:
    voila = jupyter / "voila" / "templates" / name
    nbconvert = jupyter / "nbconvert" / "templates" / name
    for folder in (voila, nbconvert):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "conf.json").write_text(json.dumps({"base_template": "lab"}))
    (voila / "index.html.j2").write_text(_OFFLINE_TEMPLATE)
    return jupyter

"""The dashboard in the browser: Voila as a child process, on the loopback address, with a token.

The child is this module run as ``python -m cloudscope.serve``: it reads the token from its
standard input, so that no other user sees it in the list of processes, and ends when that input
closes, so that it never outlives the process that started it, however that one ends.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from cloudscope.errors import CloudscopeError

__all__ = ["FOLDER_VARIABLE", "Dashboard", "ServeError", "serve"]

FOLDER_VARIABLE = "CLOUDSCOPE_FOLDER"
"""Environment variable by which the dashboard's kernel knows its folder."""

RESULTS_VARIABLE = "CLOUDSCOPE_RESULTS"
"""Environment variable by which it knows where sidecars are kept, if not beside the recordings."""

LOOPBACK = "127.0.0.1"
_EVERYWHERE = ("0.0.0.0", "::")

WARNING = (
    "Warning: other machines can reach this address. Whoever has it, token included, sees and "
    "changes your recordings' metadata and results, and what is sent is not encrypted: anybody on "
    "the way can read the token. On a network you do not trust, leave --host away and use a "
    "tunnel: ssh -L PORT:127.0.0.1:PORT THIS_MACHINE\n"
)
"""Said before a dashboard that other machines can reach."""
TEMPLATE = "cloudscope"
CONNECTION = "cloudscope.prompt_websocket.PromptWebsocketConnection"
_PACKAGE = Path(__file__).resolve().parent
_NO_KERNEL = "api/kernels/00000000-0000-0000-0000-000000000000"


class ServeError(CloudscopeError):
    """The dashboard cannot be served; the message says why."""


def _dashboard_notebook() -> Path:
    """The notebook that Voila serves: in the package once installed, in notebooks/ in a clone."""
    places = [_PACKAGE / "dashboard.ipynb", _PACKAGE.parent / "notebooks" / "dashboard.ipynb"]
    for place in places:
        if place.is_file():
            return place
    raise ServeError(f"the dashboard's notebook is missing ({places[0]}): install cloudscope again")


class Dashboard:
    """A running dashboard on one folder; use it as a context manager.

    Parameters
    ----------
    folder : path
        Folder of recordings to open.
    results_folder : path, optional
        Where sidecars are kept instead of beside the recordings.
    port : int, optional
        Port on the loopback address; a free one by default.
    theme : {"light", "dark"}
    host : str
        Address to listen on. By default that of this machine alone; any other lets other machines
        in, over a connection that is not encrypted: see `WARNING`.
    notebook : path, optional
        Notebook to serve instead of cloudscope's own dashboard; its kernel finds `folder` in the
        environment variable ``CLOUDSCOPE_FOLDER``.

    Attributes
    ----------
    url : str
        Address to open, token included. Treat it as a password.

    Raises
    ------
    ServeError
        If `folder` is not a folder, Voila is not installed, the port is taken, or the server
        does not start.

    Examples
    --------
    >>> with Dashboard("recordings") as dashboard:  # doctest: +SKIP
    ...     webbrowser.open(dashboard.url)
    ...     dashboard.wait()
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        results_folder: str | os.PathLike[str] | None = None,
        port: int | None = None,
        theme: str = "light",
        host: str = LOOPBACK,
        notebook: str | os.PathLike[str] | None = None,
    ) -> None:
        self.folder = Path(folder).expanduser().resolve()
        if self.folder.is_file():
            raise ServeError(f"{folder}: this is a file; give the folder it is in")
        if not self.folder.is_dir():
            raise ServeError(f"{folder}: there is no such folder")
        self.results_folder = (
            None if results_folder is None else Path(results_folder).expanduser().resolve()
        )
        self._asked_port = port
        self._theme = theme
        self.host = host
        self._notebook = Path(notebook).resolve() if notebook else None
        self._token = secrets.token_hex(24)
        self._process: subprocess.Popen[bytes] | None = None
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop()
        self.port = 0

    @property
    def url(self) -> str:
        """Address to open, token included."""
        name = socket.gethostname() if self.host in _EVERYWHERE else self.host
        return f"http://{_in_url(name)}:{self.port}/?token={self._token}"

    @property
    def public(self) -> bool:
        """Whether other machines can reach it."""
        return not _is_loopback(self.host)

    def __enter__(self) -> Dashboard:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self, timeout_s: float = 60.0) -> None:
        """Start the server and return once it answers to the token."""
        from importlib.util import find_spec

        if find_spec("voila") is None:
            raise ServeError("the dashboard needs Voila: pip install 'cloudscope[app]'")
        notebook = self._notebook or _dashboard_notebook()
        # A free port may be taken by another program before Voila has it: then try another.
        attempts = 1 if self._asked_port else 5
        for _ in range(attempts):
            self.port = _free_port(self._asked_port or 0, self.host)
            self._launch(notebook)
            if self._answers(time.monotonic() + timeout_s):
                return
        self._log.seek(0)
        words = self._log.read().decode("utf-8", "replace").strip()[-2000:]
        self.stop()
        raise ServeError(
            "the dashboard's server did not start" + (f"; it said:\n{words}" if words else "")
        )

    def wait(self) -> int:
        """Wait until the server ends by itself; its exit code."""
        if self._process is None:
            return 0
        return self._process.wait()

    def stop(self) -> None:
        """End the server and its kernels; harmless if it does not run."""
        process, self._process = self._process, None
        if process is not None:
            assert process.stdin is not None
            with contextlib.suppress(OSError):
                process.stdin.close()
            for stop_harder in (process.terminate, process.kill):
                try:
                    process.wait(timeout=5)
                    break
                except subprocess.TimeoutExpired:
                    stop_harder()
            process.wait()
        self._log.close()

    def _launch(self, notebook: Path) -> None:
        self._log.seek(0)
        self._log.truncate()
        command = [
            sys.executable, "-m", "cloudscope.serve", str(notebook), "--no-browser",
            f"--Voila.ip={self.host}", f"--port={self.port}", "--Voila.port_retries=0",
            f"--Voila.kernel_websocket_connection_class={CONNECTION}",
            f"--template={TEMPLATE}", f"--theme={self._theme}", "--Voila.log_level=ERROR",
            # A closed or reloaded page leaves its kernel behind: end it after two minutes.
            "--MappingKernelManager.cull_idle_timeout=120",
            "--MappingKernelManager.cull_interval=30",
        ]  # fmt: skip
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            env=self._environment(),
            cwd=notebook.parent,
            # Ctrl-C in the terminal goes to the process that started us, and it stops us in order.
            start_new_session=os.name == "posix",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it died at once: _answers reports that
            self._process.stdin.write(self._token.encode() + b"\n")
            self._process.stdin.flush()

    def _environment(self) -> dict[str, str]:
        environment = dict(os.environ)
        environment[FOLDER_VARIABLE] = str(self.folder)
        environment[RESULTS_VARIABLE] = str(self.results_folder or "")
        # Our page template, and the kernel of this Python rather than one the user registered.
        environment["JUPYTER_PATH"] = _joined(_PACKAGE / "jupyter", environment.get("JUPYTER_PATH"))
        environment["JUPYTER_PREFER_ENV_PATH"] = "1"
        if (_PACKAGE.parent / "pyproject.toml").is_file():
            # Run from a clone that need not be installed; the kernel starts in another folder.
            environment["PYTHONPATH"] = _joined(_PACKAGE.parent, environment.get("PYTHONPATH"))
        return environment

    def _answers(self, deadline: float) -> bool:
        """Whether the server accepts our token before the deadline or its own end."""
        assert self._process is not None
        name = LOOPBACK if self.host in _EVERYWHERE else self.host
        address = f"http://{_in_url(name)}:{self.port}/{_NO_KERNEL}"
        request = urllib.request.Request(address, headers={"Authorization": f"token {self._token}"})
        # A proxy of the environment has no business between two processes of one machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                return False
            try:
                opener.open(request, timeout=2).close()
            except urllib.error.HTTPError as error:
                error.close()
                # "no such kernel" is said only to a request whose token was accepted.
                if error.code == 404:
                    return True
            except OSError:
                pass
            time.sleep(0.05)
        return False


def _joined(first: Path, rest: str | None) -> str:
    return os.pathsep.join(filter(None, [str(first), rest]))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _free_port(asked: int, host: str = LOOPBACK) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name == "posix":  # a port that only waits for stray packets of its last user is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, asked))
        except (OSError, OverflowError) as error:
            if host != LOOPBACK and not asked:
                raise ServeError(
                    f"host {host} cannot be used ({error}): give an address of this machine"
                ) from None
            raise ServeError(
                f"port {asked} cannot be used ({error}): give another, or none for a free one"
            ) from None
        return int(probe.getsockname()[1])


def serve(
    folder: str | os.PathLike[str],
    *,
    results_folder: str | os.PathLike[str] | None = None,
    port: int | None = None,
    host: str = LOOPBACK,
    open_browser: bool = True,
    say: Callable[[str], object] = print,
) -> None:
    """Serve the dashboard on a folder until Ctrl-C.

    Parameters
    ----------
    folder : path
    results_folder : path, optional
        Where sidecars are kept instead of beside the recordings.
    port : int, optional
        A free one by default.
    host : str
        Address to listen on; any but that of this machine alone is warned of.
    open_browser : bool
        Whether to open the address in the browser.
    say : callable
        Called with each sentence for the user.

    Raises
    ------
    ServeError
        If the server cannot start, or ends by itself.
    """
    with Dashboard(folder, results_folder=results_folder, port=port, host=host) as dashboard:
        say(f"The dashboard of {dashboard.folder} is at\n\n    {dashboard.url}\n")
        if dashboard.public:
            say(WARNING)
        if open_browser and not _opened(dashboard.url):
            say("No browser could be opened here: open that address in one yourself.")
        say("Press Ctrl-C to stop it.")
        try:
            code = dashboard.wait()
        except KeyboardInterrupt:
            say("\nStopped.")
            return
    raise ServeError(f"the dashboard's server ended by itself (exit code {code})")


def _opened(url: str) -> bool:
    import webbrowser

    try:
        return webbrowser.open(url)
    except webbrowser.Error:
        return False


def _run_voila() -> None:
    """The child: Voila with the token from standard input, ended when that input closes."""
    token = sys.stdin.readline().strip()
    if not token:
        sys.exit("cloudscope.serve is started by cloudscope itself: use `cloudscope open FOLDER`")
    from voila.app import Voila

    app = Voila.instance()

    def end_with_parent() -> None:
        sys.stdin.read()
        loop = getattr(app, "ioloop", None)
        if loop is None:
            os._exit(0)  # still starting: there is no kernel to end yet
        loop.add_callback(loop.stop)

    threading.Thread(target=end_with_parent, daemon=True).start()
    app.initialize([*sys.argv[1:], f"--token={token}"])
    app.start()


if __name__ == "__main__":
    _run_voila()

"""The dashboard's server: who may see it, and that nothing of it is left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest

from cloudscope import serve

pytest.importorskip("voila", reason="Voila is not installed (pip install 'cloudscope[app]')")


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page that says which folder its kernel was told to open, and with which cloudscope."""
    cell = "import os, cloudscope\nprint('folder:', os.environ['CLOUDSCOPE_FOLDER'])"
    path = tmp_path_factory.mktemp("page") / "page.ipynb"
    document = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    document.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(document, path)
    return path


@pytest.fixture(scope="module")
def dashboard(notebook: Path, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("run 1 µm")
    with serve.Dashboard(folder, notebook=notebook) as running:
        yield running


def fetch(url: str) -> tuple[str, str]:
    """The address a request ends at, and the page there."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=60) as answer:
        return answer.url, answer.read().decode()


def test_the_page_opens_on_the_folder(dashboard: serve.Dashboard) -> None:
    _, page = fetch(dashboard.url)
    assert f"folder: {dashboard.folder}" in page


def test_the_page_loads_nothing_from_elsewhere(dashboard: serve.Dashboard) -> None:
    _, page = fetch(dashboard.url)
    assert 'src="http' not in page
    assert 'rel="stylesheet" href="http' not in page


@pytest.mark.parametrize("query", ["", "?token=wrong"])
def test_without_the_token_there_is_only_the_login_page(
    dashboard: serve.Dashboard, query: str
) -> None:
    address, page = fetch(dashboard.url.split("?")[0] + query)
    assert "/login" in address
    assert "folder:" not in page


def test_it_listens_on_the_loopback_address_only(dashboard: serve.Dashboard) -> None:
    assert dashboard.url.startswith("http://127.0.0.1:")
    try:
        outside = socket.gethostbyname(socket.gethostname())
    except OSError:
        outside = "127.0.0.1"
    if outside.startswith("127."):
        pytest.skip("this machine has no other address")
    with socket.socket() as client:
        client.settimeout(2)
        assert client.connect_ex((outside, dashboard.port)) != 0


def test_the_token_is_not_in_the_list_of_processes(dashboard: serve.Dashboard) -> None:
    token = dashboard.url.rpartition("=")[2]
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    if not commands:
        pytest.skip("this system has no /proc")
    assert not any(token.encode() in command for command in commands)


def test_the_source_files_are_not_served(dashboard: serve.Dashboard) -> None:
    (dashboard.folder / "patient.csv").write_text("secret")
    base, _, token = dashboard.url.partition("?")
    for path in ("patient.csv", "voila/files/patient.csv", "voila/files/..%2fpatient.csv"):
        try:
            _, page = fetch(f"{base}{path}?{token}")
        except urllib.error.HTTPError as error:
            page = str(error.code)
        assert "secret" not in page


def test_stopping_frees_the_port(notebook: Path, tmp_path: Path) -> None:
    with serve.Dashboard(tmp_path, notebook=notebook) as running:
        port = running.port
    with socket.socket() as client:
        assert client.connect_ex(("127.0.0.1", port)) != 0


def test_a_taken_port_is_one_sentence(notebook: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with (
            pytest.raises(serve.ServeError, match=f"port {port} cannot be used"),
            serve.Dashboard(tmp_path, notebook=notebook, port=port),
        ):
            pass


def test_other_machines_get_in_only_when_told_and_that_is_warned_of(
    notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def end_at_once(self: serve.Dashboard) -> int:
        address = self.url.split("?")[0].replace(socket.gethostname(), "127.0.0.1")
        assert "/login" in fetch(address)[0], "the token is asked for there too"
        raise KeyboardInterrupt

    monkeypatch.setattr(serve.Dashboard, "wait", end_at_once)
    monkeypatch.setattr(serve, "_dashboard_notebook", lambda: notebook)
    serve.serve(tmp_path, host="0.0.0.0", open_browser=False, say=said.append)
    assert any("other machines can reach this address" in sentence for sentence in said)
    assert f"http://{socket.gethostname()}:" in said[0]


def test_this_machine_alone_is_not_warned_of(tmp_path: Path) -> None:
    hosts = {"127.0.0.1": False, "::1": False, "localhost": False}
    hosts |= {"0.0.0.0": True, "::": True, "192.168.1.7": True, "lab.example.org": True}
    for host, public in hosts.items():
        dashboard = serve.Dashboard(tmp_path, host=host)
        dashboard.stop()
        assert dashboard.public is public


def test_an_address_that_is_not_ours_is_one_sentence(notebook: Path, tmp_path: Path) -> None:
    with (
        pytest.raises(serve.ServeError, match=r"host 192\.0\.2\.1 cannot be used"),
        serve.Dashboard(tmp_path, notebook=notebook, host="192.0.2.1"),
    ):
        pass


def test_a_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(serve.ServeError, match="there is no such folder"):
        serve.Dashboard(tmp_path / "absent")
    (tmp_path / "a.tif").write_bytes(b"")
    with pytest.raises(serve.ServeError, match="give the folder it is in"):
        serve.Dashboard(tmp_path / "a.tif")


def test_a_server_that_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "_free_port", lambda *_: 8866)
    with (
        pytest.raises(serve.ServeError, match=r"(?s)did not start; it said:\n.*absent\.ipynb"),
        serve.Dashboard(tmp_path, notebook=tmp_path / "absent.ipynb", port=8866),
    ):
        pass


def _serving_process(notebook: Path, folder: Path) -> tuple[subprocess.Popen[str], int]:
    program = textwrap.dedent(
        f"""
        import signal
        from cloudscope import serve
        # A job in the background of a script is started with Ctrl-C ignored.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with serve.Dashboard({str(folder)!r}, notebook={str(notebook)!r}) as running:
            try:
                print(running.port, flush=True)
                running.wait()
            except KeyboardInterrupt:
                pass
        print("stopped in order", flush=True)
        """
    )
    root = Path(serve.__file__).resolve().parents[1]
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=root
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def _closed_soon(port: int) -> bool:
    for _ in range(100):
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) != 0:
                return True
        time.sleep(0.1)
    return False


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_the_server_never_outlives_its_launcher(notebook: Path, tmp_path: Path, name: str) -> None:
    process, port = _serving_process(notebook, tmp_path)
    with process:
        process.send_signal(getattr(signal, name))
        said = process.communicate(timeout=30)[0]
    assert _closed_soon(port)
    if name == "SIGINT":
        assert said == "stopped in order\n"
        assert process.returncode == 0


def test_serve_prints_the_address_and_opens_it(
    notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    said: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url: bool(opened.append(url)))
    monkeypatch.setattr(serve, "_dashboard_notebook", lambda: notebook)

    def interrupted(self: serve.Dashboard) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(serve.Dashboard, "wait", interrupted)
    serve.serve(tmp_path, say=said.append)
    assert len(opened) == 1
    assert opened[0] in "\n".join(said)
    assert any("open that address in one yourself" in sentence for sentence in said)
    opened.clear()
    serve.serve(tmp_path, open_browser=False, say=said.append)
    assert opened == []

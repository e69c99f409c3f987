"""The dashboard in a window of its own: a web view where pywebview is installed, else a browser.

The browser is one that is on the machine already (Chromium, Chrome, Edge, Brave), started without
its bars and with a profile of its own that is thrown away at the end.
"""

from __future__ import annotations

import html
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path

from cloudscope.blinding_file import find_blinding
from cloudscope.errors import CloudscopeError
from cloudscope.folder_settings import FolderSettings
from cloudscope.serve import Dashboard

__all__ = ["BROWSER_VARIABLE", "DesktopError", "browser_for_window", "desktop", "show_in_browser"]

BROWSER_VARIABLE = "CLOUDSCOPE_BROWSER"
"""Environment variable that names the browser to use, one of the Chromium family."""

_NAMES = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
    "microsoft-edge", "microsoft-edge-stable", "msedge", "brave-browser", "brave",
)  # fmt: skip
_SIZE = (1440, 900)


class DesktopError(CloudscopeError):
    """No window can be opened; the message says why and what can be done."""


def desktop(
    folder: str | os.PathLike[str],
    *,
    results_folder: str | os.PathLike[str] | None = None,
    web_view: bool | None = None,
    software: bool = False,
    say: Callable[[str], object] = print,
) -> None:
    """Show a folder in a desktop window, and return once it is closed.

    Parameters
    ----------
    folder : path
    results_folder : path, optional
        Where sidecars are kept instead of beside the recordings.
    web_view : bool, optional
        Whether to use pywebview; by default where it is installed.
    software : bool
        Draw without a graphics card, for remote screens on which the window stays white.
    say : callable
        Called with each sentence for the user.

    Raises
    ------
    DesktopError
        If there is neither pywebview nor a browser that can do it.
    ServeError
        If the dashboard cannot be served.
    """
    if web_view is None:
        web_view = find_spec("webview") is not None
    elif web_view and find_spec("webview") is None:
        raise DesktopError("there is no pywebview: pip install 'cloudscope[desktop]'")
    browser = None if web_view else browser_for_window()
    with Dashboard(folder, results_folder=results_folder) as dashboard:
        title = _title(dashboard)
        say(f"The window of {dashboard.folder} opens; close it to end.")
        try:
            if browser is None:
                _show_in_web_view(dashboard.url, title, software=software)
            else:
                show_in_browser(browser, dashboard.url, title, software=software)
        except KeyboardInterrupt:
            say("\nStopped.")


def _title(dashboard: Dashboard) -> str:
    """What the window is called: its folder, unless that is read blind."""
    folder, results = dashboard.folder, dashboard.results_folder
    try:
        named = FolderSettings.of_folder(folder).results_folder
        found = find_blinding(folder, results or (folder / named if named else None))
        blind = found is not None and any(one.active for one in found.read())
    except CloudscopeError:  # the app says what is wrong; a name is not shown on a doubt
        return "cloudscope"
    return "cloudscope · read blind" if blind else f"cloudscope · {folder.name}"


def browser_for_window() -> Path:
    """A browser of this machine that can show a page in a window of its own.

    Raises
    ------
    DesktopError
        If there is none; says what can be done.
    """
    named = os.environ.get(BROWSER_VARIABLE)
    if named:
        found = shutil.which(named)
        if found is None:
            raise DesktopError(f"{BROWSER_VARIABLE}={named!r}: there is no such program")
        return Path(found)
    for name in _NAMES:
        found = shutil.which(name)
        if found is not None:
            return Path(found)
    for place in _usual_places():
        if place.is_file():
            return place
    raise DesktopError(
        "there is no Chromium, Chrome or Edge here to open a window with: install one, or "
        "pip install 'cloudscope[desktop]', or use `cloudscope open`, which any browser shows"
    )


def show_in_browser(
    browser: Path,
    url: str,
    title: str,
    *,
    software: bool = False,
    more: Iterable[str] = (),
) -> None:
    """Open a page in a window of its own, and return once that is closed.

    Parameters
    ----------
    browser : Path
    url : str
        It may hold a secret: it is handed over in a file that only this user can read, for
        arguments of a process are there for everybody to see.
    title : str
        Shown until the page has one.
    software : bool
        Draw without a graphics card.
    more : iterable of str
        Further arguments for the browser.

    Raises
    ------
    DesktopError
        If the browser cannot be started.
    """
    # Readable by this user only, as temporary folders of Python are.
    with tempfile.TemporaryDirectory(prefix="cloudscope-", ignore_cleanup_errors=True) as private:
        page = Path(private) / "start.html"
        page.write_text(_start_page(url, title), encoding="utf-8")
        width, height = _SIZE
        command = [
            str(browser),
            f"--app={page.as_uri()}",
            f"--user-data-dir={Path(private) / 'profile'}",  # also: one process, which we wait for
            f"--window-size={width},{height}",
            "--no-first-run",
            "--no-default-browser-check",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            *(["--disable-gpu"] if software else []),
            # As root there is no sandbox; the other hides the bar that says so.
            *(["--no-sandbox", "--test-type"] if _is_root() else []),
            *more,
        ]
        try:
            process = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        except OSError as error:
            raise DesktopError(f"{browser}: cannot be started ({error.strerror})") from error
        try:
            process.wait()
        finally:
            _end(process)


def _show_in_web_view(url: str, title: str, *, software: bool) -> None:
    if software:
        flags = "--ignore-gpu-blocklist --enable-unsafe-swiftshader --disable-gpu-compositing"
        os.environ.setdefault("QTWEBENGINE_CHROMIUM_FLAGS", flags)
    if _is_root():
        os.environ.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")
    import webview

    width, height = _SIZE
    webview.create_window(title, url, width=width, height=height, min_size=(640, 480))
    try:
        webview.start()  # needs this thread, which is the main one, until the window is closed
    except Exception as error:  # whatever its toolkits raise where there is no screen
        raise DesktopError(
            f"pywebview cannot open a window ({error}): `cloudscope open` needs none"
        ) from error


def _start_page(url: str, title: str) -> str:
    safe, words = html.escape(url, quote=True), html.escape(title)
    return (
        f'<!doctype html><meta charset="utf-8"><title>{words}</title>'
        '<meta name="referrer" content="no-referrer">'
        f'<meta http-equiv="refresh" content="0;url={safe}">'
        f'<body style="font:14px system-ui,sans-serif;color:#888">{words} …\n'
    )


def _usual_places() -> list[Path]:
    if sys.platform == "darwin":
        apps = ("Google Chrome", "Chromium", "Microsoft Edge", "Brave Browser")
        roots = (Path("/Applications"), Path.home() / "Applications")
        return [root / f"{app}.app" / "Contents" / "MacOS" / app for root in roots for app in apps]
    if sys.platform == "win32":
        names = ("ProgramFiles", "ProgramFiles(x86)", "LOCALAPPDATA")
        roots = tuple(Path(os.environ[name]) for name in names if name in os.environ)
        parts = ("Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe")
        return [root / part for root in roots for part in parts]
    return []


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a browser that is still there, and give it time to let go of its profile."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    time.sleep(0.2)  # its children write their last into the profile that is removed now

"""`cloudscope desktop` on a screen without a screen: Xvfb."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import cloudscope as cs
from tests.browser.conftest import _absent
from tests.browser.sessions import ROOT, browser_path

WIDTH, HEIGHT = 1600, 1000
ACCENT = (11, 107, 203)


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[str]:
    """A screen in memory; its name."""
    server = shutil.which("Xvfb")
    if server is None:
        pytest.skip("there is no Xvfb to open a window on")
    read, write = os.pipe()
    process = subprocess.Popen(
        [str(server), "-displayfd", str(write), "-screen", "0", f"{WIDTH}x{HEIGHT}x24",
         "-nolisten", "tcp"],
        pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    with os.fdopen(read) as answer:
        number = answer.readline().strip()
    yield f":{number}"
    process.terminate()
    process.wait()


def picture(screen: str) -> Any:
    grab = pytest.importorskip("PIL.ImageGrab")
    return grab.grab(xdisplay=screen).convert("RGB")


def shows_the_app(image: Any) -> bool:
    """Whether there are the blue buttons of the Measure panel, and a kymograph's greys."""
    counts = {colour: count for count, colour in image.getcolors(WIDTH * HEIGHT)}
    greys = sum(count for (r, g, b), count in counts.items() if r == g == b and 20 < r < 160)
    return counts.get(ACCENT, 0) > 500 and greys > 50_000


def children(pid: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True
    )
    return [int(line) for line in listed.stdout.split()]


def command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def test_a_window_with_the_dashboard_that_ends_with_it(screen: str, tmp_path: Path) -> None:
    browser = browser_path()
    if browser is None:
        _absent("there is no chromium")
    cs.write_sample_folder(tmp_path / "sample")
    environment = os.environ | {
        "DISPLAY": screen,
        "CLOUDSCOPE_BROWSER": str(browser),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "cloudscope", "desktop", str(tmp_path / "sample"), "--browser"]
    window = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert window.stdout is not None
        assert "close it to end" in window.stdout.readline()
        deadline = time.monotonic() + 120
        while not shows_the_app(picture(screen)):
            assert window.poll() is None
            assert time.monotonic() < deadline, "the window stayed empty"
            time.sleep(0.5)
        shots = Path(__file__).resolve().parents[2] / "test-output" / "test_desktop"
        shots.mkdir(parents=True, exist_ok=True)
        picture(screen).save(shots / "window.png")
        browsers = [pid for pid in children(window.pid) if "--app=" in command_line(pid)]
        assert len(browsers) == 1
        assert "token" not in command_line(browsers[0])  # which every user can read
        # Who closes the window ends the program, and the server with it.
        os.kill(browsers[0], signal.SIGTERM)
        assert window.wait(timeout=30) == 0
        assert not children(window.pid)
    finally:
        window.kill()
        window.wait()
        window.stdout.close()

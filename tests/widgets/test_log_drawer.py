"""The log of a session: what was said and what went wrong, to look up and to copy."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from cloudscope.widgets.app import App
from cloudscope.widgets.log_drawer import LogDrawer
from cloudscope.widgets.session_log import SessionLog
from tests.widgets.small_app import press


def shown(drawer: LogDrawer) -> str:
    return str(drawer.children[0].children[-1].value) if drawer.children else ""


def test_what_the_status_line_said_can_be_looked_up(folder: Path) -> None:
    app = App(folder)
    app.judge(True)
    app.save()
    press(app, "log")
    assert app.page.overlay
    lines = shown(app.log_drawer)
    assert lines.index("saved scan_0.tif") < lines.index("scan_0.tif: accepted")  # newest first
    press(app, "close")
    assert not app.log_drawer.shown
    assert not app.page.overlay


def test_what_the_library_logs_is_there_with_its_level() -> None:
    log = SessionLog()
    drawer = LogDrawer(log, copy=lambda text: None)
    drawer.toggle()
    logging.getLogger("cloudscope.loaders").warning("odd <b>header</b>")
    try:
        raise OSError("no space")
    except OSError:
        logging.getLogger("cloudscope.sidecar").exception("saving failed")
    assert [line.level for line in log.lines("warning")] == ["warning", "error"]
    assert "odd &lt;b&gt;header&lt;/b&gt;" in shown(drawer)
    drawer.level.value = "error"
    assert "odd" not in shown(drawer)
    assert "no space" in shown(drawer)  # its traceback, folded
    drawer.close()
    log.close()


def test_copy_takes_the_lines_of_the_level_chosen() -> None:
    log, copied = SessionLog(), []
    drawer = LogDrawer(log, copy=copied.append)
    drawer.toggle()
    log.add("said", "saved a.tif")
    log.add("error", "b.tif: the file is empty", "cloudscope.loaders")
    drawer.level.value = "error"
    drawer.copy_button.click()
    (line,) = copied[0].splitlines()
    assert line.split("\t")[1:] == ["error", "cloudscope.loaders", "b.tif: the file is empty"]
    drawer.close()
    log.close()


def test_it_is_bounded_and_takes_lines_from_other_threads() -> None:
    log = SessionLog(most=5)

    def add() -> None:
        for number in range(20):
            log.add("said", f"line {number}")

    thread = threading.Thread(target=add)
    thread.start()
    thread.join()
    assert [line.text for line in log.lines()] == [f"line {n}" for n in range(15, 20)]
    log.close()
    logging.getLogger("cloudscope").warning("nobody listens")
    assert len(log.lines()) == 5

"""Judging a folder by keyboard: verdicts, on to the next, notes, progress."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloudscope.widgets.app import App
from tests.widgets.small_app import open_app, press


@pytest.fixture
def app(folder: Path) -> App:
    app = open_app(folder)
    app.show_tab("Review")
    return app


def shown(app: App) -> str:
    assert app.image is not None
    return app.image.name


def test_a_verdict_goes_on_to_the_next_without_one(app: App) -> None:
    panel, images = app.panel("Review"), app.folder.images
    total = len(images)
    assert f"0 of {total} decided" in panel._progress.value
    press(app, "accept")
    assert images[0].accepted is True
    assert shown(app) == images[1].name
    assert f"1 of {total} decided: 1 accepted, 0 rejected" in panel._progress.value
    assert app.status.message == f"{images[0].name}: accepted"
    press(app, "reject")
    assert images[1].accepted is False
    assert images[0].undo() == "accept"  # a step of its own in each
    assert f"1 of {total} decided" not in panel._facts.value


def test_at_the_end_it_stays_and_says_so(app: App) -> None:
    images = app.folder.images
    for image in images[1:]:
        image.accepted = True
    press(app, "accept")
    assert shown(app) == images[0].name
    assert all(image.accepted for image in images)


def test_without_going_on_the_verdict_stays_in_sight(app: App) -> None:
    panel, first = app.panel("Review"), app.folder.images[0]
    panel.onward.value = False
    press(app, "reject")
    assert app.image is first
    assert "rejected" in panel._facts.value
    press(app, "reject")
    assert first.accepted is None
    press(app, "next_to_judge")
    assert app.image is app.folder.images[1]
    panel.back.click()
    assert app.image is first


def test_taking_a_verdict_back_goes_nowhere(app: App) -> None:
    first = app.folder.images[0]
    press(app, "accept")
    app.image = first
    app.undo()
    assert first.accepted is None
    assert app.image is first


def test_a_note_is_kept_with_the_metadata(app: App) -> None:
    panel, first = app.panel("Review"), app.folder.images[0]
    panel.note.control.value = "drifts <b>"
    assert first.experiment.note == "drifts <b>"
    press(app, "next_to_judge")
    assert panel.note.control.value == ""
    app.image = first
    assert panel.note.control.value == "drifts <b>"
    first.undo()
    assert panel.note.control.value == ""


def test_the_order_is_that_of_the_table_as_it_is_sorted(app: App) -> None:
    images = app.folder.images
    order = list(reversed(app.table.order))
    app.table._receive(app.table, {"kind": "order", "ids": order}, [])
    app.image = images[-1]
    press(app, "next_to_judge")
    assert app.image is images[-2]


def test_results_are_summed_up(app: App) -> None:
    image = app.image
    assert image is not None
    assert "Nothing is measured" in app.panel("Review")._facts.value
    image.analyze("radon_velocity")
    assert "velocity median" in app.panel("Review")._facts.value
    image.set_calibration(line_period_s=0.003)
    assert "1 of these results stale" in app.panel("Review")._facts.value


def test_all_that_was_done_is_copied_as_python(app: App) -> None:
    panel, image = app.panel("Review"), app.folder.images[0]
    copied: list[str] = []
    panel._copy = copied.append
    image.add_roi(name="<b>")
    panel.code_one.click()
    assert "image.rois = (" in copied[-1]
    assert 'name="&lt;b&gt;"' not in panel._code.value  # quotes are escaped as well
    assert "&lt;b&gt;" in panel._code.value
    app.folder.images[1].accepted = True
    panel.code_all.click()
    assert copied[-1].count("cs.AcqImage(") >= 2
    assert "lines of Python" in app.status.message
    app.image = app.folder.images[1]
    assert panel._code.value == ""

"""A folder read blind in the app: nothing that is sent to the browser tells which is which."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tifffile
from ipywidgets.widgets import widget

from cloudscope.acq_image import AcqImage
from cloudscope.widgets.app import App
from cloudscope.widgets.viewer_reference import reference_of
from tests.widgets.small_app import press, settled, streaks

NAMES = ("alpha17", "beta18", "gamma19", "delta20")
TELLING = (*NAMES, "placebo", "drugged", "ZebraCohort")


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    """Three recordings in folders named after groups, and a file that cannot be read."""
    where = tmp_path / "ZebraCohort"
    for group, names in {"placebo": NAMES[:2], "drugged": NAMES[2:3]}.items():
        (where / group).mkdir(parents=True)
        for seed, name in enumerate(names):
            path = where / group / f"{name}.tif"
            tifffile.imwrite(
                path,
                streaks(400, seed=seed),
                imagej=True,
                resolution=(2.0, 1000.0),
                metadata={"unit": "um", "finterval": 0.001, "axes": "YX"},
            )
            image = AcqImage(path)
            image.edit_experiment(condition=group)
            image.set_calibration(line_period_s=0.001, pixel_size_um=0.5)
            image.save()
    (where / "drugged" / "delta20.tif").write_bytes(b"II*\x00 not a tiff at all")
    return where


def told(*, but: tuple[str, ...] = ("_esm", "_css")) -> Iterator[tuple[str, str]]:
    """What the browser is told of every widget there is, as text."""

    def plain(value: Any) -> str:
        if isinstance(value, bytes | bytearray | memoryview):
            return bytes(value).decode("latin-1")
        return repr(value)

    for model_id, one in list(widget._instances.items()):
        if model_id in of_others:
            continue
        state = {name: v for name, v in one.get_state().items() if name not in but}
        yield type(one).__name__, json.dumps(state, default=plain, ensure_ascii=False)


def leaks() -> list[str]:
    """Widgets whose state has a name, a folder or a group in it."""
    return [
        f"{name}: {word}"
        for name, state in told()
        for word in TELLING
        if word.casefold() in state.casefold()
    ]


of_others: set[str] = set()
"""Widgets that are not of the page at hand."""


@pytest.fixture(autouse=True)
def another_page() -> None:
    of_others.clear()
    of_others.update(widget._instances)


def start(app: App, seed: int = 3) -> None:
    app.blind.toggle()
    app.blind.reader.control.value = "Ann"
    app.blind.seed.control.value = str(seed)
    app.blind.start_button.click()
    app.blind.hide()


def end(app: App) -> None:
    app.blind.toggle()
    app.blind.reason.control.value = "all are judged"
    app.blind.end_button.click()
    app.blind.sure_button.click()
    app.blind.hide()


def test_before_it_starts_the_scan_finds_names(cohort: Path) -> None:
    App(cohort)
    assert leaks()


def test_nothing_tells_names_from_the_start_to_the_end(cohort: Path) -> None:
    app = App(cohort)
    for title in app.tabs.titles:  # all panels have said names by now
        app.show_tab(title)
    app.image = app.folder.images[-1]
    start(app)
    assert leaks() == []
    for title in app.tabs.titles:
        app.show_tab(title)
    for image in app.folder.images:
        app.image = image
    assert leaks() == []
    app.table.selected = len(app.folder.images)  # the file that cannot be read
    assert leaks() == []
    app.image = app.folder.images[0]
    for action in ("accept", "next", "reject", "undo", "redo", "save", "previous", "log", "help"):
        press(app, action)
        assert leaks() == [], action
    app.panel("ROIs").add()
    app.status.say(f"cannot write {cohort / 'placebo' / 'alpha17.tif.json'}: no space", "bad")
    assert leaks() == []
    press(app, "blind")
    assert leaks() == []


@pytest.mark.parametrize("seed", range(6))
def test_names_go_and_come_back_also_where_the_order_stays(cohort: Path, seed: int) -> None:
    app = App(cohort)
    assert app.table.group_by == "folder"
    start(app, seed)
    assert leaks() == []
    assert app.table.group_by == ""
    end(app)
    assert app.table.group_by == "folder"
    assert {row["name"] for row in app.table.rows} == {f"{name}.tif" for name in NAMES}


def test_codes_stand_in_a_shuffled_order_and_judging_goes_on(cohort: Path) -> None:
    app = App(cohort)
    start(app)
    names = [image.name for image in app.folder]
    assert len(names) == len(set(names)) == 3
    assert all(name.startswith("R-00") for name in names)
    assert app.image.name == names[0]
    app.judge(True)
    press(app, "next")
    assert app.image.name == names[1]
    app.save()
    end(app)
    assert {image.name for image in app.folder} == {f"{name}.tif" for name in NAMES[:3]}
    (accepted,) = [image for image in app.folder if image.accepted]
    assert accepted.blind_code == names[0]
    assert accepted.experiment.condition in ("placebo", "drugged")


def test_a_measurement_uses_the_locked_parameters(cohort: Path) -> None:
    app = App(cohort)
    app.measure.sections["radon_velocity"].form.values = {"window_lines": 32}
    start(app)

    async def measured() -> None:
        await settled(app)
        app.measure.measure("radon_velocity")
        await settled(app)

    asyncio.run(measured())
    section = app.measure.sections["radon_velocity"]
    assert "locked" in section.form.locked.casefold()
    assert all(section.form.field(name).control.disabled for name in section.form.values)
    (result,) = app.image.results.values()
    assert result.parameters["window_lines"] == 32
    assert leaks() == []
    end(app)
    assert not section.form.field("window_lines").control.disabled


def test_what_names_recordings_is_closed_and_says_why(cohort: Path) -> None:
    app = App(cohort)
    start(app)
    for title in ("Metadata", "Pool", "Figure", "Export"):
        app.show_tab(title)
        room = app.panel(title)
        words = " ".join(c.value for c in room.children[1].children)
        assert "closed" in words, title
    copied: list[str] = []
    app.page.copy = copied.append
    app.measure.sections["radon_velocity"].body.copy_button.click()
    app.panel("Review").code_all.click()
    assert copied == []
    assert "read blind" in app.status.message
    assert app.top.open_button.disabled
    end(app)
    app.show_tab("Metadata")
    assert app.panel("Metadata").field("condition").control.value in ("placebo", "drugged")
    assert not app.top.open_button.disabled


def test_a_filter_by_a_hidden_name_finds_nothing_and_is_gone_when_it_starts(cohort: Path) -> None:
    app = App(cohort)
    app.table.filter = "placebo"
    app.table.group_by = "condition"
    start(app)
    assert (app.table.filter, app.table.group_by) == ("", "")
    assert {column["key"] for column in app.table.columns}.isdisjoint(
        {"condition", "folder", "acquired_at", "note", "animal_id"}
    )
    assert len(app.folder.filter("placebo")) == 0


def test_a_folder_read_blind_opens_blind(cohort: Path) -> None:
    first = App(cohort)
    start(first)
    codes = {image.true_name: image.name for image in first.folder}
    first.close()
    of_others.update(widget._instances)
    again = App(cohort)
    assert again.folder.blinded
    assert {image.true_name: image.name for image in again.folder} == codes
    assert again.image is again.folder.images[0]
    assert leaks() == []
    kinds = [entry.kind for entry in again.folder.blinding.log]
    assert kinds == ["started", "closed", "opened"]


def test_a_look_behind_one_code_is_logged_and_forgotten_on_closing(cohort: Path) -> None:
    app = App(cohort)
    start(app)
    code = app.image.name
    app.blind.toggle()
    assert app.blind.code.control.value == code
    app.blind.look_button.click()
    assert app.blind.why.error
    assert leaks() == []
    app.blind.why.control.value = "the vessel is torn"
    app.blind.look_button.click()
    assert leaks()
    app.blind.hide()
    assert leaks() == []
    entry = app.folder.blinding.log[-1]
    assert (entry.kind, entry.code, entry.reason) == ("looked", code, "the vessel is torn")


def test_it_does_not_end_without_a_reason(cohort: Path) -> None:
    app = App(cohort)
    start(app)
    app.blind.toggle()
    app.blind.end_button.click()
    assert app.blind.reason.error
    app.blind.end_surely()
    assert app.folder.blinded
    end_with = app.blind.reason.control
    end_with.value = "done"
    app.blind.end_button.click()
    app.blind.sure_button.click()
    assert not app.folder.blinded
    app.blind.hide()
    app.blind.toggle()
    table = app.folder.blinding.to_dataframe()
    assert set(table["name"]) == {f"{name}.tif" for name in NAMES}


def test_a_wrong_seed_and_a_missing_reader_are_said_at_the_field(cohort: Path) -> None:
    app = App(cohort)
    app.blind.toggle()
    app.blind.seed.control.value = "x"
    app.blind.start_button.click()
    assert "'x'" in app.blind.seed.error
    app.blind.reader.control.value = " "
    app.blind.start_button.click()
    assert app.blind.reader.error
    assert not app.folder.blinded


def test_a_file_that_is_gone_is_said_by_its_code(cohort: Path) -> None:
    app = App(cohort)
    start(app)
    image = app.folder.images[0]
    app.image = None
    assert image.path is not None
    image.path.unlink()
    image.release_pixels()
    said = reference_of(image)["problem"]
    assert image.name in said
    assert not [word for word in TELLING if word.casefold() in said.casefold()]
    app.image = image
    assert app.viewer.problem
    assert leaks() == []

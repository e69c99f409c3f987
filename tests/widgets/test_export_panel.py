"""The Export panel writes what the function writes, and says what became of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cloudscope as cs
from cloudscope.widgets.export_panel import ExportPanel
from cloudscope.widgets.folder_drawer import ROOT_VARIABLE
from cloudscope.widgets.status_line import StatusLine


@pytest.fixture
def copied() -> list[str]:
    return []


@pytest.fixture
def panel(folder: Path, copied: list[str]) -> ExportPanel:
    made = ExportPanel(StatusLine(), copied.append)
    made.folder = cs.AcqImageList.from_folder(folder)
    made.image = made.folder[0]
    return made


def test_this_recording_goes_beside_the_folder(panel: ExportPanel, folder: Path) -> None:
    panel.format.value = "imagej"
    assert panel.target.value == str(folder.with_name("recordings-imagej"))
    panel.export_button.click()
    written = folder.with_name("recordings-imagej") / "scan_0.tif"
    assert np.array_equal(cs.AcqImage(written).frame(), panel.image.frame())
    assert "1 of 1 written" in panel.outcome.value
    assert "scan_0.tif" in panel.outcome.value
    assert panel._status.tone == "ok"


def test_the_whole_folder_or_what_is_accepted(panel: ExportPanel) -> None:
    panel.what.value = "folder"
    assert panel.export_button.description == "Export 4"
    panel.folder[1].accepted = True
    panel.accepted.value = True
    assert [image.name for image in panel.images] == ["scan_1.tif"]
    panel.folder[1].accepted = False
    panel.accepted.value = False
    panel.accepted.value = True
    assert panel.export_button.disabled


def test_selected_rows_of_the_table(folder: Path) -> None:
    from cloudscope.widgets.table import FileTable

    images = cs.AcqImageList.from_folder(folder)
    table = FileTable(images)
    panel = ExportPanel(StatusLine(), print, table)
    panel.folder, panel.image = images, images[0]
    assert "selected" not in [value for _, value in panel.what.options]
    table.selected_images = (images[2], images[0])
    panel.what.value = "selected"
    assert [image.name for image in panel.images] == ["scan_0.tif", "scan_2.tif"]


def test_options_of_the_format_only(panel: ExportPanel) -> None:
    def shown() -> list[str]:
        fields = panel._option_fields.items()
        return [name for name, field in fields if field.layout.display != "none"]

    assert shown() == []
    panel.format.value = "plain"
    assert shown() == ["layout"]
    panel.options["layout"].value = "kymflow"
    assert panel.settings == {"layout": "kymflow"}
    panel.format.value = "nwb"
    assert shown() == ["pixels"]
    assert panel.settings == {}


def test_what_nwb_lacks_is_said_before_anything_is_written(panel: ExportPanel) -> None:
    pytest.importorskip("pynwb")
    panel.format.value = "nwb"
    assert "NWB asks for" in panel._about.value
    panel.export_button.click()
    assert "fill it in under Metadata" in panel.outcome.value
    assert panel._status.tone == "bad"


def test_problems_are_said_file_by_file_in_the_words_of_the_panel(panel: ExportPanel) -> None:
    panel.format.value, panel.what.value = "imagej", "folder"
    panel.export_button.click()
    panel.export_button.click()
    assert panel.outcome.value.count("is there already") == 4
    assert "overwrite=True" not in panel.outcome.value
    panel.overwrite.value = True
    panel.export_button.click()
    assert "4 of 4 written" in panel.outcome.value


def test_names_are_escaped(folder: Path) -> None:
    panel = ExportPanel(StatusLine(), print)
    evil = "<img src=x onerror=alert(1)>"
    panel.folder = cs.AcqImageList([cs.AcqImage.from_array(np.full((60, 9), 2**31), name=evil)])
    panel.image = panel.folder[0]
    panel.format.value = "imagej"
    panel.target.value = str(folder / "out")
    panel.export_button.click()
    assert "cannot hold exactly" in panel.outcome.value
    assert "<img" not in panel.outcome.value


def test_a_folder_outside_the_root_is_refused(
    panel: ExportPanel, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ROOT_VARIABLE, str(folder))
    panel.format.value = "imagej"
    panel.target.value = ""
    panel._show_choice()
    assert panel.target.value == str(folder / "export-imagej")
    for outside in ("/etc", "../elsewhere", str(folder.parent)):
        panel.target.value = outside
        assert "is outside" in panel._target_field.error
        panel.export_button.click()
        assert panel._status.tone == "bad"
    assert [p.name for p in folder.parent.iterdir()] == ["recordings"]


def test_the_picker_chooses_where(panel: ExportPanel, folder: Path) -> None:
    panel.format.value = "imagej"
    panel.choose_button.click()
    (picker,) = panel._picker.children
    (folder.parent / "elsewhere").mkdir()
    picker.folder = folder.parent / "elsewhere"
    picker.open_button.click()
    assert panel.target.value == str(folder.parent / "elsewhere" / "export-imagej")
    assert panel._picker.children == ()
    panel.format.value = "csv"
    assert panel.target.value.endswith("export-imagej")  # what was chosen stays


@pytest.mark.parametrize("what", ["this", "folder"])
def test_copy_as_python_writes_the_same(
    panel: ExportPanel, copied: list[str], what: str, tmp_path: Path
) -> None:
    panel.format.value, panel.what.value = "imagej", what
    panel.export_button.click()
    first = Path(panel.target.value)
    panel.target.value = str(tmp_path / "again")
    panel.copy_button.click()
    names: dict[str, Any] = {}
    exec(copied[0], names)
    made = {p.name: p.read_bytes() for p in (tmp_path / "again").iterdir()}
    assert made == {p.name: p.read_bytes() for p in first.iterdir()}
    assert names["report"].failed == ()
    assert "cs.export_recordings" in panel._code.value


def test_python_for_a_choice_and_for_unsaved_edits(panel: ExportPanel, copied: list[str]) -> None:
    panel.folder[1].accepted = True
    panel.what.value, panel.accepted.value = "folder", True
    panel.format.value = "ome-zarr"
    panel.options["version"].value = "0.4"
    panel.copy_button.click()
    assert copied[0].startswith("import cloudscope as cs\n\n# save first")
    assert 'version="0.4"' in copied[0]


def test_cancelling_keeps_what_is_finished(panel: ExportPanel, folder: Path) -> None:
    async def scene() -> None:
        panel.format.value, panel.what.value = "imagej", "folder"
        panel.export_button.click()
        assert panel.run.running
        assert panel._running.layout.display == ""
        panel.cancel_button.click()
        while panel.run.running:
            await asyncio.sleep(0.005)
        await asyncio.sleep(0)

    asyncio.run(scene())
    assert "cancelled" in panel.outcome.value
    out = folder.with_name("recordings-imagej")
    files = list(out.iterdir()) if out.exists() else []
    assert not [p for p in files if p.name.startswith(".")]


def test_without_a_recording_there_is_nothing_to_do() -> None:
    panel = ExportPanel(StatusLine(), print)
    assert panel.export_button.disabled
    assert panel.images == ()

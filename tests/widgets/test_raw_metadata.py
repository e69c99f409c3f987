"""Browsing everything a file says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tifffile

from cloudscope.acq_image import AcqImage
from cloudscope.widgets.header_form import HeaderForm
from cloudscope.widgets.raw_metadata import MOST_SHOWN, RawMetadata


def recording(path: Path, settings: dict[str, object]) -> AcqImage:
    text = "\r".join(f"state.{key}={value}" for key, value in settings.items())
    pages = np.zeros((40, 8), np.uint16)
    tifffile.imwrite(path, pages, metadata=None, photometric="minisblack", description=text)
    return AcqImage(path)


def test_they_are_read_when_opened_and_narrowed_by_words(tmp_path: Path) -> None:
    many = {f"acq.value{i}": i for i in range(400)}
    image = recording(tmp_path / "a.tif", {"acq.laser": "<b>920 nm</b>", **many})
    panel = RawMetadata(image)
    assert len(panel.children) == 1

    panel.button.click()
    assert f"the first {MOST_SHOWN} here" in panel.children[2].value
    panel.filter.value = "LASER acq"
    shown = panel.children[2].value
    assert "1 entry of" in shown
    assert "&lt;b&gt;920 nm&lt;/b&gt;" in shown
    assert "<b>" not in shown

    panel.filter.value = "nothing like it"
    assert "0 entries of" in panel.children[2].value
    panel.button.click()
    assert len(panel.children) == 1


def test_another_recording_shows_its_own(tmp_path: Path) -> None:
    one = recording(tmp_path / "a.tif", {"acq.first": 1})
    two = recording(tmp_path / "b.tif", {"acq.second": 1})
    panel = RawMetadata(one)
    panel.shown = True
    panel.image = two
    assert "acq.second" in panel.children[2].value
    assert "acq.first" not in panel.children[2].value
    panel.image = None
    assert "0 entries" in panel.children[2].value


def test_settings_of_the_microscope_stand_among_the_facts(tmp_path: Path) -> None:
    image = recording(
        tmp_path / "a.tif", {"acq.zoomFactor": 3.5, "acq.bidirectionalScan": 1, "acq.linescan": 1}
    )
    facts = HeaderForm(image)._facts.value
    assert "Zoom" in facts
    assert "3.5" in facts
    assert "both ways" in facts

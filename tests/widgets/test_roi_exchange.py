"""Copying ROIs to other recordings, and exchanging them with ImageJ, in the ROI panel."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest

from cloudscope import AcqImage, AcqImageList
from cloudscope.widgets.roi_panel import RoiPanel


def recordings(*lines: int) -> list[AcqImage]:
    return [
        AcqImage.from_array(np.zeros((n, 20)), name=f"r{place} <i>.tif")
        for place, n in enumerate(lines)
    ]


@pytest.fixture
def panel() -> RoiPanel:
    images = recordings(100, 100, 60)
    images[0].add_roi(row_start=10, row_stop=90, col_stop=9, name="artery")
    images[0].add_roi(col_start=12)
    images[2].add_roi(col_stop=5)
    panel = RoiPanel()
    panel.folder, panel.image = AcqImageList(images), images[0]
    return panel


def said(panel: RoiPanel) -> str:
    return str(panel.exchange._said.value)


def test_nothing_is_made_before_it_is_asked_for(panel: RoiPanel) -> None:
    assert panel._room.children == ()
    panel.more_button.value = True
    assert panel._room.children == (panel.exchange,)
    panel.more_button.value = False
    assert panel.exchange.layout.display == "none"


def test_copy_to_all_and_take_it_back(panel: RoiPanel) -> None:
    first, second, third = panel.folder.images
    panel.exchange.copy_button.click()
    assert [roi.bounds for roi in second.rois] == [roi.bounds for roi in first.rois]
    assert len(third.rois) == 3
    assert "4 ROIs added to 2 recordings" in said(panel)
    assert "r2 &lt;i&gt;.tif: artery: (10, 90, 0, 9) became (0, 60, 0, 9)" in said(panel)
    third.accepted = True
    panel.exchange.back_button.click()
    assert second.rois == ()
    assert len(third.rois) == 3
    assert "was edited since" in said(panel)


def test_copy_the_selected_one_where_there_is_none(panel: RoiPanel) -> None:
    exchange = panel.exchange
    exchange.which.value, exchange.to.value, exchange.time.value = "selected", "bare", "whole"
    exchange.copy_button.click()
    assert "Select a ROI first" in said(panel)
    panel.selected_roi_id = 1
    exchange.copy_button.click()
    _, second, third = panel.folder.images
    assert [roi.bounds for roi in second.rois] == [(0, 100, 0, 9)]
    assert len(third.rois) == 1
    exchange.to.value = "next"
    assert exchange.targets() == (second,)
    panel.image = third
    assert exchange.targets() == ()
    exchange.which.value = "all"
    exchange.copy_button.click()
    assert "there is none to copy to" in said(panel)


def test_a_single_recording_has_nowhere_to_copy_to() -> None:
    panel = RoiPanel(recordings(10)[0])
    assert panel.exchange.copy_button.disabled


def saved(panel: RoiPanel) -> tuple[str, bytes]:
    panel.exchange.export_button.click()
    link = re.search(r'download="([^"]+)" href="data:application/zip;base64,([^"]+)"', said(panel))
    assert link is not None
    return link[1], base64.b64decode(unquote(link[2]))


def test_what_is_exported_is_imported_again(panel: RoiPanel, tmp_path: Path) -> None:
    name, data = saved(panel)
    assert name == "r0 &lt;i&gt;.tif.rois.zip"
    panel.image = panel.folder.images[1]
    uploaded: Any = {"name": "my <rois>.zip", "content": memoryview(data)}
    panel.exchange._uploaded((uploaded,))
    assert panel.image.rois == panel.folder.images[0].rois
    assert "2 ROIs added from my &lt;rois&gt;.zip" in said(panel)
    panel.exchange.take_file("bad<b>.zip", b"no")
    assert "bad&lt;b&gt;.zip: these are no ROIs of ImageJ" in said(panel)
    assert str(tmp_path.anchor + "tmp") not in said(panel)


def test_nothing_to_export_is_said(panel: RoiPanel) -> None:
    panel.image = panel.folder.images[1]
    panel.exchange.export_button.click()
    assert "has no ROI to export" in said(panel)

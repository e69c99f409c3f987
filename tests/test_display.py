"""How a recording is shown is remembered with it, in step between viewers, and undone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import cloudscope as cs
from cloudscope import edits
from cloudscope.display import ChannelDisplay
from cloudscope.errors import ParameterError

from .cli.conftest import write_recording


@pytest.fixture
def image() -> cs.AcqImage:
    """Two channels in memory."""
    rng = np.random.default_rng(3)
    return cs.AcqImage.from_array(
        rng.integers(0, 900, (2, 300, 20)), line_period_s=1e-3, pixel_size_um=0.5
    )


def test_viewers_of_one_recording_show_it_alike_and_each_channel_its_own_way(
    image: cs.AcqImage,
) -> None:
    first, second = cs.KymographViewer(image), cs.KymographViewer(image)
    first.contrast = (100.0, 400.0)
    first.lut = "magma"
    assert (second.contrast, second.lut) == ((100.0, 400.0), "magma")
    second.channel = 1
    assert second.contrast is None
    second.gamma = 0.5
    assert image.display == {
        0: ChannelDisplay("magma", (100.0, 400.0)),
        1: ChannelDisplay("magma", None, 0.5),
    }
    second.channel = 0
    assert (second.contrast, second.gamma) == ((100.0, 400.0), 1.0)


def test_looking_and_making_a_viewer_are_no_edits(image: cs.AcqImage) -> None:
    viewer = cs.KymographViewer(image, lut="viridis", contrast=(1.0, 2.0))
    assert (viewer.lut, viewer.contrast) == ("viridis", (1.0, 2.0))
    viewer.channel = 1
    viewer.image = None
    assert not image.dirty
    assert image.undo_label is None


def test_a_drag_of_the_contrast_is_one_step_of_undo(
    image: cs.AcqImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = iter(range(100))
    monkeypatch.setattr(edits.time, "monotonic", lambda: 0.1 * next(now))
    viewer = cs.KymographViewer(image)
    for high in range(300, 400, 10):
        viewer.contrast = (0.0, float(high))
    assert image.undo() == "change colours or contrast"
    assert viewer.contrast is None
    assert image.undo_label is None
    assert image.redo() == "change colours or contrast"
    assert viewer.contrast == (0.0, 390.0)


def test_edits_between_keep_steps_apart(image: cs.AcqImage) -> None:
    viewer = cs.KymographViewer(image)
    viewer.gamma = 0.5
    image.add_roi()
    viewer.gamma = 0.7
    assert [image.undo() for _ in range(3)] == [
        "change colours or contrast", "add ROI 1", "change colours or contrast",
    ]  # fmt: skip


def test_channels_together_keep_colours_of_their_own(image: cs.AcqImage) -> None:
    first, second = cs.KymographViewer(image), cs.KymographViewer(image)
    first.composite = True
    assert second.composite
    assert [one["color"] for one in first._layers] == ["green", "magenta"]
    first.show_channel(1, visible=False, color="#00ff80")
    assert [one["visible"] for one in second._layers] == [True, False]
    assert "key" not in second._layers[1]  # its pixels are not to be asked for
    second.channel = 1
    second.contrast = (5.0, 50.0)
    assert first._layers[1]["contrast"] == [5.0, 50.0]
    assert image.display[1] == ChannelDisplay(
        contrast=(5.0, 50.0), color="#00ff80", visible=False, composite=True
    )
    with pytest.raises(ParameterError, match="color='greenish'"):
        first.show_channel(0, color="greenish")
    with pytest.raises(KeyError, match="no channel 2"):
        first.show_channel(2, visible=True)


def test_switching_channels_is_a_step_each_however_fast(image: cs.AcqImage) -> None:
    viewer = cs.KymographViewer(image)
    viewer.composite = True
    viewer.show_channel(1, visible=False)
    viewer.contrast = (0.0, 10.0)
    viewer.contrast = (0.0, 20.0)
    image.undo()
    assert (viewer.contrast, viewer.look_of(1).visible) == (None, False)
    image.undo()
    assert (viewer.composite, viewer.look_of(1).visible) == (True, True)
    image.undo()
    assert not viewer.composite
    assert viewer._layers == []


def test_a_recording_is_opened_as_it_was_seen(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "scan.tif", np.zeros((300, 20), dtype="u2"))
    image = cs.AcqImage(path)
    image.display = {0: ChannelDisplay(automatic="view", color="cyan", composite=True)}
    image.save()
    assert cs.AcqImage(path).display == image.display
    viewer = cs.KymographViewer(cs.AcqImage(path))
    assert (viewer.composite, viewer.automatic) == (True, "view")


def test_it_is_saved_beside_the_recording_and_changes_no_result(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    path = write_recording(tmp_path / "scan.tif", rng.integers(0, 900, (300, 20), dtype="u2"))
    image = cs.AcqImage(path)
    result = image.analyze("diameter")
    viewer = cs.KymographViewer(image)
    viewer.lut, viewer.contrast = "cividis", (50.0, 700.0)
    assert image.stale_reason(result) is None
    image.save()
    again = cs.KymographViewer(cs.AcqImage(path))
    assert (again.lut, again.contrast) == ("cividis", (50.0, 700.0))
    sidecar = path.with_name("scan.tif.json")
    raw = json.loads(sidecar.read_text())
    raw["display"]["0"]["contrast"] = "bright"
    raw["display"]["0"]["later"] = 7
    sidecar.write_text(json.dumps(raw))
    opened = cs.AcqImage(path)
    assert any("display of channel 0" in problem for problem in opened.problems)
    assert cs.KymographViewer(opened).lut == "gray"
    opened.accepted = True
    opened.save()
    assert json.loads(sidecar.read_text())["display"]["0"]["later"] == 7


@pytest.mark.parametrize(
    "wrong",
    [
        {"gamma": 0},
        {"contrast": (1.0,)},
        {"contrast": (0, float("nan"))},
        {"lut": 3},
        {"automatic": "often"},
        {"color": "#12"},
        {"visible": 1},
    ],
)
def test_what_cannot_be_shown_is_refused(wrong: dict) -> None:
    with pytest.raises(ParameterError, match=next(iter(wrong))):
        ChannelDisplay(**wrong)

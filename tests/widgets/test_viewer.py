"""The Python half of the viewer, driven as the browser drives it: by messages and traits."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from traitlets import TraitError

from cloudscope import AcqImage, KymographViewer
from cloudscope.widgets.colormaps import COLORMAPS, colormap_table


@pytest.fixture
def image() -> AcqImage:
    pixels = np.arange(2 * 3000 * 38, dtype=np.uint16).reshape(2, 3000, 38)
    return AcqImage.from_array(pixels, line_period_s=0.001, pixel_size_um=0.5, name="scan.tif")


class Browser:
    """Stands in for the page: sends messages and keeps what comes back."""

    def __init__(self, viewer: KymographViewer) -> None:
        self.viewer = viewer
        self.answers: list[tuple[dict[str, Any], list[bytes]]] = []
        viewer.send = self._receive  # type: ignore[method-assign]

    def _receive(self, content: dict[str, Any], buffers: Any = None) -> None:
        self.answers.append((content, [bytes(b) for b in buffers or ()]))

    def ask(self, **message: Any) -> dict[str, Any]:
        self.viewer._handle_custom_msg({"request": "r1", **message}, [])
        return self.answers[-1][0]

    @property
    def key(self) -> int:
        return int(self.viewer._plane["key"])


def test_a_tile_carries_the_very_pixels(image: AcqImage) -> None:
    browser = Browser(KymographViewer(image))
    done = browser.ask(kind="tiles", key=browser.key, tiles=[[0, 0, 1, 0], [1, 0, 0, 0]])
    assert done == {"kind": "done", "request": "r1"}
    (content, buffers), (coarse, _), _ = browser.answers
    assert content["shape"] == [952, 38]
    pixels = np.frombuffer(buffers[0], content["dtype"]).reshape(content["shape"])
    np.testing.assert_array_equal(pixels, image.kymograph()[2048:])
    assert coarse["shape"] == [750, 38]


def test_tiles_of_a_plane_no_longer_shown_are_not_sent(image: AcqImage) -> None:
    browser = Browser(KymographViewer(image))
    old = browser.key
    browser.viewer.channel = 1
    browser.ask(kind="tiles", key=old, tiles=[[0, 0, 0, 0]])
    assert [content["kind"] for content, _ in browser.answers] == ["done"]


def test_nothing_large_is_in_the_synchronised_state() -> None:
    pixels = np.zeros((100_000, 512), np.uint16)
    viewer = KymographViewer(AcqImage.from_array(pixels))
    state = {name: value for name, value in viewer.get_state().items() if name != "_esm"}
    assert len(repr(state)) < 10_000
    assert not any(isinstance(value, bytes | memoryview) for value in state.values())


def test_the_intensity_under_the_pointer_is_exact(image: AcqImage) -> None:
    browser = Browser(KymographViewer(image, channel=1))
    done = browser.ask(kind="probe", key=browser.key, row=2999, col=37)
    assert done["value"] == image.kymograph(1)[2999, 37]


def test_edits_of_the_browser_are_edits_of_the_image(image: AcqImage) -> None:
    browser = Browser(KymographViewer(image))
    done = browser.ask(
        kind="edit",
        action="add",
        changes={"row_start": 10, "row_stop": 500, "col_start": 2, "col_stop": 30},
    )
    assert done["kind"] == "done"
    assert browser.viewer.selected_roi_id == done["roi_id"] == 1
    browser.ask(kind="edit", action="change", roi_id=1, changes={"row_stop": 400, "name": "a"})
    assert (image.rois[0].bounds, image.rois[0].name) == ((10, 400, 2, 30), "a")
    assert browser.viewer._rois == [image.rois[0].to_dict()]
    browser.ask(kind="edit", action="delete", roi_id=1)
    assert image.rois == ()
    assert browser.viewer.selected_roi_id is None
    assert browser.ask(kind="history", action="undo")["text"] == "Undone: delete ROI 1."
    assert image.rois[0].name == "a"
    assert browser.ask(kind="history", action="redo")["text"] == "Redone: delete ROI 1."
    assert browser.ask(kind="history", action="redo")["text"] == "There is nothing to redo."


def test_what_the_model_refuses_is_said_and_changes_nothing(image: AcqImage) -> None:
    browser = Browser(KymographViewer(image))
    roi = image.add_roi(name="wall")
    image.edit_roi(roi.roi_id, locked=True)
    for message in (
        {"action": "change", "roi_id": 1, "changes": {"row_stop": 9}},
        {"action": "delete", "roi_id": 1},
        {"action": "delete", "roi_id": 7},
        {"action": "add", "changes": {"row_start": 50, "row_stop": 50}},
    ):
        answer = browser.ask(kind="edit", **message)
        assert answer["kind"] == "refused"
        assert answer["text"]
    assert len(image.rois) == 1
    assert "locked" in browser.answers[0][0]["text"]
    browser.ask(kind="edit", action="change", roi_id=1, changes={"locked": False})
    assert not image.rois[0].locked


def test_python_edits_reach_the_browser(image: AcqImage) -> None:
    viewer = KymographViewer(image)
    image.add_roi(col_start=4, col_stop=20, name="artery")
    assert viewer._rois[0]["name"] == "artery"
    assert viewer._undo == ["add ROI 1", None]
    image.undo()
    assert viewer._rois == []


def test_ranges_are_kept_within_the_recording(image: AcqImage) -> None:
    viewer = KymographViewer(image)
    assert viewer.time_range == (0, 3)
    viewer.time_range = (2.0, 1.0)
    assert viewer.time_range == (1, 2)
    viewer.time_range = (-5, 99)
    assert viewer.time_range == (0, 3)
    viewer.time_range = (1.5, 1.5)
    start, stop = viewer.time_range
    assert stop - start == pytest.approx(0.001)
    viewer.position_range = (3, 400)
    assert viewer.position_range == (3, 19)


def test_show_roi_and_fit(image: AcqImage) -> None:
    viewer = KymographViewer(image)
    roi = image.add_roi(row_start=1000, row_stop=2000, col_start=10, col_stop=20)
    viewer.show_roi(roi.roi_id)
    assert viewer.selected_roi_id == roi.roi_id
    assert viewer.time_range == pytest.approx((0.95, 2.05))
    assert viewer.position_range == pytest.approx((4.75, 10.25))
    viewer.fit()
    assert viewer.time_range == (0, 3)
    with pytest.raises(KeyError, match="no ROI 9"):
        viewer.show_roi(9)


def test_a_new_scale_keeps_the_same_lines_in_view(image: AcqImage) -> None:
    viewer = KymographViewer(image)
    viewer.time_range = (1, 2)
    image.set_calibration(line_period_s=0.01)
    assert viewer.time_range == pytest.approx((10, 20))
    assert viewer._plane["rows"]["unit"] == "s"


def test_without_a_scale_the_axes_say_lines_and_px() -> None:
    viewer = KymographViewer(AcqImage.from_array(np.zeros((50, 8))))
    assert (viewer._plane["rows"]["unit"], viewer._plane["cols"]["unit"]) == ("lines", "px")
    assert (viewer.time_range, viewer.position_range) == ((0, 50), (0, 8))


def test_swapping_the_time_axis_shows_the_other_picture(image: AcqImage) -> None:
    viewer = KymographViewer(image)
    key = viewer._plane["key"]
    image.add_roi(row_stop=30, col_stop=8)
    image.swap_time_axis()
    assert (viewer._plane["lines"], viewer._plane["pixels"]) == (38, 3000)
    assert viewer._plane["key"] != key
    assert viewer._rois[0]["col_stop"] == 30


def test_each_channel_keeps_its_contrast(image: AcqImage) -> None:
    viewer = KymographViewer(image, contrast=(5, 50))
    assert viewer.contrast == (5, 50)
    viewer.channel = 1
    assert viewer.contrast is None
    viewer.contrast = (7, 70)
    viewer.channel = 0
    assert viewer.contrast == (5, 50)
    with pytest.raises(TraitError, match="no channel 2; it has 2"):
        viewer.channel = 2


def test_another_image_and_none_are_shown_in_place(image: AcqImage) -> None:
    viewer = KymographViewer(image, channel=1)
    image.add_roi()
    viewer.selected_roi_id = 1
    viewer.time_range = (1, 2)
    other = AcqImage.from_array(np.ones((10, 4)), name="other")
    viewer.image = other
    assert (viewer.channel, viewer.selected_roi_id) == (0, None)
    assert viewer.time_range == (0, 10)
    assert viewer._plane["name"] == "other"
    image.add_roi()  # no longer followed
    assert viewer._rois == []
    viewer.image = None
    assert "lines" not in viewer._plane
    answer = Browser(viewer).ask(kind="edit", action="add", changes={})
    assert answer["kind"] == "refused"


def test_a_closed_viewer_lets_go_of_the_image(image: AcqImage) -> None:
    viewer = KymographViewer(image)
    viewer.close()
    image.add_roi()
    assert viewer._rois == []


def test_pixels_that_cannot_be_read_are_a_sentence_in_the_view(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tifffile

    path = tmp_path / "gone.tif"
    tifffile.imwrite(path, np.zeros((40, 10), np.uint16))
    broken = AcqImage(path)
    path.unlink()
    viewer = KymographViewer(broken)
    assert "gone.tif" in viewer.problem
    assert "row_levels" not in viewer._plane
    assert "image/png" not in viewer._repr_mimebundle_()[0]


def test_a_misspelt_trait_is_refused(image: AcqImage) -> None:
    with pytest.raises(TypeError, match="colour_map"):
        KymographViewer(image, colour_map="viridis")


def test_a_static_page_gets_a_small_picture_and_a_stable_text(image: AcqImage) -> None:
    viewer = KymographViewer(image)
    data, _ = viewer._repr_mimebundle_()
    assert data["text/plain"] == repr(viewer) == "KymographViewer(scan.tif, 3000 x 38)"
    png = base64.b64decode(data["image/png"])
    assert len(png) < 60_000
    assert "application/vnd.jupyter.widget-view+json" in data


def test_the_thumbnail_shows_time_to_the_right_and_position_upwards() -> None:
    from io import BytesIO

    from PIL import Image

    pixels = np.zeros((900, 20), np.uint8)
    pixels[450:, :] = 200
    pixels[:, 15:] = 200
    image = AcqImage.from_array(pixels)
    viewer = KymographViewer(image, contrast=(0, 200), lut="green")
    picture = np.asarray(Image.open(BytesIO(viewer.thumbnail())).convert("RGB"))
    assert picture.shape == (128, 450, 3)
    assert picture[100, 100].tolist() == [0, 0, 0]
    assert picture[100, 400].tolist() == [0, 255, 0]
    assert picture[5, 100].tolist() == [0, 255, 0]
    image.add_roi(row_start=100, row_stop=300, col_start=2, col_stop=10)
    outlined = np.asarray(Image.open(BytesIO(viewer.thumbnail())).convert("RGB"))
    assert outlined[80, 50].tolist() == [255, 176, 0]


def test_decorating_never_reads_the_whole_image(image: AcqImage) -> None:
    browser = Browser(KymographViewer(image))
    reads: list[Any] = []
    image.frame = lambda *a, **k: reads.append(a)  # type: ignore[method-assign]
    image.add_roi(col_stop=9)
    image.edit_roi(1, name="x")
    browser.viewer.time_range = (1, 2)
    browser.viewer.lut = "magma"
    browser.viewer.contrast = (0, 9)
    browser.viewer.cursor_s = 1.5
    assert reads == []


@pytest.mark.parametrize("name", COLORMAPS)
def test_every_colour_map_runs_from_one_end_to_the_other(name: str) -> None:
    table = colormap_table(name)
    assert table.shape == (256, 3)
    brightness = table.astype(float) @ (0.2126, 0.7152, 0.0722)
    assert (brightness[-1] < brightness[0]) == name.startswith("inverted")
    assert abs(brightness[-1] - brightness[0]) > 15


def test_colour_maps_agree_with_their_source() -> None:
    matplotlib = pytest.importorskip("matplotlib")
    for name in ("viridis", "magma", "inferno", "cividis"):
        expected = matplotlib.colormaps[name](np.arange(256), bytes=True)[:, :3]
        assert np.abs(colormap_table(name).astype(int) - expected).max() <= 1

"""Figures to publish: what is drawn, in which units, and what the files hold."""

from __future__ import annotations

import base64
import io
import re
import zlib
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import tifffile

from cloudscope.acq_image import AcqImage
from cloudscope.display import ChannelDisplay
from cloudscope.errors import ExportError, ParameterError, UnknownNameError

pytest.importorskip("matplotlib", reason="figures need the extra 'figures'")

from cloudscope.figures import figure_data, figure_of, pool_figure, save_figure, write_figure_data
from cloudscope.figures.pixels import COLOR_MAPS, colors_of
from cloudscope.widgets.colormaps import COLORMAPS, colormap_table
from tests.made_results import diameter_result, velocity_result

SVG = "{http://www.w3.org/2000/svg}"


def recording(lines: int = 400, pixels: int = 20) -> AcqImage:
    rng = np.random.default_rng(0)
    image = AcqImage.from_array(
        rng.integers(0, 1000, (lines, pixels)).astype(np.uint16),
        name="scan",
        line_period_s=1e-3,
        pixel_size_um=0.5,
    )
    velocity = velocity_result(
        500 + 50 * np.sin(np.arange(20)),
        5.0,
        status=["ok"] * 15 + ["low signal"] * 5,
        first_row=None,
    )
    image.store(velocity.bound_to(bounds=(0, lines, 0, pixels), channel=0, roi_id=0))
    return image


def test_time_runs_in_seconds_and_positions_in_micrometres() -> None:
    figure = figure_of(recording(), time_range=(0.1, 0.3), position_range=(2.0, 8.0))
    picture, trace = figure.axes
    assert picture.get_ylabel() == "position (µm)"
    assert trace.get_xlabel() == "time (s)"
    np.testing.assert_allclose(picture.get_xlim(), (0.1, 0.3))
    np.testing.assert_allclose(picture.get_ylim(), (2.0, 8.0))
    np.testing.assert_allclose(trace.get_xlim(), (0.1, 0.3))
    assert picture.get_images()[0].get_array().shape == (12, 200, 3)


def test_lines_and_pixels_where_scales_are_not_known() -> None:
    image = AcqImage.from_array(np.zeros((50, 8)))
    figure = figure_of(image)
    assert figure.axes[0].get_ylabel() == "position (px)"
    assert figure.axes[0].get_xlabel() == "lines"
    assert figure.axes[0].get_xlim() == (0.0, 50.0)


def test_what_is_drawn_is_what_was_measured() -> None:
    image = recording()
    table = figure_data(image, quality_cutoff=0.0)
    trace = figure_of(image).axes[1]
    line, _, aside = trace.get_lines()
    drawn = table[table["accepted"]]
    known = np.isfinite(line.get_ydata())
    assert np.array_equal(line.get_xdata()[known], drawn["time_s"])
    assert np.array_equal(line.get_ydata()[known], drawn["value"])
    assert np.array_equal(aside.get_xdata(), table[~table["accepted"]]["time_s"])
    result = image.result("radon_velocity")
    assert result is not None
    assert np.array_equal(table["value"], result.columns["velocity_um_per_s"])
    assert set(table["unit"]) == {"µm/s"}


def test_titles_beside_long_numbers_are_whole_and_in_one_line() -> None:
    image = recording()
    fast = velocity_result(-12000 + 500 * np.sin(np.arange(20)), 5.0, first_row=None)
    image.store(fast.bound_to(bounds=(0, 400, 0, 20), channel=0, roi_id=0))
    figure = figure_of(image)
    figure.draw_without_rendering()
    titles = [axes.yaxis.label.get_window_extent() for axes in figure.axes]
    numbers = [n.get_window_extent() for n in figure.axes[1].get_yticklabels() if n.get_text()]
    assert all(title.x0 >= 0 for title in titles)
    assert titles[0].x1 == pytest.approx(titles[1].x1, abs=1)
    assert titles[1].x1 < min(box.x0 for box in numbers)
    assert len({axes.get_position().x0 for axes in figure.axes}) == 1


def test_walls_and_rois_lie_where_they_were_found() -> None:
    image = recording()
    roi = image.add_roi(row_start=0, row_stop=400, col_start=4, col_stop=16, name="artery")
    result = diameter_result([5.0] * 400)
    columns = {**result.columns, "left_um": np.full(400, 1.0), "right_um": np.full(400, 6.0)}
    result = result.with_numbers(columns=columns, summary=dict(result.summary))
    image.store(
        result.bound_to(bounds=(0, 400, 4, 16), channel=0, roi_id=roi.roi_id, time_axis="rows")
    )
    table = figure_data(image, roi_id=roi.roi_id)
    walls = table[table["drawn_as"] == "wall"]
    assert set(walls["value"]) == {3.0, 8.0}  # the ROI begins at 2 µm
    picture = figure_of(image, roi_id=roi.roi_id).axes[0]
    assert picture.patches[0].get_bbox().bounds == (0.0, 2.0, pytest.approx(0.4), 6.0)
    assert any(roi.title in text.get_text() for text in picture.texts)
    assert not figure_of(image, show_rois=False).axes[0].texts


def test_colours_are_those_of_the_viewer() -> None:
    assert set(COLOR_MAPS) == set(COLORMAPS)
    ramp = np.arange(256, dtype=np.uint8)[None]
    image = AcqImage.from_array(ramp)
    for lut in COLORMAPS:
        looks = {0: ChannelDisplay(lut=lut, contrast=(0, 255))}
        colors = colors_of(image, looks, (0, 1, 0, 256), 0, together=False)
        off = np.abs(colors[0].astype(int) - colormap_table(lut).astype(int))
        assert off.max() <= 1, lut


def test_gamma_and_channels_together() -> None:
    image = AcqImage.from_array(np.stack([np.full((4, 4), 25.0), np.full((4, 4), 100.0)]))
    looks = {
        0: ChannelDisplay(contrast=(0, 100), gamma=0.5, color="green"),
        1: ChannelDisplay(contrast=(0, 100), color="magenta"),
    }
    both = figure_of(image, display=looks, composite=True).axes[0].get_images()[0].get_array()
    assert both[0, 0].tolist() == [255, 128, 255]
    one = figure_of(image, display=looks, composite=False).axes[0].get_images()[0].get_array()
    assert one[0, 0].tolist() == [128, 128, 128]


def test_svg_has_text_as_text_and_pixels_as_they_are(tmp_path: Path) -> None:
    path = save_figure(figure_of(recording()), tmp_path / "a.svg")
    root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    words = {"".join(text.itertext()) for text in root.iter(f"{SVG}text")}
    assert {"position (µm)", "time (s)", "Velocity (µm/s)"} <= words
    pictures = list(root.iter(f"{SVG}image"))
    assert len(pictures) == 1
    link = pictures[0].get("{http://www.w3.org/1999/xlink}href") or ""
    from PIL import Image

    embedded = Image.open(io.BytesIO(base64.b64decode(link.partition(",")[2])))
    assert embedded.size == (400, 20)
    assert "dc:date" not in path.read_text(encoding="utf-8")


def test_pdf_has_its_typeface_and_pixels_as_they_are(tmp_path: Path) -> None:
    path = save_figure(figure_of(recording()), tmp_path / "a.pdf")
    data = path.read_bytes()
    assert b"/FontFile2" in data  # TrueType, embedded
    assert b"/Type3" not in data
    assert b"/CreationDate" not in data
    assert re.search(rb"/Width 400\b", data)
    assert re.search(rb"/Height 20\b", data)
    contents = [_inflated(part) for part in data.split(b"stream\n")[1:]]
    assert any(b"Tj" in content or b"TJ" in content for content in contents)


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data)
    except zlib.error:
        return b""


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_the_same_figure_gives_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    one = save_figure(figure_of(recording()), tmp_path / f"one.{suffix}")
    other = save_figure(figure_of(recording()), tmp_path / f"other.{suffix}")
    assert one.read_bytes() == other.read_bytes()


def test_a_png_has_the_size_and_resolution_asked_for(tmp_path: Path) -> None:
    from PIL import Image

    figure = figure_of(recording(), width_mm=127.0)
    with Image.open(save_figure(figure, tmp_path / "a.png", dpi=200)) as picture:
        assert picture.width == 1000
        assert round(picture.info["dpi"][0]) == 200


def test_a_png_of_many_lines_shows_their_mean_not_one_of_many(tmp_path: Path) -> None:
    from PIL import Image

    lines = np.zeros((20_000, 10), np.uint8)
    lines[::2] = 200
    image = AcqImage.from_array(lines, line_period_s=1e-3, pixel_size_um=1.0)
    figure = figure_of(image, display={0: ChannelDisplay(contrast=(0, 200))}, width_mm=80)
    with Image.open(save_figure(figure, tmp_path / "a.png", dpi=150)) as picture:
        gray = np.asarray(picture.convert("L"))
    box = figure.axes[0].get_position()
    middle = gray[
        int(gray.shape[0] * (1 - box.y0 - box.height / 2)),
        int(gray.shape[1] * (box.x0 + 0.2)) : int(gray.shape[1] * (box.x0 + 0.5)),
    ]
    assert np.ptp(middle.astype(int)) < 60
    assert abs(middle.mean() - 127) < 15


def test_bars_have_round_lengths_and_no_numbers_beside() -> None:
    figure = figure_of(recording(), scale="bars")
    words = [text.get_text() for text in figure.axes[0].texts]
    assert "0.05 s" in words
    assert "2 µm" in words
    assert figure.axes[-1].get_xlabel() == ""


def test_a_frame_keeps_its_proportions_and_has_no_traces(tmp_path: Path) -> None:
    tifffile.imwrite(
        tmp_path / "frames.tif",
        np.zeros((5, 30, 60), np.uint8),
        imagej=True,
        resolution=(2.0, 2.0),
        metadata={"axes": "TYX", "unit": "um"},
    )
    image = AcqImage(tmp_path / "frames.tif")
    figure = figure_of(image, width_mm=98, frame=3)
    (axes,) = figure.axes
    box = axes.get_position()
    assert box.width * 98 == pytest.approx(80)
    assert box.height * figure.get_figheight() * 25.4 == pytest.approx(40)
    assert axes.get_ylim() == (15.0, 0.0)  # rows run downwards


def test_pyplot_knows_nothing_of_a_figure() -> None:
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    figure_of(recording())
    assert plt.get_fignums() == before


def test_files_are_never_written_over_unasked(tmp_path: Path) -> None:
    figure = figure_of(recording())
    path = save_figure(figure, tmp_path / "a.png")
    with pytest.raises(ExportError, match="is there already"):
        save_figure(figure, path)
    save_figure(figure, path, overwrite=True)
    with pytest.raises(ExportError, match="ends in"):
        save_figure(figure, tmp_path / "a.jpg")


def test_csv_is_what_was_drawn_to_the_last_digit(tmp_path: Path) -> None:
    table = figure_data(recording())
    path = write_figure_data(table, tmp_path / "a.csv")
    back = pd.read_csv(path, encoding="utf-8-sig")
    assert back["value"].tolist() == table["value"].tolist()
    assert list(back.columns) == list(table.columns)


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"channel": 3}, UnknownNameError, "no channel 3"),
        ({"roi_id": 4}, UnknownNameError, "4"),
        ({"analyses": ["diameter"]}, UnknownNameError, "no diameter result"),
        ({"analyses": ["coupling"]}, ParameterError, "no course over time"),
        ({"time_range": (3.0, 4.0)}, ParameterError, "lies outside"),
        ({"time_range": (1.0, 0.0)}, ParameterError, "the lower first"),
        ({"theme": "sepia"}, ParameterError, "theme='sepia'"),
        ({"dpi": 1}, ParameterError, "dpi=1"),
        ({"width_mm": 5}, ParameterError, "width_mm=5"),
        ({"scale": "ruler"}, ParameterError, "scale='ruler'"),
    ],
)
def test_wrong_arguments_are_sentences(
    wrong: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=re.escape(message)):
        figure_of(recording(), **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["swarm", "box", "violin", "scatter", "histogram", "cumulative"])
def test_every_plot_of_a_pool_is_a_figure(kind: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    table = pd.DataFrame({"condition": ["a", "b"] * 20, "value": rng.normal(5, 1, 40)})
    table.attrs["value"] = "velocity_um_per_s"
    figure = pool_figure(table, kind, group_by="condition", theme="dark")  # type: ignore[arg-type]
    axes = figure.axes[0]
    titles = {axes.get_xlabel(), axes.get_ylabel()}
    assert "velocity (µm/s)" in titles
    text = save_figure(figure, tmp_path / "a.svg").read_text(encoding="utf-8")
    assert ">a<" in text
    assert ">b<" in text
    assert "<image" not in text

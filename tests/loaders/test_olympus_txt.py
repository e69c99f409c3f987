"""The Olympus text header beside a TIFF."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cloudscope import loaders

Write = Callable[..., Path]
Ramp = Callable[..., NDArray[Any]]
Text = Callable[..., str]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1"])
def test_values_are_exact_in_every_encoding(
    write: Write, ramp: Ramp, olympus_text: Text, encoding: str
) -> None:
    path = write(ramp((600, 38)))
    text = olympus_text().replace("[um]", "[µm]")
    path.with_suffix(".txt").write_bytes(text.encode(encoding))

    header = loaders.read_header(path)

    assert header.line_period_s == 0.00117
    assert header.pixel_size_um == pytest.approx(10.796 / 38, rel=1e-15)
    assert header.line_period_source == "a.txt [Image] Image Size(Unit Converted)"
    assert header.acquired_at == "2022-11-02T12:30:15.461"
    assert header.channel_names == ("FITC",)
    assert header.bit_depth == 12
    assert (header.time_axis, header.time_axis_source) == ("rows", "file")
    assert header.row_size_um is None
    assert header.warnings == ()
    assert header.raw["Olympus text/Reference Image/Image Size"] == "512 * 512 [pixel]"


def test_upper_case_suffix(write: Write, ramp: Ramp, olympus_text: Text) -> None:
    path = write(ramp((600, 38)))
    path.with_suffix(".TXT").write_text(olympus_text())

    assert loaders.read_header(path).line_period_s == 0.00117


def test_rounded_pixel_size_where_there_is_no_length(
    write: Write, ramp: Ramp, olympus_text: Text
) -> None:
    path = write(ramp((600, 38)))
    lines = olympus_text().splitlines(keepends=True)
    kept = [line for line in lines if "Unit Converted" not in line]
    path.with_suffix(".txt").write_text("".join(kept), newline="")

    header = loaders.read_header(path)

    assert header.pixel_size_um == 0.284
    assert header.pixel_size_source == "a.txt [Dimensions] X Dimension (rounded)"
    assert header.line_period_s is None


def test_sizes_of_another_image_are_not_used(write: Write, ramp: Ramp, olympus_text: Text) -> None:
    path = write(ramp((500, 38)))
    path.with_suffix(".txt").write_text(olympus_text())

    header = loaders.read_header(path)

    assert (header.line_period_s, header.pixel_size_um) == (None, None)
    assert header.acquired_at is None
    (warning,) = header.warnings
    assert "a.txt describes another image (X 38 × T 600, here 500 rows × 38 columns)" in warning


def test_time_along_the_columns_of_the_tiff(write: Write, ramp: Ramp, olympus_text: Text) -> None:
    stored = ramp((38, 60))
    path = write(stored)
    path.with_suffix(".txt").write_text(olympus_text(lines=60, duration="70.200"))

    header = loaders.read_header(path)

    assert (header.time_axis, header.time_axis_source) == ("columns", "file")
    assert (header.lines, header.pixels) == (60, 38)
    assert header.line_period_s == 0.00117
    plane = loaders.open_pixels(path, header).channel(0)
    np.testing.assert_array_equal(plane, stored.T)


def test_other_text_beside_a_tiff_is_not_meant(write: Write, ramp: Ramp) -> None:
    path = write(ramp((600, 38)))
    path.with_suffix(".txt").write_text("vessel 3, good\nline period 5 ms")

    header = loaders.read_header(path)

    assert header.line_period_s is None
    assert header.warnings == ()


def test_two_channels(write: Write, ramp: Ramp, olympus_text: Text) -> None:
    path = write(ramp((2, 600, 38)))
    path.with_suffix(".txt").write_text(olympus_text(dyes=("FITC", "None")))

    header = loaders.read_header(path)

    assert header.channels == 2
    assert header.channel_names == ("FITC", "CH2")


def test_names_for_another_number_of_channels(write: Write, ramp: Ramp, olympus_text: Text) -> None:
    path = write(ramp((600, 38)))
    path.with_suffix(".txt").write_text(olympus_text(dyes=("FITC", "RFP")))

    header = loaders.read_header(path)

    assert header.channel_names == ()
    assert "names 2 channels and the image has 1" in header.warnings[0]


def test_frames(write: Write, ramp: Ramp, olympus_text: Text) -> None:
    path = write(ramp((5, 64, 50)))
    text = (
        olympus_text()
        .replace('"X * T"', '"X * Y * T"')
        .replace("38 * 600 [pixel]", "50 * 64 * 5 [pixel]")
        .replace("10.796 [um] * 702.000 [ms]", "25.0 [um] * 32.0 [um] * 2.5 [s]")
    )
    path.with_suffix(".txt").write_text(text)

    header = loaders.read_header(path)

    assert (header.kind, header.frames) == ("frames", 5)
    assert (header.pixel_size_um, header.row_size_um) == (0.5, 0.5)
    assert header.frame_period_s == 0.5
    assert header.line_period_s is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("11/02/2022 12:30:15.461 PM", "2022-11-02T12:30:15.461"),
        ("11/02/2022 15:30:15.461 PM", "2022-11-02T15:30:15.461"),
        ("11/02/2022 03:30:15 PM", "2022-11-02T15:30:15"),
        ("11/02/2022 00:30:15.4 AM", "2022-11-02T00:30:15.400"),
        ("11/02/2022 12:30:15 AM", "2022-11-02T00:30:15"),
        ("25/02/2022 12:30:15", "2022-02-25T12:30:15"),
        ("2022-02-25 12:30:15", "2022-02-25T12:30:15"),
        ("02/30/2022 12:30:15 PM", None),
        ("yesterday", None),
    ],
)
def test_dates(
    write: Write, ramp: Ramp, olympus_text: Text, text: str, expected: str | None
) -> None:
    path = write(ramp((600, 38)))
    path.with_suffix(".txt").write_text(olympus_text(date=text))

    assert loaders.read_header(path).acquired_at == expected


@pytest.mark.parametrize(
    "broken", ["", "\0" * 100, '"[Image]"', '"[Image]"\t""\n"Image Size"\t"x"']
)
def test_broken_text_never_costs_the_image(write: Write, ramp: Ramp, broken: str) -> None:
    path = write(ramp((600, 38)))
    path.with_suffix(".txt").write_text(broken)

    assert loaders.read_header(path).lines == 600

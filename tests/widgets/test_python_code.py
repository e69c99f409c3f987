"""Copied code gives the same numbers as the button, saved or not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from cloudscope.acq_image import AcqImage
from cloudscope.widgets.python_code import analysis_code


@pytest.fixture
def image(tmp_path: Path) -> AcqImage:
    lines, pixels = np.mgrid[0:400, 0:24]
    streaks = 1000 + 500 * np.sin((pixels - lines * 0.4) / 2)
    path = tmp_path / 'odd "name" ü\\.tif'
    tifffile.imwrite(path, streaks.astype(np.uint16))
    image = AcqImage(path)
    image.set_calibration(line_period_s=0.00117, pixel_size_um=0.28410526315789475)
    return image


def run(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(code, names)
    return names


PARAMETERS = {"window_lines": 32, "step_lines": 16, "direction": "either"}


def test_a_saved_recording_is_measured_by_its_roi_id(image: AcqImage) -> None:
    roi = image.add_roi(col_start=3, col_stop=20, name='the "left" one')
    image.save()
    code = analysis_code(image, "radon_velocity", roi_id=roi.roi_id, parameters=PARAMETERS)
    assert code.endswith(
        'result = image.analyze("radon_velocity", channel=0, roi_id=1, window_lines=32)\n'
    )
    expected = image.analyze("radon_velocity", roi_id=roi.roi_id, **PARAMETERS)
    assert run(code)["result"].same_numbers(expected)


def test_unsaved_edits_are_part_of_the_code(image: AcqImage) -> None:
    image.swap_time_axis()
    image.swap_time_axis()
    roi = image.add_roi(row_start=100, col_start=3, col_stop=20, name='the "left" one')
    code = analysis_code(image, "radon_velocity", roi_id=roi.roi_id, parameters=PARAMETERS)
    expected = image.analyze("radon_velocity", roi_id=roi.roi_id, **PARAMETERS)
    there = run(code)
    assert there["result"].same_numbers(expected)
    assert there["result"].calibration == expected.calibration
    assert there["roi"].name == roi.name


def test_the_whole_recording_needs_no_roi(image: AcqImage) -> None:
    code = analysis_code(image, "radon_velocity")
    assert "roi" not in code
    assert run(code)["result"].same_numbers(image.analyze("radon_velocity"))


def test_a_swapped_time_axis_is_swapped_in_the_code(image: AcqImage) -> None:
    image.swap_time_axis()
    names = run(analysis_code(image, "radon_velocity").rsplit("result =", 1)[0])
    assert names["image"].header.lines == image.header.lines == 24


def test_an_array_says_what_it_stands_for() -> None:
    array = AcqImage.from_array(np.zeros((100, 20)), name="made")
    code = analysis_code(array, "radon_velocity")
    assert "# made is an array in memory" in code
    compile(code, "code", "exec")

"""All that was done, as Python: run on a fresh copy, it gives the same state and numbers."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import cloudscope as cs
from cloudscope.display import ChannelDisplay
from cloudscope.widgets.session_code import session_code
from tests.widgets.small_app import streaks


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "first" / "scan <1>.npy"
    path.parent.mkdir()
    np.save(path, streaks())
    return path


def worked_on(path: Path) -> cs.AcqImage:
    image = cs.AcqImage(path)
    image.set_calibration(line_period_s=0.001, pixel_size_um=0.5)
    gone = image.add_roi(col_stop=9)
    roi = image.add_roi(row_start=100, col_start=4, col_stop=36, name='the "first"', note="µ")
    image.delete_roi(gone.roi_id)
    image.edit_roi(roi.roi_id, locked=True, color="#ffd60a")
    image.edit_experiment(species="mouse", animal_id="7")
    image.display = {0: ChannelDisplay(lut="magma", gamma=0.7)}
    image.accepted = True
    image.analyze("radon_velocity", roi_id=roi.roi_id, window_lines=32)
    velocity = image.results[("radon_velocity", 0, roi.roi_id)]
    image.revise(
        cs.overrule_velocity(
            velocity, velocity_um_per_s=123.0, row_start=int(velocity.columns["row_start"][3])
        ),
        label="by hand",
    )
    image.analyze("clean_velocity", roi_id=roi.roi_id)
    image.analyze("diameter", roi_id=roi.roi_id, method="half_max")
    image.analyze("intensity")
    return image


def test_the_code_gives_the_same_state_and_numbers(path: Path, tmp_path: Path) -> None:
    image = worked_on(path)
    fresh = tmp_path / "second" / path.name
    fresh.parent.mkdir()
    shutil.copy(path, fresh)
    code = session_code([image])
    exec(code.replace(str(path), str(fresh)), {})
    again = cs.AcqImage(fresh)
    assert again.rois == image.rois
    for name in ("species", "animal_id"):
        assert getattr(again.experiment, name) == getattr(image.experiment, name)
    assert again.display == image.display
    assert again.accepted is True
    assert again.header.line_period_s == 0.001
    assert again.results.keys() == image.results.keys()
    for key, result in image.results.items():
        other = again.results[key]
        assert dict(other.parameters) == dict(result.parameters)
        for name, values in result.columns.items():
            np.testing.assert_array_equal(other.columns[name], values, err_msg=f"{key} {name}")
    assert again.results[("radon_velocity", 0, 2)].columns["velocity_um_per_s"][3] == 123.0


def test_running_it_again_changes_nothing(path: Path) -> None:
    image = worked_on(path)
    image.save()
    code = session_code([image])
    exec(code, {})
    assert session_code([cs.AcqImage(path)]) == code


def test_what_cannot_be_done_again_is_named(path: Path) -> None:
    image = worked_on(path)
    image.set_calibration(line_period_s=0.002)
    assert "# intensity there is of an earlier state" in session_code([image])


def test_nothing_done_is_said(path: Path) -> None:
    array = cs.AcqImage.from_array(np.zeros((9, 9)))
    array.accepted = True
    assert "nothing has been done" in session_code([cs.AcqImage(path), array])

"""``cloudscope analyze``: batches without a screen."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import cloudscope as cs
from cloudscope.cli import UsageError
from cloudscope.cli.analyze import parsed_parameters, parsed_roi

from .conftest import VELOCITIES_UM_PER_S, write_recording

ROOT = Path(__file__).resolve().parents[2]
Command = Callable[..., tuple[int, str, str]]
VELOCITY = ("--analysis", "radon_velocity")


def saved_medians(folder: Path) -> dict[str, float]:
    opened = cs.AcqImageList.from_folder(folder)
    return {
        opened.relative_path(image): result.summary["velocity_median_um_per_s"]
        for image in opened
        for result in image.results.values()
    }


@pytest.mark.parametrize("workers", [1, 2])
def test_a_folder_is_measured_and_saved(command: Command, recordings: Path, workers: int) -> None:
    code, out, err = command("analyze", recordings, *VELOCITY, "--workers", workers)
    assert (code, err) == (0, "")
    medians = saved_medians(recordings)
    assert medians.keys() == VELOCITIES_UM_PER_S.keys()
    for name, truth in VELOCITIES_UM_PER_S.items():
        assert medians[name] == pytest.approx(truth, rel=0.1)
        assert re.search(rf"^{re.escape(name)} +whole ", out, re.MULTILINE)
    assert "3 measured and saved" in out


def test_the_numbers_are_those_of_plain_python(command: Command, recordings: Path) -> None:
    command("analyze", recordings / "a.tif", *VELOCITY, "--set", "window_lines=128")
    image = cs.AcqImage(recordings / "a.tif")
    bare = cs.radon_velocity(
        image.kymograph(), line_period_s=0.001, pixel_size_um=0.5, window_lines=128
    )
    assert image.result("radon_velocity").same_numbers(bare)


def test_sub_folders_can_be_left_out(command: Command, recordings: Path) -> None:
    assert command("analyze", recordings, *VELOCITY, "--no-recursive")[0] == 0
    assert saved_medians(recordings).keys() == {"a.tif", "b.tif"}


def test_a_rectangle_becomes_a_roi_once(command: Command, recordings: Path) -> None:
    for _ in range(2):
        code, _, _ = command("analyze", recordings / "a.tif", *VELOCITY, "--roi", ":600,4:30")
        assert code == 0
    image = cs.AcqImage(recordings / "a.tif")
    assert [roi.bounds for roi in image.rois] == [(0, 600, 4, 30)]
    assert image.result("radon_velocity", 0, 1).bounds == (0, 600, 4, 30)


def test_rois_by_id_and_the_whole_recording(command: Command, recordings: Path) -> None:
    image = cs.AcqImage(recordings / "a.tif")
    for start in (0, 8):
        image.add_roi(col_start=start, col_stop=start + 20)
    image.save()
    path = recordings / "a.tif"
    assert command("analyze", path, *VELOCITY, "--roi", "2")[0] == 0
    assert command("analyze", path, *VELOCITY, "--roi", "whole")[0] == 0
    assert {key[2] for key in cs.AcqImage(path).results} == {0, 2}
    assert command("analyze", path, *VELOCITY, "--roi", "all")[0] == 0
    assert {key[2] for key in cs.AcqImage(path).results} == {0, 1, 2}


def test_what_fails_is_named_and_the_rest_is_done(command: Command, recordings: Path) -> None:
    (recordings / "cut.tif").write_bytes((recordings / "a.tif").read_bytes()[:500])
    write_recording(recordings / "bare.tif", np.ones((300, 20), "u2"), calibrated=False)
    absent = recordings / "absent.tif"
    code, out, err = command("analyze", recordings, absent, *VELOCITY)
    assert code == 1
    assert re.search(r"cut\.tif: \S+", err)
    assert re.search(r"bare\.tif: .*line_period_s", err)
    assert re.search(r"absent\.tif: there is no such f", err)
    assert saved_medians(recordings).keys() == VELOCITIES_UM_PER_S.keys()
    assert "3 measured and saved, 3 failed" in out


def test_a_rectangle_that_does_not_fit_fails_there_only(command: Command, recordings: Path) -> None:
    write_recording(recordings / "narrow.tif", np.ones((300, 12), "u2"))
    code, _, err = command("analyze", recordings, *VELOCITY, "--roi", ":,4:30")
    assert code == 1
    assert "narrow.tif: ROI" in err
    assert saved_medians(recordings).keys() == VELOCITIES_UM_PER_S.keys()


def test_a_folder_without_recordings_says_so(command: Command, tmp_path: Path) -> None:
    code, _, err = command("analyze", tmp_path, *VELOCITY)
    assert code == 1
    assert "there is no recording" in err


def test_skip_fresh_measures_only_what_changed(command: Command, recordings: Path) -> None:
    command("analyze", recordings, *VELOCITY)
    image = cs.AcqImage(recordings / "b.tif")
    image.set_calibration(pixel_size_um=0.25)
    image.save()
    _, out, _ = command("analyze", recordings, *VELOCITY, "--skip-fresh")
    assert "1 measured and saved" in out
    assert "b.tif" in out
    assert "a.tif" not in out
    assert "nothing to do" in command("analyze", recordings, *VELOCITY, "--skip-fresh")[1]
    again = command("analyze", recordings, *VELOCITY, "--skip-fresh", "--set", "step_lines=32")
    assert "3 measured and saved" in again[1]


def test_quiet_prints_failures_only(command: Command, recordings: Path) -> None:
    (recordings / "empty.tif").write_bytes(b"")
    code, out, err = command("analyze", recordings, *VELOCITY, "--quiet")
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "empty.tif" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "give a folder or files"),
        (["."], "give --analysis NAME"),
        ([".", "--analysis", "radon_velocty"], "did you mean 'radon_velocity'?"),
        ([".", *VELOCITY, "--set", "window_line=64"], "did you mean window_lines?"),
        ([".", *VELOCITY, "--set", "window_lines=lots"], "window_lines='lots' is not allowed"),
        ([".", *VELOCITY, "--set", "window_lines=-4"], "window_lines=-4 is not allowed"),
        ([".", *VELOCITY, "--set", "window_lines"], "give NAME=VALUE"),
        ([".", *VELOCITY, "--roi", "4:30"], "--roi '4:30' is not allowed"),
        ([".", *VELOCITY, "--workers", "0"], "give 1 or more"),
        ([".", *VELOCITY, "--channel", "-1"], "channels count from 0"),
    ],
)
def test_a_wrong_request_is_exit_code_2_and_measures_nothing(
    command: Command, arguments: list[str], words: str
) -> None:
    code, out, err = command("analyze", *arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert words in err


def test_the_list_shows_every_parameter(command: Command) -> None:
    code, out, _ = command("analyze", "--list")
    assert code == 0
    for name in cs.analysis_names():
        analysis = cs.get_analysis(name)
        assert f"{name}: " in out
        assert all(parameter.name in out for parameter in analysis.parameters)


def test_settings_have_the_type_of_their_parameter() -> None:
    values = parsed_parameters(
        cs.get_analysis("radon_velocity"), ["window_lines=32", " step_lines = 8 "]
    )
    assert values == {"window_lines": 32, "step_lines": 8}
    with pytest.raises(UsageError, match="NAME=VALUE"):
        parsed_parameters(cs.get_analysis("radon_velocity"), ["=3"])


@pytest.mark.parametrize("text", ["", "some", "1,", "1:2", "a:b,c:d", "1:2,3:4,5:6"])
def test_a_roi_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not allowed"):
        parsed_roi(text)


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_keeps_what_is_finished(recordings: Path, workers: int) -> None:
    for number in range(60):
        shutil.copy(recordings / "a.tif", recordings / f"more{number}.tif")
    command = [
        sys.executable, "-m", "cloudscope", "analyze", str(recordings), *VELOCITY,
        "--set", "step_lines=1", "--workers", str(workers),
    ]  # fmt: skip
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        start_new_session=True,
    ) as process:  # fmt: skip
        deadline = time.monotonic() + 60
        while not any(recordings.glob("*.tif.json")) and time.monotonic() < deadline:
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)  # as the terminal does: to the workers too
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "stopping" in err
    done = int(re.search(r"(\d+) measured and saved", out)[1])
    assert 1 <= done < 63
    assert len(saved_medians(recordings)) == done

"""``cloudscope analyze --dry-run``, ``--resume``, ``--memory-limit-mb`` and ``--dask``."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path

import pytest

import cloudscope as cs

Command = Callable[..., tuple[int, str, str]]
VELOCITY = ("--analysis", "radon_velocity")


def test_a_dry_run_says_what_would_happen_and_writes_nothing(
    command: Command, recordings: Path
) -> None:
    command("analyze", recordings / "a.tif", *VELOCITY)
    before = sorted(recordings.rglob("*"))
    (recordings / "empty.tif").write_bytes(b"")
    code, out, err = command("analyze", recordings, *VELOCITY, "--resume", "--dry-run")
    assert code == 1
    assert "empty.tif: the file is empty" in err
    assert "2 would be measured, 1 fresh, 1 refused" in out
    assert "nothing was measured" in out
    assert sorted(recordings.rglob("*")) == sorted([*before, recordings / "empty.tif"])


def test_a_dry_run_of_what_was_measured_before_knows_the_time(
    command: Command, recordings: Path
) -> None:
    command("analyze", recordings, *VELOCITY)
    code, out, _ = command("analyze", recordings, *VELOCITY, "--dry-run")
    assert code == 0
    assert "in about" in out


def test_resume_counts_what_was_fresh(command: Command, recordings: Path) -> None:
    command("analyze", recordings / "a.tif", *VELOCITY)
    code, out, _ = command("analyze", recordings, *VELOCITY, "--resume")
    assert code == 0
    assert "2 measured and saved, 1 fresh already" in out


def test_a_limit_of_memory_refuses_in_words(command: Command, recordings: Path) -> None:
    code, out, err = command("analyze", recordings, *VELOCITY, "--memory-limit-mb", 20)
    assert code == 1
    assert "a.tif: it would take about" in err
    assert "0 measured and saved, 3 failed" in out
    assert command("analyze", recordings, *VELOCITY, "--memory-limit-mb", 0)[0] == 2


def test_a_cluster_that_is_not_there_is_one_sentence(command: Command, recordings: Path) -> None:
    distributed = pytest.importorskip(
        "distributed", reason="Dask is not installed (cloudscope[dask])"
    )
    code, _, err = command("analyze", recordings, *VELOCITY, "--dask", "nowhere")
    assert code == 1
    assert err.startswith("cloudscope analyze: --dask nowhere: no scheduler answers there")
    assert err.count("\n") == 1
    # none is left for the garbage collector, which would close it in the midst of anything
    clients = [one for one in gc.get_objects() if type(one) is distributed.Client]
    assert {client.status for client in clients} <= {"closed"}


def test_a_cluster_measures_a_folder(command: Command, recordings: Path) -> None:
    distributed = pytest.importorskip(
        "distributed", reason="Dask is not installed (cloudscope[dask])"
    )
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        address = cluster.scheduler_address
        code, out, err = command("analyze", recordings, *VELOCITY, "--dask", address)
    assert (code, err) == (0, "")
    assert "3 measured and saved" in out
    assert len(cs.AcqImage(recordings / "a.tif").results) == 1


def test_a_preset_gives_the_parameters_and_set_goes_over_them(
    command: Command, recordings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOUDSCOPE_STATE", str(tmp_path / "state"))
    (recordings / "cloudscope.toml").write_text(
        '[presets.radon_velocity."fast capillary"]\nwindow_lines = 32\nstep_lines = 8\n'
    )
    preset = ("--preset", "fast capillary", "--set", "step_lines=4")
    assert command("analyze", recordings, *VELOCITY, *preset)[0] == 0
    (result,) = cs.AcqImage(recordings / "a.tif").results.values()
    assert (result.parameters["window_lines"], result.parameters["step_lines"]) == (32, 4)
    code, _, err = command("analyze", recordings, *VELOCITY, "--preset", "fast")
    assert code == 2
    assert "--preset 'fast' is none of radon_velocity: there are 'fast capillary'" in err

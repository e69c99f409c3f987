"""``cloudscope verify``: whether saved numbers still hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cloudscope as cs
from cloudscope.verification import verify

Command = Callable[..., tuple[int, str, str]]


def measured(path: Path) -> cs.AcqImage:
    """A recording with a saved velocity and diameter."""
    image = cs.AcqImage(path)
    image.analyze("radon_velocity")
    image.analyze("diameter", average_lines=4)
    image.save()
    return image


def test_what_was_saved_holds_and_is_measured_again_alike(
    command: Command, recordings: Path
) -> None:
    measured(recordings / "a.tif")
    before = {p: p.read_bytes() for p in recordings.rglob("*") if p.is_file()}
    code, out, _ = command("verify", "--recompute", recordings)
    assert (code, out.strip().splitlines()[-1]) == (0, "2 checked: holds 2")
    assert {p: p.read_bytes() for p in recordings.rglob("*") if p.is_file()} == before


def test_a_table_changed_by_hand_is_lost_not_trusted(command: Command, recordings: Path) -> None:
    measured(recordings / "a.tif")
    table = recordings / "a.tif.radon_velocity.csv"
    table.write_text(table.read_text().replace("ok", "OK", 1))
    code, out, error = command("verify", recordings)
    assert code == 1
    assert "radon_velocity, channel 0" in out
    assert "are not as they were saved" in out
    assert "to look at" in error


def test_a_summary_changed_by_hand_differs(command: Command, recordings: Path) -> None:
    image = measured(recordings / "a.tif")
    sidecar = image.sidecar_path
    assert sidecar is not None
    saved = json.loads(sidecar.read_text())
    for item in saved["results"]:
        if item["analysis"] == "diameter":
            item["summary"]["points"] = 7
    sidecar.write_text(json.dumps(saved))
    code, out, _ = command("verify", "--json", recordings)
    found = {f["analysis"]: f for f in json.loads(out)}
    assert code == 1
    assert found["diameter"]["verdict"] == "differs"
    assert found["radon_velocity"]["verdict"] == "holds"


def test_numbers_of_another_version_are_found_by_measuring_again(recordings: Path) -> None:
    image = measured(recordings / "b.tif")
    result = image.result("radon_velocity")
    assert result is not None
    summary = {**result.summary, "velocity_median_um_per_s": -7.0}
    image.store(result.with_numbers(columns=result.columns, summary=summary))
    (finding,) = [f for f in verify(image, recompute=True) if f.key and f.key[0] != "diameter"]
    assert finding.verdict == "differs"
    assert "instead of -7.0; it was made by cloudscope" in finding.sentence


def test_what_was_changed_since_is_stale(command: Command, recordings: Path) -> None:
    image = measured(recordings / "a.tif")
    image.set_calibration(pixel_size_um=0.25)
    image.save()
    code, out, _ = command("verify", recordings)
    assert code == 0
    assert "the pixel size was changed since" in out
    image.set_calibration(pixel_size_um=None)
    image.save()
    path = recordings / "a.tif"
    path.write_bytes(path.read_bytes() + b"x")
    assert "the source file was changed since" in command("verify", recordings)[1]


def test_a_recording_that_cannot_be_read_is_lost(command: Command, recordings: Path) -> None:
    (recordings / "bad.tif").write_bytes(b"II*\0no")
    code, out, _ = command("verify", recordings)
    assert code == 1
    assert "bad.tif" in out

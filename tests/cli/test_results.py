"""``--results FOLDER`` and ``--image``: sidecars elsewhere, several images in a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tifffile

Command = Callable[..., tuple[int, str, str]]


def test_sidecars_are_kept_elsewhere_by_every_command(
    command: Command, recordings: Path, tmp_path: Path
) -> None:
    before = sorted(recordings.rglob("*"))
    results = tmp_path / "results"

    code, _, error = command(
        "analyze", recordings, "--analysis", "intensity", "--quiet", "--results", results
    )

    assert (code, error) == (0, "")
    assert sorted(recordings.rglob("*")) == before
    assert list(results.rglob("*.intensity.csv"))
    code, out, _ = command("verify", recordings, "--results", results)
    assert code == 0
    assert "holds" in out
    name = next(results.rglob("*.json")).name.removesuffix(".json")
    there = next(recordings.rglob(name))
    code, out, _ = command("info", there, "--results", next(results.rglob("*.json")).parent)
    assert "intensity" in out
    assert "intensity" not in command("info", there)[1]


def test_a_results_folder_goes_with_one_folder(command: Command, recordings: Path) -> None:
    code, _, error = command("verify", recordings, recordings, "--results", recordings / "r")
    assert code == 2
    assert "give one folder with --results" in error


def test_which_image_of_a_file(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "scans.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as tif:
        for number, name in enumerate(("overview", "vessel")):
            pixels = np.zeros((200 + number, 30), np.uint16)
            tif.write(pixels, metadata={"axes": "YX", "Name": name})

    for which in ("1", "vessel"):
        code, out, _ = command("info", path, "--image", which, "--json")
        assert code == 0
        told = json.loads(out)
        assert told["name"] == "scans.ome.tif · vessel"
        assert told["header"]["lines"] == 201
    code, _, error = command("info", path, "--image", "7")
    assert code == 1
    assert "it has no image 7; it has 2, 0 to 1" in error


def test_every_image_of_a_file_is_measured(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "scans.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as tif:
        for name in ("one", "two"):
            pixels = np.random.default_rng(0).integers(0, 99, (200, 30)).astype(np.uint16)
            said = {"axes": "YX", "Name": name, "TimeIncrement": 1, "TimeIncrementUnit": "ms"}
            tif.write(pixels, metadata=said)

    code, _, error = command("analyze", path, "--analysis", "intensity", "--quiet")

    assert (code, error) == (0, "")
    assert {p.name for p in tmp_path.glob("*.csv")} == {
        "scans.ome.tif.intensity.csv",
        "scans.ome.tif.image-1.intensity.csv",
    }

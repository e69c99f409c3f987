"""OME-Zarr: metadata as the specification has them, and levels that are what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cloudscope as cs
from cloudscope.export import write_ome_zarr

zarr = pytest.importorskip("zarr")


def metadata(path: Path, version: str) -> dict[str, Any]:
    if version == "0.5":
        node = json.loads((path / "zarr.json").read_text())
        assert node["zarr_format"] == 3
        ome: dict[str, Any] = node["attributes"]["ome"]
        assert ome["version"] == "0.5"
        return ome
    assert json.loads((path / ".zgroup").read_text()) == {"zarr_format": 2}
    attributes: dict[str, Any] = json.loads((path / ".zattrs").read_text())
    assert attributes["multiscales"][0]["version"] == "0.4"
    return attributes


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_a_line_scan(in_memory: cs.AcqImage, tmp_path: Path, version: Any) -> None:
    path = write_ome_zarr(in_memory, tmp_path / "a.ome.zarr", version=version)
    found = metadata(path, version)
    (multiscale,) = found["multiscales"]
    assert multiscale["axes"] == [
        {"name": "t", "type": "time", "unit": "second"},
        {"name": "c", "type": "channel"},
        {"name": "y", "type": "space"},
        {"name": "x", "type": "space", "unit": "micrometer"},
    ]
    (level,) = multiscale["datasets"]
    period_s = in_memory.header.line_period_s
    assert level == {
        "path": "0",
        "coordinateTransformations": [{"type": "scale", "scale": [period_s, 1, 1, 0.284]}],
    }
    array = zarr.open_array(str(path / "0"), mode="r")
    assert array.shape == (600, 2, 1, 24)
    assert np.array_equal(array[:, 1, 0], in_memory.frame(1))
    if version == "0.5":
        assert array.metadata.dimension_names == ("t", "c", "y", "x")
    first, second = found["omero"]["channels"]
    assert (first["label"], first["color"]) == ("FITC", "00FF00")
    assert (second["label"], second["color"]) == ("Texas Red", "FF00FF")
    assert first["window"]["min"] == in_memory.frame(0).min()


def test_rois_and_experiment_go_along(in_memory: cs.AcqImage, tmp_path: Path) -> None:
    path = write_ome_zarr(in_memory, tmp_path / "a.ome.zarr")
    own = zarr.open_group(str(path), mode="r").attrs["cloudscope"]
    assert own["rois"][0]["name"] == "vessel"
    assert own["experiment"]["animal_id"] == "A89"


def test_coarser_levels_are_averages_at_the_right_place(tmp_path: Path) -> None:
    lines = 8192 * 4 + 3
    ramp = np.repeat(np.arange(lines, dtype=float)[:, None], 4, axis=1)
    image = cs.AcqImage.from_array(ramp, line_period_s=0.001, pixel_size_um=0.5)
    path = write_ome_zarr(image, tmp_path / "a.ome.zarr")
    datasets = metadata(path, "0.5")["multiscales"][0]["datasets"]
    assert [dataset["path"] for dataset in datasets] == ["0", "1"]
    scale, translation = datasets[1]["coordinateTransformations"]
    assert scale["scale"] == pytest.approx([0.004, 1, 1, 0.5])
    assert translation["translation"] == pytest.approx([0.0015, 0, 0, 0])
    level = zarr.open_array(str(path / "1"), mode="r")[:, 0, 0]
    assert len(level) == 8193
    # a pixel's value is the line it stands for, so each says where it should lie
    assert np.allclose(level[:-1, 0], 4 * np.arange(8192) + 1.5)
    assert level[-1, 0] == lines - 2


def test_large_frames_and_unknown_scales(tmp_path: Path) -> None:
    frames = np.arange(2 * 1500 * 1200, dtype="u2").reshape(2, 1500, 1200)
    path = tmp_path / "frames.npz"
    np.savez(path, image=frames, axes="TYX")
    out = write_ome_zarr(cs.AcqImage(path), tmp_path / "a.zarr")
    (multiscale,) = metadata(out, "0.5")["multiscales"]
    assert all("unit" not in axis for axis in multiscale["axes"])
    level = zarr.open_array(str(out / "1"), mode="r")
    assert level.shape == (2, 1, 750, 600)
    assert level[1, 0, 0, 0] == np.rint(frames[1, :2, :2].mean())


def test_refusals(in_memory: cs.AcqImage, tmp_path: Path) -> None:
    with pytest.raises(cs.ExportError, match=r"ends in \.zarr"):
        write_ome_zarr(in_memory, tmp_path / "a")
    with pytest.raises(cs.ExportError, match=r"give '0\.5' or '0\.4'"):
        write_ome_zarr(in_memory, tmp_path / "a.zarr", version="1")  # type: ignore[arg-type]
    mine = tmp_path / "mine.zarr"
    mine.mkdir()
    (mine / "thesis").write_text("x")
    with pytest.raises(cs.ExportError, match="not replaced"):
        write_ome_zarr(in_memory, mine, overwrite=True)
    write_ome_zarr(in_memory, tmp_path / "a.zarr")
    with pytest.raises(cs.ExportError, match="is there already"):
        write_ome_zarr(in_memory, tmp_path / "a.zarr")
    write_ome_zarr(in_memory, tmp_path / "a.zarr", overwrite=True)

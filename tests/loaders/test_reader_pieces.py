"""Files of chunks: a part of a plane decodes the chunks it lies in, and gives the same pixels."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from cloudscope import loaders
from cloudscope.errors import LoadError
from cloudscope.loaders import laid_out_pixels

PLANE = (np.arange(700 * 40, dtype="uint16") * 37 % 4001).reshape(700, 40)


def _hdf5(path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "w") as file:
        data = file.create_dataset("scan", data=PLANE, chunks=(50, 40), compression="gzip")
        data.attrs["axes"] = "TX"


def _big_endian_hdf5(path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "w") as file:
        file.create_dataset("scan", data=PLANE.astype(">u2"), chunks=(64, 7)).attrs["axes"] = "TX"


def _zarr(path: Path) -> None:
    zarr = pytest.importorskip("zarr")
    group = zarr.open_group(str(path), mode="w", zarr_format=2)
    array = group.create_array("0", shape=PLANE.shape, chunks=(60, 30), dtype="uint16")
    array[:] = PLANE
    axes = [{"name": "t", "type": "time"}, {"name": "x", "type": "space"}]
    group.attrs["multiscales"] = [{"version": "0.4", "axes": axes, "datasets": [{"path": "0"}]}]


def _npz(path: Path) -> None:
    np.savez(path, kymograph=PLANE, axes="TX")


def _by_columns(path: Path) -> None:
    np.save(path, np.asfortranarray(PLANE))


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("a.h5", _hdf5),
        ("b.h5", _big_endian_hdf5),
        ("a.ome.zarr", _zarr),
        ("a.npz", _npz),
        ("a.npy", _by_columns),
    ],
)
@pytest.mark.parametrize("most", [1 << 27, 1000], ids=["in memory", "on the disk"])
def test_stretches_of_chunks_are_the_rows_of_the_plane(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, make: Any, most: int
) -> None:
    path = tmp_path / name
    make(path)
    monkeypatch.setattr(laid_out_pixels, "_STRETCH_BYTES", 5000)
    monkeypatch.setattr(laid_out_pixels, "_MOST_IN_MEMORY", most)
    header = loaders.read_header(path)
    source = loaders.open_pixels(path, header)

    for bounds in ((0, 3, 0, 9), (45, 171, 7, 29), (690, 700, 0, 40)):
        part = loaders.part_of(source, 0, 0, bounds)
        np.testing.assert_array_equal(part, PLANE[slice(*bounds[:2]), slice(*bounds[2:])])
        assert part.dtype == np.uint16
    np.testing.assert_array_equal(source.channel(0), PLANE)
    turned = loaders.open_pixels(path, header.transposed())
    np.testing.assert_array_equal(
        loaders.part_of(turned, 0, 0, (3, 20, 45, 171)), PLANE.T[3:20, 45:171]
    )


def test_damaged_strips_are_refused_with_one_error_or_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(laid_out_pixels, "_STRETCH_BYTES", 2000)
    monkeypatch.setattr(laid_out_pixels, "_MOST_IN_MEMORY", 2000)
    whole = tmp_path / "whole.tif"
    tifffile.imwrite(whole, PLANE, compression="zlib", rowsperstrip=20, metadata=None)
    content = whole.read_bytes()
    draw = random.Random(1)
    refused = 0
    for _ in range(120):
        data = bytearray(content)
        for _ in range(3):
            data[draw.randrange(8, len(data))] ^= 1 << draw.randrange(8)
        path = tmp_path / "damaged.tif"
        path.write_bytes(data)
        try:
            header = loaders.read_header(path)
            source = loaders.open_pixels(path, header)
            last = min(header.lines, 300)
            part = loaders.part_of(source, 0, 0, (min(100, last - 1), last, 0, header.pixels))
            assert part.shape == (last - min(100, last - 1), header.pixels)
        except LoadError:
            refused += 1
    assert 20 < refused < 120

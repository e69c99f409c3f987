"""NumPy's own files: with and without scales, never a pickle, never in part."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cloudscope import loaders
from cloudscope.errors import LoadError
from cloudscope.metadata import ImageHeader
from tests.loaders.damage import survives_damage

Ramp = Callable[..., NDArray[Any]]
Read = Callable[[Path], tuple[ImageHeader, NDArray[Any]]]


def test_an_array_is_mapped_and_has_no_scale(tmp_path: Path, ramp: Ramp) -> None:
    path = tmp_path / "vessel.npy"
    stored = ramp((500, 38))
    np.save(path, stored)

    header = loaders.read_header(path)

    assert (header.format, header.kind) == ("NPY", "line_scan")
    assert (header.lines, header.pixels, header.dtype) == (500, 38, "uint16")
    assert (header.line_period_s, header.pixel_size_um) == (None, None)
    plane = loaders.open_pixels(path, header).channel(0)
    assert isinstance(plane, np.memmap)
    np.testing.assert_array_equal(plane, stored)


@pytest.mark.parametrize("dtype", ["u1", ">u2", "<i4", "f4", ">f8", "?"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_any_order_of_bytes_and_axes(
    tmp_path: Path, ramp: Ramp, read: Read, dtype: str, order: Any
) -> None:
    stored = (ramp((500, 38), "int64") % 200).astype(dtype, order=order)
    np.save(tmp_path / "vessel.npy", stored)

    _, planes = read(tmp_path / "vessel.npy")

    assert planes.dtype.isnative
    np.testing.assert_array_equal(planes[0, 0], stored)


def test_scales_beside_the_array(tmp_path: Path, ramp: Ramp, read: Read) -> None:
    path = tmp_path / "vessel.npz"
    stored = ramp((2, 500, 38))
    np.savez_compressed(
        path,
        kymograph=stored,
        axes="CTX",
        line_period_s=0.00117,
        pixel_size_um=0.284,
        channel_names=["plasma", "cells"],
        animal="A89",
    )

    header, planes = read(path)

    assert (header.format, header.kind, header.channels) == ("NPZ", "line_scan", 2)
    assert (header.line_period_s, header.line_period_source) == (0.00117, "NPZ line_period_s")
    assert (header.pixel_size_um, header.pixel_size_source) == (0.284, "NPZ pixel_size_um")
    assert header.channel_names == ("plasma", "cells")
    assert header.raw["NPZ/animal"] == "A89"
    np.testing.assert_array_equal(planes[0], stored)


def test_frames(tmp_path: Path, ramp: Ramp, read: Read) -> None:
    stored = ramp((10, 30, 40))
    np.savez(tmp_path / "a.npz", stored, frame_period_s=0.5, row_size_um=0.3, pixel_size_um=0.2)

    header, planes = read(tmp_path / "a.npz")

    assert (header.kind, header.frames, header.frame_period_s) == ("frames", 10, 0.5)
    assert (header.pixel_size_um, header.row_size_um) == (0.2, 0.3)
    np.testing.assert_array_equal(planes[:, 0], stored)


def test_an_archive_is_decompressed_once(
    tmp_path: Path, ramp: Ramp, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = ramp((10, 30, 40))
    np.savez_compressed(tmp_path / "a.npz", stored)
    pixels = loaders.open_pixels(tmp_path / "a.npz", loaders.read_header(tmp_path / "a.npz"))
    reads = []
    read_array = np.lib.format.read_array
    monkeypatch.setattr(
        np.lib.format, "read_array", lambda *a, **k: reads.append(a) or read_array(*a, **k)
    )

    for frame in range(10):
        np.testing.assert_array_equal(pixels.channel(0, frame), stored[frame])

    assert len(reads) == 1
    pixels.close()
    pixels.channel(0, 3)
    assert len(reads) == 2


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf, "fast", [1.0, 2.0]])
def test_scales_that_are_none(tmp_path: Path, ramp: Ramp, value: Any) -> None:
    np.savez(tmp_path / "a.npz", ramp((500, 38)), line_period_s=value, pixel_size_um=value)

    header = loaders.read_header(tmp_path / "a.npz")

    assert (header.line_period_s, header.pixel_size_um) == (None, None)


def test_a_pickle_is_never_opened(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([[print, 1]], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "a.npz", image=np.array([[print, 1]], dtype=object))

    for name in ("a.npy", "a.npz"):
        with pytest.raises(LoadError, match="values of type object, which are no intensities"):
            loaders.read_header(tmp_path / name)


def test_a_pickle_beside_the_image_is_left_out(tmp_path: Path, ramp: Ramp) -> None:
    np.savez(tmp_path / "a.npz", image=ramp((500, 38)), note=np.array([print], dtype=object))

    header = loaders.read_header(tmp_path / "a.npz")

    assert "value 'note.npy' cannot be understood and is not used" in header.warnings[0]


@pytest.mark.parametrize("percent", [90, 50, 10])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("name", ["a.npy", "a.npz"])
def test_cut_short(tmp_path: Path, ramp: Ramp, name: str, order: Any, percent: int) -> None:
    path = tmp_path / name
    save: Any = np.save if name == "a.npy" else np.savez
    save(path, ramp((5000, 38)).copy(order=order))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * percent // 100])

    with pytest.raises(LoadError) as caught:
        loaders.read_header(path)
    assert caught.value.path == str(path)


@pytest.mark.parametrize("order", [False, True])
def test_declared_size_far_beyond_the_file(tmp_path: Path, order: bool) -> None:
    header = {"descr": "<u2", "fortran_order": order, "shape": (200_000, 200_000)}
    data = io.BytesIO()
    np.lib.format.write_array_header_1_0(data, header)
    (tmp_path / "a.npy").write_bytes(data.getvalue() + bytes(4000))
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("image.npy", data.getvalue() + bytes(4000))

    for name in ("a.npy", "a.npz"):
        with pytest.raises(LoadError, match="it declares 80 GB of pixels in a file of 4"):
            loaders.read_header(tmp_path / name)


@pytest.mark.parametrize(
    ("array", "axes"), [(np.zeros(5), ""), (np.zeros((2, 3)), "XYZ"), (np.zeros((2, 3)), "XX")]
)
def test_arrays_that_are_no_image(tmp_path: Path, array: NDArray[Any], axes: str) -> None:
    np.savez(tmp_path / "a.npz", image=array, axes=axes)

    with pytest.raises(LoadError, match="give one letter an axis"):
        loaders.read_header(tmp_path / "a.npz")


def test_an_archive_without_arrays(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("readme.txt", "nothing")

    with pytest.raises(LoadError, match="it holds no arrays"):
        loaders.read_header(tmp_path / "a.npz")


def test_foreign_content(tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(b"PK\x03\x04 a zip")

    with pytest.raises(LoadError, match="its content is not NumPy array"):
        loaders.read_header(tmp_path / "a.npy")


def test_damaged_copies_are_read_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "scan.npz"
    frame = np.arange(600, dtype=np.uint16).reshape(20, 30)
    np.savez(path, kymo=frame, reference=frame, scan_line=np.zeros((2, 2)), line_period_s=0.001)

    assert survives_damage(path) > 0

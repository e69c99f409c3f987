"""HDF5: any image in it, scales by name, and nothing outside the file."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cloudscope import loaders
from cloudscope.errors import LoadError
from cloudscope.metadata import ImageHeader

h5py = pytest.importorskip("h5py")

Ramp = Callable[..., NDArray[Any]]
Read = Callable[[Path], tuple[ImageHeader, NDArray[Any]]]


def test_an_array_alone_is_mapped_and_has_no_scale(tmp_path: Path, ramp: Ramp) -> None:
    path, stored = tmp_path / "vessel.h5", ramp((500, 38))
    with h5py.File(path, "w", userblock_size=512) as file:
        file["a/vessel"] = stored

    header = loaders.read_header(path)

    assert (header.format, header.kind, header.image_count) == ("HDF5", "line_scan", 1)
    assert (header.line_period_s, header.pixel_size_um) == (None, None)
    plane = loaders.open_pixels(path, header).channel(0)
    assert isinstance(plane, np.memmap)
    np.testing.assert_array_equal(plane, stored)


@pytest.mark.parametrize("where", ["data set", "group", "file", "beside"])
def test_scales_by_name_wherever_they_stand(
    tmp_path: Path, ramp: Ramp, read: Read, where: str
) -> None:
    path, stored = tmp_path / "vessel.hdf5", ramp((2, 500, 38))
    told = {
        "line_period_s": 0.00117,
        "pixel_size_um": 0.284,
        "axes": "CTX",
        "channel_names": ["FITC", "Texas Red"],
        "acquired_at": "2025-07-22T14:30:00",
    }
    with h5py.File(path, "w") as file:
        group = file.create_group("scan")
        data = group.create_dataset("kymograph", data=stored, compression="gzip")
        holder = {"data set": data, "group": group, "file": file}.get(where)
        for name, value in told.items():
            if holder is None:
                group[name] = value
            else:
                holder.attrs[name] = value

    header, planes = read(path)

    assert (header.line_period_s, header.line_period_source) == (0.00117, "HDF5 line_period_s")
    assert (header.pixel_size_um, header.channels, header.time_axis) == (0.284, 2, "rows")
    assert header.channel_names == ("FITC", "Texas Red")
    assert header.acquired_at == "2025-07-22T14:30:00"
    np.testing.assert_array_equal(planes[0], stored)


def test_the_conventions_of_ilastik_and_of_labelled_dimensions(tmp_path: Path, ramp: Ramp) -> None:
    path = tmp_path / "stack.h5"
    with h5py.File(path, "w") as file:
        data = file.create_dataset("data", data=ramp((6, 40, 30)))
        data.attrs["element_size_um"] = [2.0, 0.5, 0.25]
        data.dims[0].label, data.dims[1].label, data.dims[2].label = "tyx"

    header = loaders.read_header(path)

    assert (header.kind, header.frames) == ("frames", 6)
    assert (header.pixel_size_um, header.row_size_um) == (0.25, 0.5)


def test_several_images_are_recordings_each(tmp_path: Path, ramp: Ramp) -> None:
    path = tmp_path / "day.h5"
    with h5py.File(path, "w") as file:
        for number, lines in enumerate((300, 500), 1):
            data = file.create_dataset(f"run {number}/scan", data=ramp((lines, 38)))
            data.attrs["line_period_s"] = 0.001 * number
        file["run 1/numbers"] = np.eye(3)
        file["run 1/trace"] = np.zeros(1000)

    assert [entry.name for entry in loaders.list_images(path)] == ["run 1 - scan", "run 2 - scan"]
    assert loaders.read_header(path).image_name == "run 2 - scan"
    for image, lines, period_s in ((0, 300, 0.001), ("run 2 - scan", 500, 0.002)):
        header = loaders.read_header(path, image=image)
        assert (header.lines, header.line_period_s) == (lines, period_s)
    header = loaders.read_header(path, image="run 1 - scan")
    np.testing.assert_array_equal(loaders.open_pixels(path, header).channel(0), ramp((300, 38)))


def test_what_is_in_another_file_is_never_opened(tmp_path: Path, ramp: Ramp) -> None:
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["image"] = ramp((500, 38))
    raw = tmp_path / "raw.bin"
    raw.write_bytes(ramp((500, 38)).tobytes())
    path = tmp_path / "shared.h5"
    with h5py.File(path, "w") as file:
        file["linked"] = h5py.ExternalLink("secret.h5", "/image")
        file["soft"] = h5py.SoftLink("/linked")
        file.create_dataset(
            "stored elsewhere", (500, 38), "u2", external=[(str(raw), 0, h5py.h5f.UNLIMITED)]
        )
        layout = h5py.VirtualLayout((500, 38), "u2")
        layout[:] = h5py.VirtualSource("secret.h5", "image", (500, 38))
        file.create_virtual_dataset("virtual", layout)

    with pytest.raises(LoadError, match="it holds no data set"):
        loaders.read_header(path)


def test_a_group_that_contains_itself_ends(tmp_path: Path, ramp: Ramp) -> None:
    path = tmp_path / "circle.h5"
    with h5py.File(path, "w") as file:
        group = file.create_group("a")
        group["b"] = group
        group["scan"] = ramp((500, 38))

    assert len(loaders.list_images(path)) == 1


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda file: file.create_dataset("a", data=np.zeros((500, 38), complex)), "no data set"),
        (lambda file: file.create_dataset("a", data=[["x"] * 9] * 9), "no data set"),
        (lambda file: file.attrs.__setitem__("a", 1), "no data set"),
        (
            lambda file: file.create_dataset("a", (500, 38), "u2").attrs.__setitem__("axes", "TTX"),
            "one letter an axis",
        ),
        (
            lambda file: file.create_dataset("a", (200_000, 200_000), "u2", chunks=(1000, 1000)),
            "made to fill the memory",
        ),
    ],
)
def test_what_is_no_image_is_one_sentence(tmp_path: Path, make: Any, words: str) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        make(file)

    with pytest.raises(LoadError, match=words):
        loaders.read_header(path)


def test_cut_and_foreign_files_are_refused(tmp_path: Path, ramp: Ramp) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["a"] = ramp((4000, 38))
    whole = path.read_bytes()
    for share in (0.9, 0.5, 0.1):
        path.write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(LoadError):
            loaders.read_header(path)
    path.write_text("time,velocity\n")
    with pytest.raises(LoadError, match="its content is not HDF5"):
        loaders.read_header(path)


def test_flipped_bytes_give_pixels_or_one_error(tmp_path: Path, ramp: Ramp) -> None:
    chance, path = random.Random(5), tmp_path / "flipped.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("a/scan", data=ramp((60, 20)), chunks=(16, 20), compression="gzip")
        file["a/scan"].attrs["line_period_s"] = 0.001
    whole, refused = path.read_bytes(), 0
    for _ in range(100):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 3, 10))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data)
        try:
            header = loaders.read_header(path)
            plane = loaders.open_pixels(path, header).channel(0)
            assert plane.shape == (header.lines, header.pixels)
        except LoadError:
            refused += 1
    assert 0 < refused < 100

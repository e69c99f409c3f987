"""OME-Zarr: folders that are recordings, of any writer, and never a way out of the folder."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

import cloudscope as cs
from cloudscope import loaders
from cloudscope.errors import LoadError
from cloudscope.metadata import ImageHeader

zarr = pytest.importorskip("zarr")

Ramp = Callable[..., NDArray[Any]]
Read = Callable[[Path], tuple[ImageHeader, NDArray[Any]]]


def axis(name: str, unit: str = "") -> dict[str, str]:
    kind = {"t": "time", "c": "channel"}.get(name, "space")
    return {"name": name, "type": kind} | ({"unit": unit} if unit else {})


def write_zarr(
    path: Path, array: NDArray[Any], axes: list[dict[str, str]], scale: list[float], *,
    place: str = "", zarr_format: Any = 2, **options: Any,
) -> Path:  # fmt: skip
    """As programs other than cloudscope write it."""
    group = zarr.open_group(str(path), mode="a", zarr_format=zarr_format)
    group = group.require_group(place) if place else group
    group.create_array(name="s0", data=array, **options)
    transformations = [{"type": "scale", "scale": scale}]
    multiscale = {
        "axes": axes,
        "datasets": [{"path": "s0", "coordinateTransformations": transformations}],
    }
    if zarr_format == 3:
        group.attrs["ome"] = {"version": "0.5", "multiscales": [multiscale]}
    else:
        group.attrs["multiscales"] = [multiscale | {"version": "0.4"}]
    return path


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_what_cloudscope_wrote_comes_back(tmp_path: Path, ramp: Ramp, version: Any) -> None:
    array = ramp((2, 20_000, 38))
    image = cs.AcqImage.from_array(
        array, line_period_s=0.00117, pixel_size_um=0.284, channel_names=("FITC", "Texas Red")
    )
    path = cs.write_ome_zarr(image, tmp_path / "a.ome.zarr", version=version)

    again = cs.AcqImage(path)

    header = again.header
    assert (header.format, header.kind, header.time_axis) == ("OME-Zarr", "line_scan", "rows")
    assert (header.line_period_s, header.pixel_size_um) == (0.00117, 0.284)
    assert header.line_period_source == "OME-Zarr scale of t"
    assert header.channel_names == ("FITC", "Texas Red")
    for channel in (0, 1):
        np.testing.assert_array_equal(again.frame(channel), array[channel])
    roi = again.add_roi(row_stop=600, col_start=4)
    result = again.analyze("diameter", roi_id=roi.roi_id)
    again.save()
    assert (tmp_path / "a.ome.zarr.json").is_file()
    kept = cs.AcqImage(path).result("diameter", 0, 1)
    assert kept is not None
    assert kept.same_numbers(result)


def test_a_folder_lists_it_as_one_recording(tmp_path: Path, ramp: Ramp) -> None:
    image = cs.AcqImage.from_array(ramp((500, 38)))
    cs.write_ome_zarr(image, tmp_path / "day" / "a.ome.zarr")
    np.save(tmp_path / "day" / "b.npy", ramp((500, 38)))

    folder = cs.AcqImageList.from_folder(tmp_path)

    assert [image.name for image in folder] == ["a.ome.zarr", "b.npy"]
    assert not folder.failures
    alone = cs.AcqImageList.from_folder(tmp_path / "day" / "a.ome.zarr")
    assert [image.name for image in alone] == ["a.ome.zarr"]


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_axes_and_units_of_others(tmp_path: Path, ramp: Ramp, read: Read, zarr_format: Any) -> None:
    axes = [axis("t", "millisecond"), axis("c"), axis("z", "micrometer"), axis("y", "nanometer"),
            axis("x", "nanometer")]  # fmt: skip
    array = ramp((5, 2, 1, 40, 30))
    path = write_zarr(
        tmp_path / "a.zarr", array, axes, [250, 1, 1, 500, 250], zarr_format=zarr_format
    )

    header, planes = read(path)

    assert (header.kind, header.frames, header.channels) == ("frames", 5, 2)
    assert (header.frame_period_s, header.pixel_size_um, header.row_size_um) == (0.25, 0.25, 0.5)
    np.testing.assert_array_equal(planes, array[:, :, 0])


def test_a_single_frame_stays_one(tmp_path: Path, ramp: Ramp) -> None:
    tifffile.imwrite(
        tmp_path / "a.tif", ramp((90, 80)), imagej=True, resolution=(2, 2), metadata={"unit": "um"}
    )
    image = cs.AcqImage(tmp_path / "a.tif")
    assert image.header.kind == "frames"
    path = cs.write_ome_zarr(image, tmp_path / "a.ome.zarr")
    assert cs.AcqImage(path).header.kind == "frames"
    others = [axis("y", "micrometer"), axis("x", "micrometer")]
    path = write_zarr(tmp_path / "b.zarr", ramp((90, 80)), others, [0.5, 0.5])
    assert loaders.read_header(path).kind == "frames"


def test_a_scale_without_a_unit_is_none(tmp_path: Path, ramp: Ramp) -> None:
    path = write_zarr(tmp_path / "a.zarr", ramp((500, 38)), [axis("t"), axis("x")], [1.0, 1.0])

    header = loaders.read_header(path)

    assert (header.kind, header.lines) == ("line_scan", 500)
    assert (header.line_period_s, header.pixel_size_um) == (None, None)


def test_several_images_of_a_folder(tmp_path: Path, ramp: Ramp) -> None:
    for number in (0, 1, 10, 2):
        write_zarr(
            tmp_path / "a.zarr", ramp((300 + number, 38)), [axis("y"), axis("x")], [1, 1],
            place=str(number),
        )  # fmt: skip

    assert [e.name for e in loaders.list_images(tmp_path / "a.zarr")] == ["0", "1", "2", "10"]
    header = loaders.read_header(tmp_path / "a.zarr", image="10")
    assert header.lines == 310
    pixels = loaders.open_pixels(tmp_path / "a.zarr", header).channel(0)
    np.testing.assert_array_equal(pixels, ramp((310, 38)))


def test_a_changed_folder_has_another_fingerprint(tmp_path: Path, ramp: Ramp) -> None:
    path = tmp_path / "a.zarr"
    cs.write_ome_zarr(cs.AcqImage.from_array(ramp((500, 38))), path)
    before = loaders.fingerprint(path)
    assert loaders.fingerprint(path) == before
    cs.write_ome_zarr(cs.AcqImage.from_array(ramp((501, 38))), path, overwrite=True)
    assert loaders.fingerprint(path) != before


def damaged(tmp_path: Path, ramp: Ramp, change: Callable[[Path], object]) -> Path:
    path = write_zarr(tmp_path / "a.zarr", ramp((500, 38)), [axis("y"), axis("x")], [1, 1])
    change(path)
    return path


def edited(file: str, edit: Callable[[dict[str, Any]], object]) -> Callable[[Path], object]:
    def change(path: Path) -> None:
        content = json.loads((path / file).read_text())
        edit(content)
        (path / file).write_text(json.dumps(content))

    return change


def lead_to(place: str) -> Callable[[Path], object]:
    return edited(
        ".zattrs", lambda a: a["multiscales"][0]["datasets"][0].__setitem__("path", place)
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lead_to("../other.zarr/s0"), "lead out of the folder"),
        (lead_to("/etc"), "lead out of the folder"),
        (lead_to("nothing"), "'nothing' is not there"),
        (
            edited("s0/.zarray", lambda a: a.__setitem__("filters", [{"id": "pickle"}])),
            "compressed with 'pickle', which is not read",
        ),
        (
            edited("s0/.zarray", lambda a: a.__setitem__("compressor", {"id": "imagecodecs_jpeg"})),
            "which is not read",
        ),
        (
            edited("s0/.zarray", lambda a: a.__setitem__("shape", [10**6, 10**6])),
            "made to fill the memory",
        ),
        (edited(".zattrs", lambda a: a.clear()), "without an OME image"),
        (edited(".zattrs", lambda a: a["multiscales"][0].pop("datasets")), "damaged"),
        (edited("s0/.zarray", lambda a: a.update(dtype="<c16", fill_value=None)), "no intensity"),
        (lambda path: (path / ".zattrs").write_text("{"), "damaged"),
        (lambda path: (path / ".zgroup").unlink(), "a folder without the metadata"),
        (lambda path: (path / "s0" / "link").symlink_to("/etc"), "is a link"),
    ],
)
def test_damaged_and_hostile_folders_are_one_sentence(
    tmp_path: Path, ramp: Ramp, change: Callable[[Path], object], words: str
) -> None:
    path = damaged(tmp_path, ramp, change)
    with pytest.raises(LoadError, match=words) as caught:
        loaders.read_header(path)
    assert str(path) in str(caught.value)


def test_a_damaged_piece_of_pixels_is_one_error(tmp_path: Path, ramp: Ramp) -> None:
    path = damaged(tmp_path, ramp, lambda path: (path / "s0" / "0.0").write_bytes(b"nonsense"))
    header = loaders.read_header(path)
    with pytest.raises(LoadError, match="damaged"):
        loaders.open_pixels(path, header).channel(0)


def test_flipped_bytes_give_pixels_or_one_error(tmp_path: Path, ramp: Ramp) -> None:
    chance, refused = random.Random(3), 0
    path = tmp_path / "a.zarr"
    cs.write_ome_zarr(cs.AcqImage.from_array(ramp((2, 60, 20)), line_period_s=0.001), path)
    files = {p: p.read_bytes() for p in path.rglob("*") if p.is_file()}
    for _ in range(60):
        place, whole = chance.choice(list(files.items()))
        data = bytearray(whole)
        for _ in range(chance.choice((1, 3, 10))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        place.write_bytes(data)
        try:
            header = loaders.read_header(path)
            assert loaders.open_pixels(path, header).channel(0).shape == (60, 20)
        except LoadError:
            refused += 1
        place.write_bytes(whole)
    assert 0 < refused < 60


def test_a_file_of_this_name_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.zarr").write_text("x")
    with pytest.raises(LoadError, match="its content is not OME-Zarr"):
        loaders.read_header(tmp_path / "a.zarr")

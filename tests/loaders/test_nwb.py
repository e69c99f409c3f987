"""NWB: what cloudscope wrote, and what others write."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import cloudscope as cs
from cloudscope import loaders
from cloudscope.errors import LoadError
from cloudscope.metadata import ImageHeader

h5py = pytest.importorskip("h5py")
pynwb = pytest.importorskip("pynwb")

Ramp = Callable[..., NDArray[Any]]
Read = Callable[[Path], tuple[ImageHeader, NDArray[Any]]]

BEGUN = datetime(2025, 7, 22, 12, 30, tzinfo=UTC)


def written(path: Path, *series: Any, plane: Callable[[Any], Any] | None = None) -> Path:
    file = pynwb.NWBFile("a session", "an id", BEGUN)
    if plane is not None:
        series = tuple(make(plane(file)) for make in series)
    for one in series:
        file.add_acquisition(one)
    with pynwb.NWBHDF5IO(path, "w") as writer:
        writer.write(file)
    return path


def an_imaging_plane(file: Any) -> Any:
    channel = pynwb.ophys.OpticalChannel(name="green", description="x", emission_lambda=520.0)
    return file.create_imaging_plane(
        name="plane", optical_channel=channel, description="x", device=file.create_device("scope"),
        excitation_lambda=920.0, indicator="FITC", location="cortex",
        grid_spacing=[0.25, 0.5], grid_spacing_unit="micrometers",
    )  # fmt: skip


def test_what_cloudscope_wrote_comes_back(tmp_path: Path, ramp: Ramp, read: Read) -> None:
    array = ramp((2, 500, 38))
    image = cs.AcqImage.from_array(
        array, line_period_s=0.00117, pixel_size_um=0.284, channel_names=("Texas Red", "FITC")
    )
    subject = {"subject_id": "m", "species": "mouse", "sex": "F", "age": "P30"}
    path = cs.write_nwb(
        image, tmp_path / "a.nwb", session_start_time=BEGUN, subject=subject, location="cortex"
    )

    header, planes = read(path)

    np.testing.assert_array_equal(planes[0], array)
    assert (header.kind, header.time_axis, header.time_axis_source) == ("line_scan", "rows", "file")
    assert header.line_period_s == pytest.approx(0.00117, rel=1e-12)
    assert header.pixel_size_um == pytest.approx(0.284, rel=1e-12)
    assert header.channel_names == ("Texas Red", "FITC")
    assert datetime.fromisoformat(header.acquired_at or "") == BEGUN
    assert header.raw["NWB/general/subject/species"] == "Mus musculus"
    assert cs.AcqImage(path).analyze("diameter").same_numbers(image.analyze("diameter"))


def test_a_plain_series_of_another_program_is_mapped(tmp_path: Path, ramp: Ramp) -> None:
    stored = ramp((500, 38))
    series = pynwb.TimeSeries(name="vessel", data=stored, unit="a.u.", rate=800.0)
    path = written(tmp_path / "a.nwb", series)

    header = loaders.read_header(path)

    assert header.line_period_s == 0.00125
    assert header.line_period_source == "NWB rate of vessel"
    assert header.pixel_size_um is None
    plane = loaders.open_pixels(path, header).channel(0)
    assert isinstance(plane, np.memmap)
    np.testing.assert_array_equal(plane, stored)


def test_time_stamps_give_the_line_period(tmp_path: Path, ramp: Ramp) -> None:
    stamps = 3.0 + 0.002 * np.arange(500)
    series = pynwb.TimeSeries(name="vessel", data=ramp((500, 38)), unit="a.u.", timestamps=stamps)

    header = loaders.read_header(written(tmp_path / "a.nwb", series))

    assert header.line_period_s == pytest.approx(0.002)
    assert "timestamps" in header.line_period_source


def test_two_photon_frames_are_upright(tmp_path: Path, ramp: Ramp, read: Read) -> None:
    frames = ramp((6, 20, 30))  # (time, x, y), as NWB has it
    path = written(
        tmp_path / "a.nwb",
        lambda plane: pynwb.ophys.TwoPhotonSeries(
            name="movie", data=frames, unit="counts", rate=4.0, imaging_plane=plane
        ),
        plane=an_imaging_plane,
    )

    header, planes = read(path)

    assert (header.kind, header.lines, header.pixels, header.frames) == ("frames", 30, 20, 6)
    assert (header.frame_period_s, header.pixel_size_um, header.row_size_um) == (0.25, 0.25, 0.5)
    assert header.channel_names == ("green",)
    np.testing.assert_array_equal(planes[:, 0], frames.transpose(0, 2, 1))


def test_each_series_is_a_recording_and_traces_are_none(tmp_path: Path, ramp: Ramp) -> None:
    def line(name: str, lines: int) -> Any:
        return pynwb.TimeSeries(name=name, data=ramp((lines, 38)), unit="a.u.", rate=800.0)

    trace = pynwb.TimeSeries(name="heart", data=np.zeros(9000), unit="mV", rate=1000.0)
    wheel = pynwb.TimeSeries(name="wheel", data=np.zeros((9000, 2)), unit="m", rate=1000.0)
    path = written(tmp_path / "a.nwb", line("run 1", 300), line("run 2", 500), trace, wheel)

    assert [entry.name for entry in loaders.list_images(path)] == ["run 1", "run 2"]
    assert loaders.read_header(path).lines == 500
    assert loaders.read_header(path, image="run 1").lines == 300


def pictures(ramp: Ramp, *sizes: tuple[int, int], order: list[int] | None = None) -> Any:
    made = [
        pynwb.image.GrayscaleImage(name=f"picture {n}", data=ramp(size) + n)
        for n, size in enumerate(sizes)
    ]
    told = order and pynwb.base.ImageReferences(
        name="order_of_images", data=[made[n] for n in order]
    )
    return pynwb.base.Images(name="overview", images=made, order_of_images=told)


def test_pictures_of_another_program_are_in_their_order(
    tmp_path: Path, ramp: Ramp, read: Read
) -> None:
    path = written(tmp_path / "a.nwb", pictures(ramp, *[(20, 30)] * 3, order=[2, 0, 1]))

    header, planes = read(path)

    assert (header.kind, header.lines, header.pixels, header.frames) == ("frames", 30, 20, 3)
    assert header.frame_period_s is None
    for plane, number in zip(planes[:, 0], [2, 0, 1], strict=True):
        np.testing.assert_array_equal(plane, (ramp((20, 30)) + number).T)


def test_pictures_of_several_sizes_are_no_movie(tmp_path: Path, ramp: Ramp) -> None:
    path = written(tmp_path / "a.nwb", pictures(ramp, (20, 30), (30, 20)))
    with pytest.raises(LoadError, match="it holds no series of images"):
        loaders.read_header(path)


def test_data_of_another_file_are_never_opened(tmp_path: Path, ramp: Ramp) -> None:
    series = pynwb.TimeSeries(name="vessel", data=ramp((500, 38)), unit="a.u.", rate=800.0)
    path = written(tmp_path / "a.nwb", series)
    other = written(tmp_path / "b.nwb", series_like(series))
    with h5py.File(path, "a") as file:
        del file["acquisition/vessel/data"]
        file["acquisition/vessel/data"] = h5py.ExternalLink(other.name, "/acquisition/vessel/data")

    with pytest.raises(LoadError, match="it holds no series of images"):
        loaders.read_header(path)


def series_like(series: Any) -> Any:
    return pynwb.TimeSeries(name=series.name, data=series.data, unit="a.u.", rate=800.0)

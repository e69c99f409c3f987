"""ImageJ, OME, FluoView, LSM and ScanImage: axes, calibration and what their metadata says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from cloudscope import loaders
from cloudscope.errors import LoadError

Write = Callable[..., Path]
Ramp = Callable[..., NDArray[Any]]


def read(path: Path) -> tuple[Any, NDArray[Any]]:
    """Header and all planes, shape (frames, channels, lines, pixels)."""
    header = loaders.read_header(path)
    pixels = loaders.open_pixels(path, header)
    found = [
        [pixels.channel(channel, frame) for channel in range(header.channels)]
        for frame in range(header.frames)
    ]
    return header, np.array(found)


class TestImageJ:
    def test_single_plane_with_interval(self, write: Write, ramp: Ramp) -> None:
        stored = ramp((400, 30))
        path = write(
            stored,
            imagej=True,
            resolution=(4.0, 4.0),
            metadata={"unit": "um", "finterval": 0.00125},
        )

        header, planes = read(path)

        assert (header.format, header.kind) == ("ImageJ TIFF", "line_scan")
        assert header.line_period_s == pytest.approx(0.00125)
        assert header.line_period_source == "ImageJ finterval"
        assert header.pixel_size_um == pytest.approx(0.25)
        assert header.time_axis_source.startswith("rule: the time step of a single plane")
        np.testing.assert_array_equal(planes[0, 0], stored)

    def test_wide_plane_with_interval(self, write: Write, ramp: Ramp) -> None:
        stored = ramp((30, 400))
        path = write(
            stored,
            imagej=True,
            resolution=(4.0, 2.0),
            metadata={"unit": "um", "finterval": 0.00125},
        )

        header, planes = read(path)

        assert (header.time_axis, header.lines, header.pixels) == ("columns", 400, 30)
        assert header.line_period_s == pytest.approx(0.00125)
        assert header.pixel_size_um == pytest.approx(0.5)
        np.testing.assert_array_equal(planes[0, 0], stored.T)

    @pytest.mark.parametrize("unit", ["micron", "\\u00B5m", "um", "mm"])
    def test_every_spelling_of_micrometre(self, write: Write, ramp: Ramp, unit: str) -> None:
        scale = 2000.0 if unit == "mm" else 2.0
        path = write(
            ramp((400, 30)), imagej=True, resolution=(scale, scale), metadata={"unit": unit}
        )

        assert loaders.read_header(path).pixel_size_um == pytest.approx(0.5)

    @pytest.mark.parametrize("metadata", [{}, {"unit": "pixel"}, {"unit": "inch"}])
    def test_without_unit_nothing_is_invented(
        self, write: Write, ramp: Ramp, metadata: dict[str, Any]
    ) -> None:
        path = write(ramp((400, 30)), imagej=True, resolution=(72.0, 72.0), metadata=metadata)

        header = loaders.read_header(path)

        assert header.line_period_s is None
        assert header.pixel_size_um is None

    def test_time_unit_of_an_axis_makes_it_time(self, write: Write, ramp: Ramp) -> None:
        stored = ramp((30, 40))
        path = write(
            stored,
            resolution=(2.0, 500.0),
            description="ImageJ=1.54f\nunit=micron\nyunit=sec\n",
        )

        header, planes = read(path)

        assert header.kind == "line_scan"
        assert (header.time_axis, header.time_axis_source) == ("rows", "file")
        assert header.line_period_s == pytest.approx(0.002)
        assert header.pixel_size_um == pytest.approx(0.5)
        assert header.row_size_um is None
        np.testing.assert_array_equal(planes[0, 0], stored)

    def test_time_along_columns(self, write: Write, ramp: Ramp) -> None:
        stored = ramp((30, 40))
        path = write(
            stored,
            resolution=(0.5, 2.0),
            description="ImageJ=1.54f\nunit=ms\nyunit=micron\n",
        )

        header, planes = read(path)

        assert header.time_axis == "columns"
        assert (header.lines, header.pixels) == (40, 30)
        assert header.line_period_s == pytest.approx(0.002)
        assert header.pixel_size_um == pytest.approx(0.5)
        np.testing.assert_array_equal(planes[0, 0], stored.T)

    def test_square_plane_with_length_unit_is_a_frame(self, write: Write, ramp: Ramp) -> None:
        path = write(
            ramp((64, 64)), imagej=True, resolution=(2.0, 2.0), metadata={"unit": "micron"}
        )

        header = loaders.read_header(path)

        assert (header.kind, header.frames) == ("frames", 1)
        assert header.pixel_size_um == header.row_size_um == pytest.approx(0.5)
        assert header.time_axis_source.startswith("rule: both axes have a length")

    def test_long_plane_with_length_unit_is_a_line_scan(self, write: Write, ramp: Ramp) -> None:
        path = write(
            ramp((400, 40)), imagej=True, resolution=(2.0, 2.0), metadata={"unit": "micron"}
        )

        assert loaders.read_header(path).kind == "line_scan"

    def test_two_channel_hyperstack(self, write: Write, ramp: Ramp) -> None:
        stored = ramp((2, 400, 30))
        path = write(stored, imagej=True, metadata={"axes": "CYX"})

        header, planes = read(path)

        assert (header.kind, header.channels, header.frames) == ("line_scan", 2, 1)
        np.testing.assert_array_equal(planes[0], stored)

    def test_time_slices_of_one_row_are_lines(self, write: Write, ramp: Ramp) -> None:
        stored = ramp((50, 2, 1, 30))
        path = write(
            stored, imagej=True, metadata={"axes": "TCYX", "finterval": 0.01, "unit": "um"}
        )

        header, planes = read(path)

        assert (header.kind, header.lines, header.pixels, header.channels) == (
            "line_scan",
            50,
            30,
            2,
        )
        assert header.time_axis_source == "file"
        assert header.line_period_s == pytest.approx(0.01)
        np.testing.assert_array_equal(planes[0, 1], stored[:, 1, 0])

    @pytest.mark.parametrize("compression", [None, "zlib"])
    def test_movie(self, write: Write, ramp: Ramp, compression: str | None) -> None:
        stored = ramp((5, 2, 40, 50))
        path = write(
            stored,
            imagej=True,
            compression=compression,
            resolution=(2.0, 2.0),
            metadata={"axes": "TCYX", "finterval": 0.5, "unit": "um"},
        )

        header, planes = read(path)

        assert (header.kind, header.frames, header.channels) == ("frames", 5, 2)
        assert header.frame_period_s == pytest.approx(0.5)
        assert header.line_period_s is None
        np.testing.assert_array_equal(planes, stored)

    def test_hundreds_of_channels_are_frames(self, write: Write, ramp: Ramp) -> None:
        stored = ramp((40, 20, 30))
        path = write(stored, imagej=True, metadata={"finterval": 0.5})

        header, planes = read(path)

        assert (header.kind, header.frames, header.channels) == ("frames", 40, 1)
        assert header.frame_period_s == pytest.approx(0.5)
        assert header.warnings == ("ImageJ metadata names 40 channels: they are read as frames",)
        np.testing.assert_array_equal(planes[:, 0], stored)


class TestOme:
    def test_calibration(self, write: Write, ramp: Ramp) -> None:
        stored = ramp((2, 400, 30))
        path = write(
            stored,
            name="a.ome.tif",
            ome=True,
            metadata={
                "axes": "CYX",
                "PhysicalSizeX": 250,
                "PhysicalSizeXUnit": "nm",
                "TimeIncrement": 2.0,
                "TimeIncrementUnit": "ms",
                "SignificantBits": 12,
                "Channel": {"Name": ["plasma", "cells"]},
            },
        )

        header, planes = read(path)

        assert (header.format, header.kind) == ("OME-TIFF", "line_scan")
        assert header.pixel_size_um == 0.25
        assert header.pixel_size_source == "OME Pixels PhysicalSizeX"
        assert header.line_period_s == 0.002
        assert header.channel_names == ("plasma", "cells")
        assert header.bit_depth == 12
        np.testing.assert_array_equal(planes[0], stored)

    @pytest.mark.parametrize("compression", [None, "zlib"])
    def test_times_of_one_row_are_lines(
        self, write: Write, ramp: Ramp, compression: str | None
    ) -> None:
        stored = ramp((60, 1, 30))
        path = write(
            stored,
            name="a.ome.tif",
            ome=True,
            compression=compression,
            metadata={"axes": "TYX", "TimeIncrement": 0.001, "PhysicalSizeX": 0.3},
        )

        header, planes = read(path)

        assert (header.kind, header.lines, header.pixels) == ("line_scan", 60, 30)
        assert header.time_axis_source == "file"
        assert header.line_period_s == 0.001
        np.testing.assert_array_equal(planes[0, 0], stored[:, 0])

    def test_line_period_from_plane_times(self, write: Write, ramp: Ramp) -> None:
        times = [0.001 * i for i in range(60)]
        path = write(
            ramp((60, 1, 30)),
            name="a.ome.tif",
            ome=True,
            metadata={"axes": "TYX", "Plane": {"DeltaT": times}},
        )

        header = loaders.read_header(path)

        assert header.line_period_s == pytest.approx(0.001)
        assert header.line_period_source == "OME Plane DeltaT, last minus first"

    def test_both_axes_in_space_make_a_frame(self, write: Write, ramp: Ramp) -> None:
        sizes = {"axes": "YX", "PhysicalSizeX": 0.3, "PhysicalSizeY": 0.4}
        frame = write(ramp((64, 50)), name="a.ome.tif", ome=True, metadata=sizes)

        header = loaders.read_header(frame)

        assert header.kind == "frames"
        assert (header.pixel_size_um, header.row_size_um) == (0.3, 0.4)

    def test_movie(self, write: Write, ramp: Ramp) -> None:
        stored = ramp((5, 3, 40, 50))
        path = write(
            stored, name="a.ome.tif", ome=True, metadata={"axes": "TCYX", "TimeIncrement": 0.5}
        )

        header, planes = read(path)

        assert (header.kind, header.frames, header.channels) == ("frames", 5, 3)
        assert header.frame_period_s == 0.5
        np.testing.assert_array_equal(planes, stored)

    def test_size_of_one_without_unit_is_no_calibration(self, write: Write, ramp: Ramp) -> None:
        xml = _OME.format(attributes='PhysicalSizeX="1.0"', extra="")
        path = write(ramp((400, 30)), name="a.ome.tif", description=xml)

        assert loaders.read_header(path).pixel_size_um is None

    def test_zero_is_no_calibration(self, write: Write, ramp: Ramp) -> None:
        xml = _OME.format(attributes='PhysicalSizeX="0" TimeIncrement="0"', extra="")
        path = write(ramp((400, 30)), name="a.ome.tif", description=xml)

        header = loaders.read_header(path)

        assert header.format == "OME-TIFF"
        assert (header.pixel_size_um, header.line_period_s) == (None, None)

    @pytest.mark.parametrize(
        "name", ["../other.tif", "/etc/passwd", "sub/a.tif", "..\\a.tif", "C:a"]
    )
    def test_companion_outside_the_folder_is_refused(
        self, write: Write, ramp: Ramp, name: str
    ) -> None:
        data = f'<TiffData><UUID FileName="{name}">urn:uuid:1</UUID></TiffData>'
        xml = _OME.format(attributes="", extra=data)
        path = write(ramp((400, 30)), name="a.ome.tif", description=xml)

        with pytest.raises(LoadError, match="points to a file outside its folder"):
            loaders.read_header(path)

    def test_companion_behind_a_link_is_refused(
        self, tmp_path: Path, write: Write, ramp: Ramp
    ) -> None:
        (tmp_path / "elsewhere").mkdir()
        secret = write(ramp((400, 30)), name="elsewhere/secret.tif")
        (tmp_path / "link.tif").symlink_to(secret)
        data = '<TiffData><UUID FileName="link.tif">urn:uuid:1</UUID></TiffData>'
        path = write(
            ramp((400, 30)), name="a.ome.tif", description=_OME.format(attributes="", extra=data)
        )

        with pytest.raises(LoadError, match="points to a file outside its folder"):
            loaders.read_header(path)

    def test_companion_beside_it_is_read(self, write: Write, ramp: Ramp) -> None:
        stored = ramp((2, 64, 30))
        names = ("a.ome.tif", "b.ome.tif")
        places = "".join(
            f'<TiffData FirstT="{i}" IFD="0" PlaneCount="1">'
            f'<UUID FileName="{name}">urn:uuid:{i}</UUID></TiffData>'
            for i, name in enumerate(names)
        )
        xml = _OME.format(attributes="", extra=places).replace('SizeT="1"', 'SizeT="2"')
        xml = xml.replace('SizeY="400"', 'SizeY="64"').replace(
            '<TiffData IFD="0" PlaneCount="1"/>', ""
        )
        padding = b"x" * 4000  # the second file is longer: each is held against its own size
        paths = [
            write(plane, name=name, description=xml, extratags=tags)
            for name, plane, tags in zip(
                names, stored, ([], [(65000, "B", len(padding), padding, True)]), strict=True
            )
        ]

        header, planes = read(paths[0])

        assert (header.kind, header.frames) == ("frames", 2)
        np.testing.assert_array_equal(planes[:, 0], stored)

    def test_missing_companion_is_told(self, write: Write, ramp: Ramp) -> None:
        data = (
            '<TiffData IFD="0" PlaneCount="1"/>'
            '<TiffData FirstT="1" IFD="0" PlaneCount="1">'
            '<UUID FileName="gone.ome.tif">urn:uuid:1</UUID></TiffData>'
        )
        xml = _OME.format(attributes="", extra=data).replace('SizeT="1"', 'SizeT="2"')
        path = write(ramp((400, 30)), name="a.ome.tif", description=xml)

        with pytest.raises(LoadError, match="missing"):
            loaders.read_header(path)

    def test_entities_are_not_expanded(self, write: Write, ramp: Ramp) -> None:
        bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
        xml = bomb + _OME.format(attributes='PhysicalSizeX="0.5"', extra="")
        path = write(ramp((400, 30)), name="a.ome.tif", description=xml)

        with pytest.raises(LoadError, match="document type"):
            loaders.read_header(path)

    def test_broken_xml_costs_the_metadata_only(self, write: Write, ramp: Ramp) -> None:
        stored = ramp((400, 30))
        path = write(stored, name="a.ome.tif", description="<OME><Image></OME>")

        header, planes = read(path)

        assert any("OME metadata cannot be understood" in text for text in header.warnings)
        np.testing.assert_array_equal(planes[0, 0], stored)


_OME = (
    '<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">'
    '<Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="uint16" SizeX="30" '
    'SizeY="400" SizeC="1" SizeZ="1" SizeT="1" {attributes}><Channel ID="Channel:0" '
    'SamplesPerPixel="1"/>{extra}<TiffData IFD="0" PlaneCount="1"/></Pixels></Image></OME>'
)


class TestFluoView:
    def test_line_scan(self, write_fluoview: Write, ramp: Ramp) -> None:
        stored = ramp((500, 20))
        path = write_fluoview(
            stored,
            [("X", 20, 0.284, "µm"), ("T", 500, 1.5, "ms")],
            description="[Acquisition Parameters]\r\nChannel 1 Dye=FITC   \r\n"
            "Date=11-02-2022\r\nTime=12:30:15\r\n",
        )

        header, planes = read(path)

        assert (header.format, header.kind) == ("Olympus FluoView TIFF", "line_scan")
        assert (header.line_period_s, header.pixel_size_um) == (0.0015, 0.284)
        assert header.line_period_source == "FluoView tag 34361, dimension T"
        assert header.time_axis_source == "file"
        assert header.channel_names == ("FITC",)
        assert header.acquired_at == "2022-11-02T12:30:15"
        assert header.bit_depth == 12
        np.testing.assert_array_equal(planes[0, 0], stored)

    def test_time_along_columns(self, write_fluoview: Write, ramp: Ramp) -> None:
        stored = ramp((20, 30))
        path = write_fluoview(stored, [("T", 30, 0.002, "s"), ("X", 20, 0.5, "µm")])

        header, planes = read(path)

        assert (header.lines, header.pixels) == (30, 20)
        assert header.time_axis == "columns"
        assert header.time_axis_source == "file"
        np.testing.assert_array_equal(planes[0, 0], stored.T)

    def test_two_channels(self, write_fluoview: Write, ramp: Ramp) -> None:
        stored = ramp((2, 500, 20))
        path = write_fluoview(
            stored, [("X", 20, 0.3, "µm"), ("T", 500, 0.001, "s"), ("Ch", 2, 1.0, "")]
        )

        header, planes = read(path)

        assert (header.kind, header.channels) == ("line_scan", 2)
        np.testing.assert_array_equal(planes[0], stored)

    def test_plane_in_space_is_a_frame(self, write_fluoview: Write, ramp: Ramp) -> None:
        path = write_fluoview(ramp((500, 20)), [("X", 20, 0.3, "µm"), ("Y", 500, 0.4, "µm")])

        header = loaders.read_header(path)

        assert (header.kind, header.time_axis_source) == ("frames", "file")
        assert (header.pixel_size_um, header.row_size_um) == (0.3, 0.4)

    def test_unknown_unit_is_no_calibration(self, write_fluoview: Write, ramp: Ramp) -> None:
        path = write_fluoview(ramp((500, 20)), [("X", 20, 1.0, "px"), ("T", 500, 0.0, "s")])

        header = loaders.read_header(path)

        assert (header.pixel_size_um, header.line_period_s) == (None, None)

    def test_sizes_of_another_image_are_an_error(self, write_fluoview: Write, ramp: Ramp) -> None:
        path = write_fluoview(ramp((500, 20)), [("X", 20, 0.3, "µm"), ("T", 5000, 0.001, "s")])

        with pytest.raises(LoadError, match=r"cut short|damaged|disagree"):
            loaders.read_header(path)


class TestLsm:
    @pytest.mark.parametrize("scan_type", [2, 5])
    def test_line_scan(self, write_lsm: Write, ramp: Ramp, scan_type: int) -> None:
        stored = ramp((100, 48))
        path = write_lsm(
            [stored],
            scan_type=scan_type,
            sizes={"X": 48, "T": 100},
            voxel_m=(2.5e-7, 2.5e-7),
            interval_s=0.00153,
        )

        header, planes = read(path)

        assert (header.format, header.kind) == ("Zeiss LSM", "line_scan")
        assert (header.lines, header.pixels) == (100, 48)
        assert header.time_axis_source == "file"
        assert header.line_period_s == 0.00153
        assert header.pixel_size_um == pytest.approx(0.25)
        np.testing.assert_array_equal(planes[0, 0], stored)

    def test_channels(self, write_lsm: Write, ramp: Ramp) -> None:
        stored = ramp((3, 100, 48))
        path = write_lsm(
            [stored],
            planarconfig="separate",
            scan_type=5,
            sizes={"X": 48, "T": 100, "C": 3},
            voxel_m=(2.5e-7, 2.5e-7),
            interval_s=0.0015,
        )

        header, planes = read(path)

        assert (header.kind, header.channels) == ("line_scan", 3)
        np.testing.assert_array_equal(planes[0], stored)

    def test_plane_scan_is_a_frame(self, write_lsm: Write, ramp: Ramp) -> None:
        path = write_lsm(
            [ramp((100, 48))],
            scan_type=0,
            sizes={"X": 48, "Y": 100},
            voxel_m=(2.5e-7, 5e-7),
            interval_s=0.5,
        )

        header = loaders.read_header(path)

        assert (header.kind, header.time_axis_source) == ("frames", "file")
        assert header.line_period_s is None
        assert header.row_size_um == pytest.approx(0.5)

    def test_movie(self, write_lsm: Write, ramp: Ramp) -> None:
        stored = ramp((3, 40, 48))
        path = write_lsm(
            list(stored),
            scan_type=3,
            sizes={"X": 48, "Y": 40, "T": 3},
            voxel_m=(2.5e-7, 2.5e-7),
            interval_s=0.5,
        )

        header, planes = read(path)

        assert (header.kind, header.frames, header.frame_period_s) == ("frames", 3, 0.5)
        np.testing.assert_array_equal(planes[:, 0], stored)


class TestScanImage:
    def _write_3(self, path: Path, pages: NDArray[Any], **settings: object) -> Path:
        values = {"acq.msPerLine": 2, "acq.frameRate": 10, "acq.inputBitDepth": 12} | settings
        text = "\r".join(f"state.{key.replace('__', '.')}={v}" for key, v in values.items())
        with tifffile.TiffWriter(path) as tif:
            for page in pages:
                tif.write(
                    page,
                    metadata=None,
                    photometric="minisblack",
                    description=text,
                    resolution=(72, 72),
                    resolutionunit="INCH",
                )
        return path

    def _write_5(self, path: Path, pages: NDArray[Any], **settings: object) -> Path:
        values = {
            "SI.VERSION_MAJOR": "'2016'",
            "SI.hRoiManager.linePeriod": 6.3e-05,
            "SI.hRoiManager.scanFramePeriod": 0.0333,
            "SI.hChannels.channelSave": "[1;2]",
            "SI.hStackManager.framesPerSlice": len(pages) // 2,
        } | settings
        software = "\n".join(f"{key} = {value}" for key, value in values.items())
        with tifffile.TiffWriter(path, bigtiff=True) as tif:
            for i, page in enumerate(pages):
                tif.write(
                    page,
                    metadata=None,
                    photometric="minisblack",
                    software=software,
                    description=f"frameNumbers = {i}\nepoch = [2017  2 28 14 22 31.5]\n",
                )
        return path

    def test_3_two_channels_alternate(self, tmp_path: Path, ramp: Ramp) -> None:
        stored = ramp((4, 2, 32, 40))
        path = self._write_3(
            tmp_path / "a.tif",
            stored.reshape(8, 32, 40),
            acq__savingChannel1=1,
            acq__savingChannel2=0,
            acq__savingChannel3=1,
        )

        header, planes = read(path)

        assert (header.kind, header.frames, header.channels) == ("frames", 4, 2)
        assert header.channel_names == ("channel 1", "channel 3")
        assert header.frame_period_s == pytest.approx(0.1)
        assert (header.line_period_s, header.pixel_size_um) == (None, None)
        assert header.bit_depth == 12
        np.testing.assert_array_equal(planes, stored)

    @pytest.mark.parametrize("setting", ["acq__linescan", "acq__scanAngleMultiplierSlow"])
    def test_3_line_scan_goes_on_over_its_frames(
        self, tmp_path: Path, ramp: Ramp, setting: str
    ) -> None:
        stored = ramp((5, 50, 40))
        path = self._write_3(
            tmp_path / "a.tif",
            stored,
            acq__savingChannel1=1,
            **{setting: 1 if setting == "acq__linescan" else 0},
        )

        header, planes = read(path)

        assert (header.kind, header.lines, header.pixels) == ("line_scan", 250, 40)
        assert header.frames == 1
        assert header.line_period_s == pytest.approx(0.002)
        assert header.line_period_source == "ScanImage state.acq.msPerLine"
        assert header.warnings == ()
        np.testing.assert_array_equal(planes[0, 0], stored.reshape(250, 40))

    def test_3_pauses_between_pieces_are_told(self, tmp_path: Path, ramp: Ramp) -> None:
        path = self._write_3(
            tmp_path / "a.tif", ramp((5, 40, 40)), acq__savingChannel1=1, acq__linescan=1
        )

        (warning,) = loaders.read_header(path).warnings

        assert "pauses 20 ms after every 40 lines" in warning

    def test_5_movie(self, tmp_path: Path, ramp: Ramp) -> None:
        stored = ramp((3, 2, 32, 40))
        corners = "[-100 -80;100 -80;100 80;-100 80]"
        path = self._write_5(
            tmp_path / "a.tif",
            stored.reshape(6, 32, 40),
            **{
                "SI.hRoiManager.imagingFovUm": corners,
                "SI.hRoiManager.pixelsPerLine": 40,
            },
        )

        header, planes = read(path)

        assert (header.kind, header.frames, header.channels) == ("frames", 3, 2)
        assert header.frame_period_s == 0.0333
        assert header.pixel_size_um == pytest.approx(5.0)
        assert header.acquired_at == "2017-02-28T14:22:31.500"
        np.testing.assert_array_equal(planes, stored)

    def test_5_line_scan(self, tmp_path: Path, ramp: Ramp) -> None:
        stored = ramp((3, 2, 50, 40))
        path = self._write_5(
            tmp_path / "a.tif",
            stored.reshape(6, 50, 40),
            **{
                "SI.hRoiManager.scanAngleMultiplierSlow": 0,
                "SI.hRoiManager.scanFramePeriod": 50 * 6.3e-5,
            },
        )

        header, planes = read(path)

        assert (header.kind, header.lines, header.channels) == ("line_scan", 150, 2)
        assert header.line_period_s == 6.3e-05
        np.testing.assert_array_equal(planes[0, 1], stored[:, 1].reshape(150, 40))

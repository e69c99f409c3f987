"""OME-TIFF: calibration, axes, companion files."""

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
from cloudscope.metadata import ImageHeader

Read = Callable[[Path], tuple[ImageHeader, NDArray[Any]]]
Write = Callable[..., Path]
Ramp = Callable[..., NDArray[Any]]


_OME = (
    '<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">'
    '<Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="uint16" SizeX="30" '
    'SizeY="400" SizeC="1" SizeZ="1" SizeT="1" {attributes}><Channel ID="Channel:0" '
    'SamplesPerPixel="1"/>{extra}<TiffData IFD="0" PlaneCount="1"/></Pixels></Image></OME>'
)


def test_calibration(read: Read, write: Write, ramp: Ramp) -> None:
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
    read: Read, write: Write, ramp: Ramp, compression: str | None
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


def test_line_period_from_plane_times(write: Write, ramp: Ramp) -> None:
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


def test_both_axes_in_space_make_a_frame(write: Write, ramp: Ramp) -> None:
    sizes = {"axes": "YX", "PhysicalSizeX": 0.3, "PhysicalSizeY": 0.4}
    frame = write(ramp((64, 50)), name="a.ome.tif", ome=True, metadata=sizes)

    header = loaders.read_header(frame)

    assert header.kind == "frames"
    assert (header.pixel_size_um, header.row_size_um) == (0.3, 0.4)


def test_movie(read: Read, write: Write, ramp: Ramp) -> None:
    stored = ramp((5, 3, 40, 50))
    path = write(
        stored, name="a.ome.tif", ome=True, metadata={"axes": "TCYX", "TimeIncrement": 0.5}
    )

    header, planes = read(path)

    assert (header.kind, header.frames, header.channels) == ("frames", 5, 3)
    assert header.frame_period_s == 0.5
    np.testing.assert_array_equal(planes, stored)


def test_size_of_one_without_unit_is_no_calibration(write: Write, ramp: Ramp) -> None:
    xml = _OME.format(attributes='PhysicalSizeX="1.0"', extra="")
    path = write(ramp((400, 30)), name="a.ome.tif", description=xml)

    assert loaders.read_header(path).pixel_size_um is None


def test_zero_is_no_calibration(write: Write, ramp: Ramp) -> None:
    xml = _OME.format(attributes='PhysicalSizeX="0" TimeIncrement="0"', extra="")
    path = write(ramp((400, 30)), name="a.ome.tif", description=xml)

    header = loaders.read_header(path)

    assert header.format == "OME-TIFF"
    assert (header.pixel_size_um, header.line_period_s) == (None, None)


@pytest.mark.parametrize("name", ["../other.tif", "/etc/passwd", "sub/a.tif", "..\\a.tif", "C:a"])
def test_companion_outside_the_folder_is_refused(write: Write, ramp: Ramp, name: str) -> None:
    data = f'<TiffData><UUID FileName="{name}">urn:uuid:1</UUID></TiffData>'
    xml = _OME.format(attributes="", extra=data)
    path = write(ramp((400, 30)), name="a.ome.tif", description=xml)

    with pytest.raises(LoadError, match="points to a file outside its folder"):
        loaders.read_header(path)


def test_companion_behind_a_link_is_refused(tmp_path: Path, write: Write, ramp: Ramp) -> None:
    (tmp_path / "elsewhere").mkdir()
    secret = write(ramp((400, 30)), name="elsewhere/secret.tif")
    (tmp_path / "link.tif").symlink_to(secret)
    data = '<TiffData><UUID FileName="link.tif">urn:uuid:1</UUID></TiffData>'
    path = write(
        ramp((400, 30)), name="a.ome.tif", description=_OME.format(attributes="", extra=data)
    )

    with pytest.raises(LoadError, match="points to a file outside its folder"):
        loaders.read_header(path)


def test_companion_beside_it_is_read(read: Read, write: Write, ramp: Ramp) -> None:
    stored = ramp((2, 64, 30))
    names = ("a.ome.tif", "b.ome.tif")
    places = "".join(
        f'<TiffData FirstT="{i}" IFD="0" PlaneCount="1">'
        f'<UUID FileName="{name}">urn:uuid:{i}</UUID></TiffData>'
        for i, name in enumerate(names)
    )
    xml = _OME.format(attributes="", extra=places).replace('SizeT="1"', 'SizeT="2"')
    xml = xml.replace('SizeY="400"', 'SizeY="64"').replace('<TiffData IFD="0" PlaneCount="1"/>', "")
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


def test_missing_companion_is_told(write: Write, ramp: Ramp) -> None:
    data = (
        '<TiffData IFD="0" PlaneCount="1"/>'
        '<TiffData FirstT="1" IFD="0" PlaneCount="1">'
        '<UUID FileName="gone.ome.tif">urn:uuid:1</UUID></TiffData>'
    )
    xml = _OME.format(attributes="", extra=data).replace('SizeT="1"', 'SizeT="2"')
    path = write(ramp((400, 30)), name="a.ome.tif", description=xml)

    with pytest.raises(LoadError, match="missing"):
        loaders.read_header(path)


def test_entities_are_not_expanded(write: Write, ramp: Ramp) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    xml = bomb + _OME.format(attributes='PhysicalSizeX="0.5"', extra="")
    path = write(ramp((400, 30)), name="a.ome.tif", description=xml)

    with pytest.raises(LoadError, match="document type"):
        loaders.read_header(path)


def test_broken_xml_costs_the_metadata_only(read: Read, write: Write, ramp: Ramp) -> None:
    stored = ramp((400, 30))
    path = write(stored, name="a.ome.tif", description="<OME><Image></OME>")

    header, planes = read(path)

    assert any("OME metadata cannot be understood" in text for text in header.warnings)
    np.testing.assert_array_equal(planes[0, 0], stored)


def test_settings_of_the_microscope(tmp_path: Path, ramp: Ramp) -> None:
    instrument = (
        '<Instrument ID="Instrument:0"><Microscope Model="Ultima"/>'
        '<Laser ID="LightSource:0" Wavelength="920" WavelengthUnit="nm" Model="MaiTai"/>'
        '<Detector ID="Detector:0" Model="PMT 1"/>'
        '<Objective ID="Objective:0" Model="other" LensNA="0.5" NominalMagnification="10"/>'
        '<Objective ID="Objective:1" Model="Nikon 16x" LensNA="0.8" Immersion="Water"'
        ' NominalMagnification="16"/></Instrument>'
    )
    xml = _OME.format(attributes="", extra="").replace(
        '<Image ID="Image:0">',
        f'{instrument}<Image ID="Image:0"><InstrumentRef ID="Instrument:0"/>'
        '<ObjectiveSettings ID="Objective:1"/>',
    )
    xml = xml.replace(
        'SamplesPerPixel="1"/>',
        'SamplesPerPixel="1"><LightSourceSettings ID="LightSource:0" Attenuation="0.9"/>'
        '<DetectorSettings ID="Detector:0" Gain="2" Zoom="3.5"/></Channel>',
    )
    path = tmp_path / "a.ome.tif"
    tifffile.imwrite(path, ramp((400, 30)), description=xml, metadata=None)

    assert loaders.read_header(path).optics.rows() == [
        ("Microscope", "Ultima"),
        ("Objective", "Nikon 16x, 16×, NA 0.8, Water"),
        ("Zoom", "3.5"),
        ("Laser", "MaiTai 920 nm at 10 %"),
        ("Detector", "PMT 1, gain 2"),
    ]


def test_every_image_with_what_the_xml_says_of_it(tmp_path: Path, ramp: Ramp) -> None:
    path = tmp_path / "several.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as tif:
        for number in range(3):
            tif.write(
                ramp((200 + number, 30)),
                compression="zlib" if number == 1 else None,
                metadata={"axes": "YX", "Name": "same", "PhysicalSizeX": 0.1 + number},
            )

    entries = loaders.list_images(path)

    assert len({entry.name for entry in entries}) == len(entries) == 3
    for number in range(3):
        header = loaders.read_header(path, image=number)
        assert (header.pixel_size_um, header.lines) == (pytest.approx(0.1 + number), 200 + number)
        plane = loaders.open_pixels(path, header).channel(0)
        np.testing.assert_array_equal(plane, ramp((200 + number, 30)))

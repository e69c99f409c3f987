"""The reference image of a file in the viewer: a picture, the line, or why there is none."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np

import cloudscope as cs
from cloudscope.errors import LoadError
from cloudscope.loaders.reference import ReferenceImage

from ..cli.conftest import write_recording


def with_reference(reference: ReferenceImage | None) -> cs.AcqImage:
    image = cs.AcqImage.from_array(np.zeros((100, 20)), name="scan")
    image.reference_image = lambda: reference  # type: ignore[method-assign]
    return image


def test_it_is_read_when_it_is_asked_for_and_let_go_after() -> None:
    pixels = np.zeros((40, 80), np.uint16)
    pixels[10, 20] = 900
    frame = ReferenceImage(pixels=pixels, pixel_size_um=0.5, scan_line=((10, 20), (40, 20)))
    viewer = cs.KymographViewer(with_reference(frame))
    assert viewer._reference == {"possible": False}  # an array has no file to hold one
    viewer.show_reference = True
    shown = viewer._reference
    assert (shown["rows"], shown["columns"], shown["length_um"]) == (40, 80, 15.0)
    assert shown["line"] == [[10.0, 20.0], [40.0, 20.0]]
    from PIL import Image

    picture = np.asarray(Image.open(BytesIO(shown["png"])).convert("RGB"))
    assert picture.shape == (40, 80, 3)
    assert np.argwhere(picture.sum(axis=2)).tolist() == [[10, 20]]
    viewer.show_reference = False
    assert "png" not in viewer._reference


def test_channels_of_it_are_coloured_and_a_large_one_is_small() -> None:
    pixels = np.zeros((2, 2000, 1000), np.uint8)
    pixels[0, :1000], pixels[1, 1000:] = 200, 100
    viewer = cs.KymographViewer(with_reference(ReferenceImage(pixels=pixels)))
    viewer.show_reference = True
    from PIL import Image

    picture = np.asarray(Image.open(BytesIO(viewer._reference["png"])).convert("RGB"))
    assert picture.shape == (512, 256, 3)
    assert picture[100, 100].tolist() == [0, 255, 0]
    assert picture[400, 100].tolist() == [255, 0, 255]


def test_why_there_is_none_is_said(tmp_path: Path) -> None:
    viewer = cs.KymographViewer(with_reference(None), show_reference=True)
    assert viewer._reference["problem"] == "scan holds no reference image."
    image = cs.AcqImage(write_recording(tmp_path / "scan.tif", np.zeros((300, 20), "u2")))

    def fails() -> None:
        raise LoadError("scan.tif", "cut short")

    image.reference_image = fails  # type: ignore[method-assign,assignment]
    viewer.image = image
    assert viewer._reference["problem"] == "scan.tif: cut short"

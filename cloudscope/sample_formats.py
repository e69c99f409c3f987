"""How recordings look as files of microscopes and of ImageJ, byte for byte the same each time."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["imagej_bytes", "olympus_text_bytes", "ome_bytes", "plain_tiff_bytes"]

_UUID = "urn:uuid:6a0c1a52-5d4e-5f7b-9a43-2f1f5b0c3d11"
"""Written into the OME-XML instead of a random one: the same image is the same bytes."""


def plain_tiff_bytes(image: NDArray[np.uint16]) -> bytes:
    """TIFF that says nothing but the pixels."""
    return _tiff(image, metadata=None)


def imagej_bytes(image: NDArray[np.uint16], line_period_s: float, pixel_size_um: float) -> bytes:
    """ImageJ TIFF whose rows are time: the unit of y is seconds, as kymograph plugins write."""
    return _tiff(
        image,
        imagej=True,
        resolution=(1.0 / pixel_size_um, 1.0 / line_period_s),
        metadata={"axes": "YX", "unit": "um", "yunit": "sec", "finterval": line_period_s},
    )


def ome_bytes(
    image: NDArray[np.uint16],
    line_period_s: float,
    pixel_size_um: float,
    channel_names: tuple[str, ...],
) -> bytes:
    """OME-TIFF of a line scan: channels, rows in time, columns in space."""
    return _tiff(
        image,
        ome=True,
        metadata={
            "axes": "CYX",
            "UUID": _UUID,
            "PhysicalSizeX": pixel_size_um,
            "PhysicalSizeXUnit": "µm",
            "TimeIncrement": line_period_s,
            "TimeIncrementUnit": "s",
            "SignificantBits": 12,
            "Channel": {"Name": list(channel_names)},
        },
    )


def _tiff(image: NDArray[np.uint16], **options: Any) -> bytes:
    import tifffile

    content = io.BytesIO()
    tifffile.imwrite(content, image, photometric="minisblack", **options)
    return content.getvalue()


def olympus_text_bytes(
    name: str, shape: tuple[int, int], line_period_s: float, pixel_size_um: float, dye: str
) -> bytes:
    """The header that Olympus software exports beside a TIFF, with what the loader reads."""
    lines, pixels = shape
    length_um, time_ms = pixels * pixel_size_um, lines * line_period_s * 1e3
    rows = (
        ("[General]", ""),
        ("Name", f"{name}.oir"),
        ("Scan Mode", "XT"),
        ("Date", "01/15/2026 10:30:00.000 AM"),
        ("System Name", "cloudscope sample (synthetic)"),
        ("[Dimensions]", ""),
        (
            "X Dimension",
            f"{pixels}, 0.0 - {length_um:.3f} [um], {pixel_size_um:.3f} [um/pixel]",
        ),
        ("Channel Dimension", "1 [Ch]"),
        (
            "T Dimension",
            f"1, 0.000 - {(lines - 1) * line_period_s:.3f} [s], Interval FreeRun",
        ),
        ("[Image]", ""),
        ("Primary Dimensions", "X * T"),
        ("Image Size", f"{pixels} * {lines} [pixel]"),
        ("Image Size(Unit Converted)", f"{length_um:.3f} [um] * {time_ms:.3f} [ms]"),
        ("[Acquisition]", ""),
        ("Scan Direction", "Oneway"),
        ("Region Mode", "Line"),
        ("[Channel 1]", ""),
        ("Channel Name", "CH1"),
        ("Dye Name", dye),
        ("Bits/Pixel", "12 [bits]"),
    )
    return "".join(f'"{key}"\t"{value}"\r\n' for key, value in rows).encode()

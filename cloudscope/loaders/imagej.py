"""ImageJ and Fiji TIFF: unit, frame interval and hyperstack axes from the image description."""

from __future__ import annotations

from typing import Any

from cloudscope.loaders.facts import FileFacts, Step, bounded_text
from cloudscope.loaders.tiff_calibration import clock_text, full_bits, per_unit, tag, tag_texts
from cloudscope.loaders.units import length_um, time_s

__all__ = ["describe"]

_MOST_CHANNELS = 32


def describe(tif: Any, axes: str) -> FileFacts | None:
    """What ImageJ says, or ``None`` where it says nothing.

    A unit of time along one axis of the image (``yunit=sec``, as kymograph plugins write) makes
    that axis the time axis.

    Parameters
    ----------
    tif : tifffile.TiffFile
    axes : str
        Axes as tifffile names them.
    """
    meta = tif.imagej_metadata
    if not meta:
        return None
    page = tif.pages[0]
    unit_x = str(meta.get("unit", ""))
    unit_y = str(meta.get("yunit", unit_x))
    steps: dict[str, Step | None] = {"X": None, "Y": None}
    time = _interval(meta)
    sizes = dict(zip(axes, tif.series[0].shape, strict=True))
    warnings = []
    new_axes = axes
    if sizes.get("C", 1) > _MOST_CHANNELS and sizes.get("T", 1) == sizes.get("Z", 1) == 1:
        # what libraries write for a stack whose axes nobody named
        warnings.append(f"ImageJ metadata names {sizes['C']} channels: they are read as frames")
        new_axes = axes.replace("T", "Q").replace("C", "I")
    for letter, code, unit, key in (("X", 282, unit_x, "unit"), ("Y", 283, unit_y, "yunit")):
        density = per_unit(page, code)
        if not density:
            continue
        name = "XResolution" if letter == "X" else "YResolution"
        period = time_s(1 / density, unit)
        # inches are what ImageJ keeps from the resolution of a screen or a printer
        size = None if unit.startswith("in") else length_um(1 / density, unit)
        if period is not None and sizes.get("T", 1) == 1 and new_axes == axes:
            new_axes = axes.replace("T", "Q").replace(letter, "T")
            time = Step(period, f"ImageJ {name} with {key}={unit}")
        elif size is not None:
            steps[letter] = Step(size, f"ImageJ {name} with unit={unit}")
    infos = [(f"ImageJ/{k}", v) for k, v in meta.items() if isinstance(v, str | int | float)]
    return FileFacts(
        format="ImageJ TIFF",
        axes=None if new_axes == axes else new_axes,
        both_axes_are_space=steps["X"] is not None and steps["Y"] is not None,
        x=steps["X"],
        y=steps["Y"],
        time=time,
        bit_depth=full_bits(tag(page, 281)),
        acquired_at=clock_text(page),
        declared_planes=_planes(meta),
        raw=bounded_text([*infos, *tag_texts(page).items()]),
        warnings=tuple(warnings),
    )


def _interval(meta: dict[str, Any]) -> Step | None:
    unit = str(meta.get("tunit", "s"))
    interval = time_s(meta.get("finterval"), unit)
    if interval is not None:
        return Step(interval, "ImageJ finterval")
    rate = time_s(meta.get("fps"), "s")
    # 7 frames a second is what ImageJ writes for the speed of its player
    return None if rate is None or rate == 7 else Step(1 / rate, "ImageJ fps")


def _planes(meta: dict[str, Any]) -> int | None:
    planes = 1
    for key in ("frames", "slices"):
        size = meta.get(key, 1)
        if not isinstance(size, int) or size < 1:
            return None
        planes *= size
    return planes

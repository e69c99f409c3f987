"""Copy as Python: the cell that does what a button did, with the same numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cloudscope.acq_image import AcqImage
from cloudscope.analysis.registry import get_analysis
from cloudscope.roi import WHOLE_RECORDING

__all__ = ["analysis_code"]

LINE = 88


def analysis_code(
    image: AcqImage,
    analysis: str,
    *,
    channel: int = 0,
    roi_id: int = WHOLE_RECORDING,
    parameters: Mapping[str, Any] | None = None,
) -> str:
    """Python that measures this recording as the app would, to the last bit.

    Only parameters that differ from their defaults are written. While the recording has edits
    that are not saved, the code makes the calibration, the time axis and the ROI itself instead
    of relying on the sidecar.

    Parameters
    ----------
    image : AcqImage
    analysis : str
        A registered name.
    channel, roi_id : int
        ROI 0 is the whole recording.
    parameters : mapping, optional

    Returns
    -------
    str
        Complete statements, ready to run where cloudscope is installed.

    Raises
    ------
    UnknownNameError
        If there is no such analysis or ROI.
    """
    defaults = {p.name: p.default for p in get_analysis(analysis).parameters}
    changed = {
        name: value
        for name, value in (parameters or {}).items()
        if name not in defaults or defaults[name] != value
    }
    lines = ["import cloudscope as cs", ""]
    arguments = {"channel": str(channel), "roi_id": str(roi_id)}
    if image.path is None:
        lines.append(f"# {image.name} is an array in memory: `image` is the AcqImage made of it")
    else:
        lines.append(f"image = cs.AcqImage({_literal(str(image.path))})")
        if image.dirty:
            lines += _unsaved(image)
            if roi_id != WHOLE_RECORDING:
                lines.append(_roi(image, roi_id))
                arguments["roi_id"] = "roi.roi_id"
    if roi_id == WHOLE_RECORDING:
        del arguments["roi_id"]
    arguments |= {name: _literal(value) for name, value in changed.items()}
    lines.append(_call("result = image.analyze", [_literal(analysis)], arguments))
    return "\n".join(lines) + "\n"


def _unsaved(image: AcqImage) -> list[str]:
    lines = []
    said = {
        name: repr(getattr(image.corrections, name)) for name in ("line_period_s", "pixel_size_um")
    }
    lines.append(f"if image.header.time_axis != {_literal(image.header.time_axis)}:")
    lines.append("    image.swap_time_axis()")
    lines.append(_call("image.set_calibration", [], said))
    return lines


def _roi(image: AcqImage, roi_id: int) -> str:
    roi = image.roi(roi_id)
    bounds = {
        name: str(getattr(roi, name)) for name in ("row_start", "row_stop", "col_start", "col_stop")
    }
    name = {"name": _literal(roi.name)} if roi.name else {}
    return _call("roi = image.add_roi", [], bounds | name)


def _call(function: str, positional: list[str], named: Mapping[str, str]) -> str:
    parts = [*positional, *(f"{name}={value}" for name, value in named.items())]
    one_line = f"{function}({', '.join(parts)})"
    if len(one_line) <= LINE:
        return one_line
    return f"{function}(\n" + "".join(f"    {part},\n" for part in parts) + ")"


def _literal(value: Any) -> str:
    # JSON writes text in double quotes, as the documentation does, and Python reads it
    return json.dumps(value) if isinstance(value, str) else repr(value)

"""Copy as Python: the cell that does what a button did, with the same numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cloudscope.acq_image import AcqImage
from cloudscope.analysis.registry import Analysis, get_analysis
from cloudscope.analysis.result import ResultKey
from cloudscope.blinding import refuse_blind
from cloudscope.inputs import candidates, split_inputs
from cloudscope.roi import WHOLE_RECORDING

__all__ = ["analysis_code", "call_text", "literal", "source_arguments"]

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
    that are not saved, the code makes the calibration, the time axis, the ROI and the results to
    work on itself instead of relying on the sidecar.

    Parameters
    ----------
    image : AcqImage
    analysis : str
        A registered name.
    channel, roi_id : int
        ROI 0 is the whole recording.
    parameters : mapping, optional
        Detection parameters, and the keys of results to work on by the name of the input.

    Returns
    -------
    str
        Complete statements, ready to run where cloudscope is installed.

    Raises
    ------
    UnknownNameError
        If there is no such analysis or ROI.
    BlindingError
        If the recording is read blind: the code says where it is.
    """
    refuse_blind([image], "Python code")
    spec = get_analysis(analysis)
    named, parameters = split_inputs(spec, parameters or {})
    lines = ["import cloudscope as cs", ""]
    writer = _Writer(image, lines)
    if image.path is None:
        lines.append(f"# {image.name} is an array in memory: `image` is the AcqImage made of it")
    else:
        lines.append(f"image = cs.AcqImage({source_arguments(image)})")
        if image.dirty:
            lines += _unsaved(image)
    writer.measure(spec, channel, roi_id, named, parameters, "result = ")
    return "\n".join(lines) + "\n"


def source_arguments(image: AcqImage) -> str:
    """Arguments that open the recording again."""
    words = [literal(str(image.path))]
    if image.header.image_count > 1:
        words.append(f"image={image.image_index}")
    if image.sidecar_path is not None and image.results_folder is not None:
        # the folder in which its sidecars are is named: what it mirrors need not be known
        words.append(f"results_folder={literal(str(image.sidecar_path.parent))}")
    return ", ".join(words)


class _Writer:
    """Writes calls of ``analyze``, and before them what they need and the sidecar has not."""

    def __init__(self, image: AcqImage, lines: list[str]) -> None:
        self.image, self.lines = image, lines
        self._remake = image.path is not None and image.dirty
        self._rois: dict[int, str] = {}
        self._measured: set[ResultKey] = set()

    def measure(
        self,
        spec: Analysis,
        channel: int,
        roi_id: int,
        named: Mapping[str, ResultKey],
        parameters: Mapping[str, Any],
        target: str = "",
    ) -> None:
        keys = {}
        for needed in spec.inputs:
            here = [k for k in candidates(self.image, needed) if k[1:] == (channel, roi_id)]
            default = here[0] if here and "*" not in needed.accepts else None
            key = named.get(needed.name, default)
            if key is not None:
                self._prepare(key)
                if key != default:
                    keys[needed.name] = key
        arguments = {"channel": str(channel)}
        if roi_id != WHOLE_RECORDING:
            arguments["roi_id"] = self._roi(roi_id)
        for name, (analysis, of_channel, of_roi) in keys.items():
            arguments[name] = f"({literal(analysis)}, {of_channel}, {self._roi(of_roi)})"
        defaults = {p.name: p.default for p in spec.parameters}
        arguments |= {
            name: literal(value)
            for name, value in parameters.items()
            if name not in defaults or defaults[name] != value
        }
        self.lines.append(call_text(f"{target}image.analyze", [literal(spec.name)], arguments))

    def _prepare(self, key: ResultKey) -> None:
        """Write how the result of `key` is measured, unless the sidecar has it."""
        result = self.image.results.get(key)
        if not self._remake or result is None or key in self._measured:
            return
        self._measured.add(key)
        spec = get_analysis(key[0])
        named = {name: record.key for name, record in result.inputs.items()}
        self.measure(spec, key[1], key[2], named, result.parameters)

    def _roi(self, roi_id: int) -> str:
        """The id of a ROI, as text; where the sidecar lacks it, of one that is made first."""
        if not self._remake or roi_id == WHOLE_RECORDING:
            return str(roi_id)
        if roi_id not in self._rois:
            variable = "roi" if not self._rois else f"roi_{roi_id}"
            self._rois[roi_id] = f"{variable}.roi_id"
            self.lines.append(_roi(self.image, roi_id, variable))
        return self._rois[roi_id]


def _unsaved(image: AcqImage) -> list[str]:
    lines = []
    said = {
        name: repr(getattr(image.corrections, name)) for name in ("line_period_s", "pixel_size_um")
    }
    lines.append(f"if image.header.time_axis != {literal(image.header.time_axis)}:")
    lines.append("    image.swap_time_axis()")
    lines.append(call_text("image.set_calibration", [], said))
    return lines


def _roi(image: AcqImage, roi_id: int, variable: str) -> str:
    roi = image.roi(roi_id)
    bounds = {
        name: str(getattr(roi, name)) for name in ("row_start", "row_stop", "col_start", "col_stop")
    }
    name = {"name": literal(roi.name)} if roi.name else {}
    return call_text(f"{variable} = image.add_roi", [], bounds | name)


def call_text(function: str, positional: list[str], named: Mapping[str, str]) -> str:
    """A call as text, in one line where it fits."""
    parts = [*positional, *(f"{name}={value}" for name, value in named.items())]
    one_line = f"{function}({', '.join(parts)})"
    if len(one_line) <= LINE:
        return one_line
    return f"{function}(\n" + "".join(f"    {part},\n" for part in parts) + ")"


def literal(value: Any) -> str:
    """A value as Python writes it, text in double quotes as the documentation does.

    Examples
    --------
    >>> print(literal("µ \U0001f52c"), literal(["a", 1]), literal(None))
    "µ \U0001f52c" ["a", 1] None
    """
    if isinstance(value, str):
        # JSON's escapes are Python's as long as characters beyond 16 bits are left as they are
        return json.dumps(value, ensure_ascii=False) if value.isprintable() else repr(value)
    if isinstance(value, list):
        return "[" + ", ".join(literal(one) for one in value) + "]"
    if isinstance(value, tuple):
        ending = ",)" if len(value) == 1 else ")"
        return "(" + ", ".join(literal(one) for one in value) + ending
    # NumPy's own floats would be written with their type
    return repr(float(value)) if isinstance(value, float) else repr(value)

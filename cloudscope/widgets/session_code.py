"""All that was done to recordings, as Python that does it again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from cloudscope.acq_image import AcqImage
from cloudscope.analysis.registry import get_analysis
from cloudscope.analysis.result import AnalysisResult, ResultKey
from cloudscope.blinding import refuse_blind
from cloudscope.display import ChannelDisplay
from cloudscope.roi import WHOLE_RECORDING, Roi
from cloudscope.widgets.python_code import call_text, literal, source_arguments

__all__ = ["session_code"]


def session_code(images: Iterable[AcqImage]) -> str:
    """Python that brings recordings to the state they are in, from their files alone.

    It sets what was set (calibration, ROIs, metadata, colours, verdict), measures what was
    measured with the same parameters on the same inputs, overrules the velocities that were set
    by hand, and saves. Run on recordings that have that state already it changes nothing. What
    cannot be done again this way (edits of events by hand, results of an earlier state) is named
    in a comment.

    Parameters
    ----------
    images : iterable of AcqImage
        Recordings in their first state are left out, and arrays, which have no file.

    Returns
    -------
    str

    Raises
    ------
    BlindingError
        If a recording is read blind: the code says where it is.

    Examples
    --------
    >>> import numpy as np, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "scan.npy")
    >>> np.save(path, np.zeros((100, 20)))
    >>> image = AcqImage(path)
    >>> image.accepted = True
    >>> print(session_code([image]).replace(str(path), "scan.npy"))
    import cloudscope as cs
    <BLANKLINE>
    image = cs.AcqImage("scan.npy")
    image.accepted = True
    image.save()
    <BLANKLINE>
    """
    images = tuple(images)
    refuse_blind(images, "Python code")
    parts = ["import cloudscope as cs"]
    for image in images:
        if image.path is None:
            continue
        lines = [*_state(image), *_results(image)]
        if lines:
            opened = f"image = cs.AcqImage({source_arguments(image)})"
            parts.append("\n".join([opened, *lines, "image.save()"]))
    if len(parts) == 1:
        parts.append("# nothing has been done to these recordings")
    return "\n\n".join(parts) + "\n"


def _state(image: AcqImage) -> Iterator[str]:
    if image.header.time_axis != image.file_header.time_axis:
        yield f"if image.header.time_axis != {literal(image.header.time_axis)}:"
        yield "    image.swap_time_axis()"
    said = {
        name: literal(getattr(image.corrections, name))
        for name in ("line_period_s", "pixel_size_um")
        if getattr(image.corrections, name) is not None
    }
    if said:
        yield call_text("image.set_calibration", [], said)
    if image.rois:
        rois = "".join(f"    {_with_defaults_left_out('cs.Roi', roi)},\n" for roi in image.rois)
        yield f"image.rois = (\n{rois})"
    known = {name: value for name, value in image.experiment if value not in ("", None)}
    extra = dict(image.experiment.extra)
    if known or extra:
        named = {name: literal(value) for name, value in known.items() if name != "extra"}
        if extra:
            named["extra"] = repr(extra)
        yield call_text("image.experiment = cs.ExperimentMetadata", [], named)
    shown = {c: d for c, d in image.display.items() if d != ChannelDisplay()}
    if shown:
        each = "".join(
            f"    {channel}: {_with_defaults_left_out('cs.ChannelDisplay', display)},\n"
            for channel, display in sorted(shown.items())
        )
        yield f"image.display = {{\n{each}}}"
    if image.accepted is not None:
        yield f"image.accepted = {image.accepted}"


def _with_defaults_left_out(name: str, value: Roi | ChannelDisplay) -> str:
    given = {
        f.name: literal(getattr(value, f.name))
        for f in fields(value)
        if getattr(value, f.name) != f.default
    }
    return f"{name}({', '.join(f'{key}={text}' for key, text in given.items())})"


def _results(image: AcqImage) -> Iterator[str]:
    for key in _in_order(image.results):
        result = image.results[key]
        reason = image.stale_reason(result)
        if reason is not None:
            yield f"# {key[0]} there is of an earlier state ({' '.join(reason.split())}):"
        yield _measured(key, result)
        yield from _by_hand(key, result)


def _in_order(results: Mapping[ResultKey, AnalysisResult]) -> list[ResultKey]:
    """Keys of results, each behind those it works on."""
    order: list[ResultKey] = []

    def visit(key: ResultKey) -> None:
        if key in order or key not in results:
            return
        for record in results[key].inputs.values():
            if record.key != key:
                visit(record.key)
        order.append(key)

    for key in results:
        visit(key)
    return order


def _measured(key: ResultKey, result: AnalysisResult) -> str:
    analysis, channel, roi_id = key
    named = {"channel": str(channel)}
    if roi_id != WHOLE_RECORDING:
        named["roi_id"] = str(roi_id)
    for name, record in result.inputs.items():
        of, of_channel, of_roi = record.key
        named[name] = f"({literal(of)}, {of_channel}, {of_roi})"
    defaults = {p.name: p.default for p in get_analysis(analysis).parameters}
    named |= {
        name: literal(value)
        for name, value in result.parameters.items()
        if name in defaults and defaults[name] != value
    }
    return call_text("image.analyze", [literal(analysis)], named)


def _by_hand(key: ResultKey, result: AnalysisResult) -> Iterator[str]:
    columns = result.columns
    if key[0] == "radon_velocity":
        for row, status in enumerate(columns["status"]):
            if status == "manual":
                named = {
                    "velocity_um_per_s": repr(float(columns["velocity_um_per_s"][row])),
                    "row_start": str(int(columns["row_start"][row])),
                }
                yield call_text("result = cs.overrule_velocity", [f"image.results[{key!r}]"], named)
                yield 'image.revise(result, label="a velocity set by hand")'
    elif key[0] == "velocity_events":
        edited = _edited_events(columns)
        if edited:
            yield f"# {edited} of these events were reviewed or edited by hand, which is not here:"
            yield "# the sidecar keeps it"


def _edited_events(columns: Mapping[str, Any]) -> int:
    touched = 0
    for row in range(len(columns["kind"])):
        words = [str(columns[name][row]) for name in ("label", "note")]
        moved = columns["start_s"][row] != columns["detected_start_s"][row]
        added = columns["source"][row] != "detected"
        touched += columns["reviewed"][row] != "unreviewed" or added or moved or any(words)
    return int(touched)

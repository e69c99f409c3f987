"""Results that an analysis works on: which ones, whether they still hold, and where it is filed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cloudscope.analysis.registry import Analysis, Input, get_analysis
from cloudscope.analysis.result import AnalysisResult, ResultKey
from cloudscope.errors import InputResultError, ResultTableError, UnknownNameError
from cloudscope.roi import WHOLE_RECORDING

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage

__all__ = ["candidates", "carried_over", "resolve_inputs", "split_inputs", "stale_input"]


def split_inputs(
    analysis: Analysis, keywords: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Keywords of ``analyze`` apart: the results named, and the detection parameters."""
    names = {needed.name for needed in analysis.inputs}
    named = {name: value for name, value in keywords.items() if name in names}
    return named, {name: value for name, value in keywords.items() if name not in names}


def candidates(image: AcqImage, needed: Input) -> list[ResultKey]:
    """Keys of the results of a recording that an input accepts, in the order of preference."""
    order = {name: place for place, name in enumerate(needed.accepts)}
    if "*" in order:
        fitting = [key for key in image.results if _has_course(key[0])]
        return sorted(fitting, key=lambda key: (key[1], key[2], key[0]))
    fitting = [key for key in image.results if key[0] in order]
    return sorted(fitting, key=lambda key: (order[key[0]], key[1], key[2]))


def _has_course(analysis: str) -> bool:
    try:
        return get_analysis(analysis).over_time
    except UnknownNameError:  # of a package that is not installed here
        return False


def resolve_inputs(
    image: AcqImage, analysis: Analysis, channel: int, roi_id: int, named: Mapping[str, Any]
) -> tuple[dict[str, AnalysisResult], int, int]:
    """The results to work on, and the channel and ROI under which the new one is filed.

    An input that is not named is the result of the same channel and ROI. A result whose first
    input is named is filed with that input, since its times count from there; unless it also
    works on pixels.

    Parameters
    ----------
    image : AcqImage
    analysis : Analysis
    channel, roi_id : int
    named : mapping
        Result keys, or the results themselves, by the name of the input.

    Raises
    ------
    InputResultError
        If there is no such result, it is not one that fits, or it is stale.
    """
    keys: dict[str, ResultKey] = {}
    for place, needed in enumerate(analysis.inputs):
        if needed.name in named:
            keys[needed.name] = _named_key(image, analysis, needed, named[needed.name])
            if place == 0 and not analysis.pixels:
                _, channel, roi_id = keys[needed.name]
    for needed in analysis.inputs:
        if needed.name not in keys:
            keys[needed.name] = _default_key(image, analysis, needed, channel, roi_id)
    found = {needed.name: image.results[keys[needed.name]] for needed in analysis.inputs}
    for name, result in found.items():
        reason = image.stale_reason(result)
        if reason is not None:
            raise InputResultError(
                f"{name}={keys[name]} cannot be used, because {reason}: measure it again first"
            )
    return found, channel, roi_id


def _named_key(image: AcqImage, analysis: Analysis, needed: Input, value: Any) -> ResultKey:
    if isinstance(value, AnalysisResult):
        kept = image.results.get(value.key)
        if kept is not value and (kept is None or kept.digest != value.digest):
            raise InputResultError(
                f"{needed.name} is a result that {image.name} does not keep: store it first"
            )
        key = value.key
    elif isinstance(value, tuple | list) and len(value) == 3:
        key = (str(value[0]), value[1], value[2])
    else:
        raise InputResultError(
            f"{needed.name}={value!r} is not allowed: give (analysis, channel, roi_id)"
        )
    fitting = candidates(image, needed)
    if key not in fitting:
        raise InputResultError(
            f"{needed.name}={key!r} is not allowed for {analysis.name}: {_there_are(fitting)}"
        )
    return key


def _default_key(
    image: AcqImage, analysis: Analysis, needed: Input, channel: int, roi_id: int
) -> ResultKey:
    fitting = candidates(image, needed)
    here = [key for key in fitting if key[1:] == (channel, roi_id)]
    if here and "*" not in needed.accepts:
        return here[0]
    where = "the whole recording" if roi_id == WHOLE_RECORDING else f"ROI {roi_id}"
    if "*" in needed.accepts:
        raise InputResultError(
            f"{analysis.name} needs {needed.name}=(analysis, channel, roi_id): "
            f"{_there_are(fitting)}"
        )
    first = needed.accepts[0]
    title = get_analysis(first).title.lower()
    otherwise = f", or name another with {needed.name}=: {_there_are(fitting)}" if fitting else ""
    raise InputResultError(
        f"{analysis.name} needs the {title} of {where}, which is not measured: measure {first} "
        f"there first{otherwise}"
    )


def _there_are(keys: list[ResultKey]) -> str:
    if not keys:
        return "there is nothing measured that fits"
    return "there is " + ", ".join(map(str, keys))


def stale_input(
    image: AcqImage, result: AnalysisResult, own_reason: Callable[[AnalysisResult], str | None]
) -> str | None:
    """Why a result no longer follows from those it was computed from; ``None`` if it does.

    Parameters
    ----------
    image : AcqImage
    result : AnalysisResult
    own_reason : callable
        Why a result is stale by itself, whatever it was computed from.
    """
    open_ends: list[tuple[str, AnalysisResult]] = [("", result)]
    seen = {result.key}
    while open_ends:
        through, current = open_ends.pop(0)
        titles = _titles(current.analysis)
        for name, record in current.inputs.items():
            what = f"the {titles.get(name, name)}{through}"
            source = image.results.get(record.key)
            if source is None:
                return f"{what} it was computed from is gone"
            if None not in (source.digest, record.digest) and source.digest != record.digest:
                return f"{what} it was computed from was changed since"
            reason = own_reason(source)
            if reason is not None:
                return f"{what} it was computed from is stale: {reason}"
            if source.key not in seen:  # a sidecar made by hand might refer in a circle
                seen.add(source.key)
                open_ends.append((f" behind {what}", source))
    return None


def _titles(analysis: str) -> dict[str, str]:
    try:
        return {needed.name: needed.title.lower() for needed in get_analysis(analysis).inputs}
    except UnknownNameError:  # of a package that is not installed here
        return {}


def carried_over(older: AnalysisResult, newer: AnalysisResult) -> AnalysisResult:
    """A new result with what the user changed by hand in the one it takes the place of."""
    try:
        carry_over = get_analysis(newer.analysis).carry_over
    except UnknownNameError:  # of a package that is not installed here
        return newer
    if carry_over is None:
        return newer
    try:
        return carry_over(older, newer)
    except ResultTableError:  # its numbers are lost already, and measuring again is the way out
        return newer

"""What ``--set`` and ``--roi`` of ``cloudscope analyze`` mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.cli import UsageError

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage
    from cloudscope.analysis.registry import Analysis

RoisOf = Callable[["AcqImage"], Sequence[int]]


def parsed_parameters(analysis: Analysis, settings: Iterable[str]) -> dict[str, Any]:
    """The values of ``--set``, each as its parameter's type.

    A result to work on is given as ``diameter=diameter:0:2``: analysis, channel and ROI.

    Raises
    ------
    UsageError, ParameterError
        If a setting is not NAME=VALUE, or the name or the value is not right.
    """
    from cloudscope.analysis.parameters import parse_text, validate_parameters
    from cloudscope.inputs import split_inputs

    declared = {parameter.name: parameter for parameter in analysis.parameters}
    inputs = {needed.name for needed in analysis.inputs}
    values: dict[str, Any] = {}
    for setting in settings:
        name, equals, text = (part.strip() for part in setting.partition("="))
        if not equals or not name:
            raise UsageError(f"--set {setting} is not allowed: give NAME=VALUE")
        if name in inputs:
            values[name] = parsed_key(name, text)
        else:
            values[name] = parse_text(declared[name], text) if name in declared else text
    validate_parameters(analysis.parameters, split_inputs(analysis, values)[1], owner=analysis.name)
    return values


def named_parameters(analysis: str, name: str, paths: Sequence[str]) -> dict[str, Any]:
    """The parameters of ``--preset``; a folder's own are known where it alone is measured.

    Raises
    ------
    UsageError
        If neither the folder nor the user has one of that name.
    LoadError, PresetError
        If those of the folder, or the user's own, cannot be read.
    """
    from cloudscope.folder_settings import FolderSettings
    from cloudscope.presets import presets_of

    only = Path(paths[0]) if len(paths) == 1 else None
    alone = only is not None and only.is_dir()
    found = presets_of(analysis, FolderSettings.of_folder(only) if only and alone else None)
    if name not in found:
        known = ", ".join(repr(one) for one in found)
        there = f"there are {known}" if known else "there are none"
        raise UsageError(f"--preset {name!r} is none of {analysis}: {there}")
    return found[name]


def parsed_key(name: str, text: str) -> tuple[str, int, int]:
    """The key of a result, from text such as ``diameter:0:2``.

    Raises
    ------
    UsageError
        If it is no such text.
    """
    match = re.fullmatch(r"(\w+):(\d+):(\d+)", text)
    if match is None:
        raise UsageError(
            f"--set {name}={text} is not allowed: give ANALYSIS:CHANNEL:ROI, for example "
            "diameter:0:2; ROI 0 is the whole recording"
        )
    return match[1], int(match[2]), int(match[3])


def parsed_roi(text: str) -> RoisOf:
    """The meaning of ``--roi``: from a recording to the ids of its ROIs to measure.

    Raises
    ------
    UsageError
        If the text says nothing known.
    """
    text = text.strip()
    if text == "all":
        return lambda image: [roi.roi_id for roi in image.rois] or [0]
    if text == "whole":
        return lambda image: [0]
    if re.fullmatch(r"\d+(,\d+)*", text):
        ids = [int(part) for part in text.split(",")]
        return lambda image: ids
    bounds = re.fullmatch(r"(\d*):(\d*),(\d*):(\d*)", text.replace(" ", ""))
    if bounds is None:
        raise UsageError(
            f"--roi {text!r} is not allowed: give all, whole, ids such as 1,3, or a rectangle "
            "as ROWS,COLUMNS such as 0:1000,4:30"
        )
    names = ("row_start", "row_stop", "col_start", "col_stop")
    given = {name: int(part) for name, part in zip(names, bounds.groups(), strict=True) if part}
    return lambda image: [rectangle(image, given)]


def rectangle(image: AcqImage, given: dict[str, int]) -> int:
    """Id of the recording's ROI with these bounds, added if there is none.

    Raises
    ------
    RoiError
        If they do not fit into the recording.
    """
    wanted = (
        given.get("row_start", 0),
        given.get("row_stop", image.header.lines),
        given.get("col_start", 0),
        given.get("col_stop", image.header.pixels),
    )
    for roi in image.rois:
        if roi.bounds == wanted:
            return roi.roi_id
    row_start, row_stop, col_start, col_stop = wanted
    return image.add_roi(
        row_start=row_start, row_stop=row_stop, col_start=col_start, col_stop=col_stop
    ).roi_id

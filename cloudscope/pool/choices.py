"""What can be pooled: the numbers of an analysis, and the columns to group them by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cloudscope.analysis.registry import analysis_names, get_analysis
from cloudscope.errors import CloudscopeError
from cloudscope.export.column_meanings import unit_of
from cloudscope.pool.rows import is_number
from cloudscope.tables import experiment_row

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage

__all__ = ["PoolValue", "group_choices", "measured_analyses", "pool_values", "value_title"]

_SEEN = 200  # recordings looked at: all of a folder were measured by the same versions
_NOT_OF_INTEREST = ("row_start", "row_stop", "row", "time_s", "start_s", "stop_s")

_ALWAYS = {"name": "Recording", "roi_name": "ROI"}


@dataclass(frozen=True, slots=True)
class PoolValue:
    """A number that can be pooled.

    Attributes
    ----------
    name : str
        As `pool_table` takes it.
    title : str
        For people, with its unit.
    of_samples : bool
        Whether each window, line or event has it.
    of_results : bool
        Whether the summary has it.
    """

    name: str
    title: str
    of_samples: bool
    of_results: bool


def value_title(name: str) -> str:
    """A column's name in words, with its unit.

    Examples
    --------
    >>> value_title("velocity_median_um_per_s"), value_title("resistive_index")
    ('velocity median (µm/s)', 'resistive index')
    """
    unit = unit_of(name)
    if not unit:
        return name.replace("_", " ")
    words = name
    for end in _ENDINGS:
        if name.endswith(end):
            words = name.removesuffix(end)
            break
    return f"{words.replace('_', ' ')} ({unit})"


_ENDINGS = (
    "_um_per_s", "_pl_per_s", "_cells_per_s", "_cells_per_mm", "_per_min", "_per_s", "_percent",
    "_bpm", "_lines", "_deg", "_um", "_hz", "_px", "_pa", "_s",
)  # fmt: skip


def measured_analyses(images: Iterable[AcqImage]) -> tuple[str, ...]:
    """Names of the analyses that any of the recordings has a result of, in their usual order."""
    there: dict[str, None] = {}
    for image in images:
        there |= dict.fromkeys(key[0] for key in image.results)
    return tuple(name for name in analysis_names() if name in there)


def pool_values(images: Iterable[AcqImage], analysis: str) -> tuple[PoolValue, ...]:
    """The numbers of an analysis that can be pooled, its headline first.

    Parameters
    ----------
    images : iterable of AcqImage
    analysis : str
        A registered name.

    Raises
    ------
    UnknownNameError
        If there is no such analysis.

    Examples
    --------
    >>> import numpy as np
    >>> from cloudscope.acq_image import AcqImage
    >>> image = AcqImage.from_array(np.eye(99), line_period_s=0.001, pixel_size_um=0.5)
    >>> result = image.analyze("diameter")
    >>> pool_values([image], "diameter")[0].title
    'diameter median (µm)'
    """
    spec = get_analysis(analysis)
    summary: dict[str, None] = {}
    columns: dict[str, None] = {}
    for image in list(images)[:_SEEN]:
        for key in image.results:
            if key[0] != analysis:
                continue
            result = image.results[key]
            summary |= {name: None for name, value in result.summary.items() if is_number(value)}
            if not columns:
                columns = _number_columns(image, key)
    lead = [spec.headline] if spec.headline in summary else []
    if spec.trace is not None and spec.trace.value in columns:
        lead.append(spec.trace.value)
    names = dict.fromkeys([*lead, *summary, *columns])
    return tuple(
        PoolValue(name, value_title(name), name in columns, name in summary) for name in names
    )


def _number_columns(image: AcqImage, key: tuple[str, int, int]) -> dict[str, None]:
    try:
        columns = image.results[key].bound_to().columns
    except CloudscopeError:  # its table is gone: the pool itself will say so
        return {}
    return {
        name: None
        for name, values in columns.items()
        if values.dtype.kind in "fiu" and name not in _NOT_OF_INTEREST
    }


def group_choices(images: Iterable[AcqImage], analysis: str = "") -> dict[str, str]:
    """Columns that tell these recordings and their results apart, with their titles.

    Parameters
    ----------
    images : iterable of AcqImage
    analysis : str
        Whose words, as kinds of events, are offered too.

    Returns
    -------
    dict of str to str
        Title by name: fields of the metadata that anything is said in, folder, channel, ROI.
    """
    recordings = list(images)
    titles: dict[str, str] = {}
    said: set[str] = set()
    for image in recordings:
        row = experiment_row(image)
        said |= {name for name, value in row.items() if value not in ("", None)}
        if not titles:
            titles = {spec.name: spec.title for spec in image.fields}
        titles |= {n: n.removeprefix("extra.") for n in row if n.startswith("extra.")}
    found = {name: title for name, title in titles.items() if name in said and name != "note"}
    parents = {image.path.parent for image in recordings if image.path is not None}
    if len(parents) > 1:
        found["folder"] = "Folder"
    if any(image.header.channels > 1 for image in recordings):
        found["channel"] = "Channel"
    found |= _ALWAYS
    return found | _words_of_samples(recordings, analysis)


def _words_of_samples(recordings: list[AcqImage], analysis: str) -> dict[str, str]:
    for image in recordings[:_SEEN]:
        for key in image.results:
            if key[0] == analysis:
                try:
                    columns = image.results[key].bound_to().columns
                except CloudscopeError:
                    return {}
                return {
                    name: name.replace("_", " ").capitalize()
                    for name, values in columns.items()
                    if values.dtype.kind in "UO" and name in ("kind", "label")
                }
    return {}

"""Choosing and grouping recordings by what a table shows of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.errors import ParameterError
from cloudscope.recording_columns import (
    ShownRoi,
    blind_columns,
    recording_columns,
    recording_row,
)
from cloudscope.row_filter import column_named, matcher, wanted_of
from cloudscope.table_columns import TableColumn

__all__ = ["columns_of", "filtered", "grouped", "selection"]


def columns_of(folder: AcqImageList, free: Iterable[str] | None = None) -> tuple[TableColumn, ...]:
    """The columns of a table of this folder, fields that nobody declared included.

    Parameters
    ----------
    folder : AcqImageList
    free : iterable of str, optional
        Names of the fields that nobody declared, where they are known already; else the sidecar of
        each recording is read for them.
    """
    if folder.blinded or any(image.blinded for image in folder.images):
        return blind_columns()
    if free is None:
        declared = {spec.name for spec in folder.settings.fields}
        every = (name for image in folder.images for name in image.known_experiment.extra)
        free = dict.fromkeys(name for name in every if name not in declared)
    coded = any(image.blind_code for image in folder.images)
    return recording_columns(folder.settings.fields, free, coded=coded)


def filtered(
    folder: AcqImageList, text: str, roi: ShownRoi, wanted: dict[str, Any]
) -> tuple[AcqImage, ...]:
    """See `AcqImageList.filter`."""
    columns = columns_of(folder)
    tests = [matcher(text, columns)] if text.strip() else []
    for name, value in wanted.items():
        test = wanted_of(_column(columns, name), value)
        if test is not None:
            tests.append(test)
    if not tests:
        return folder.images
    return tuple(
        image
        for image in folder.images
        if all(test(row) for row in [_row(folder, image, roi)] for test in tests)
    )


def grouped(folder: AcqImageList, name: str, roi: ShownRoi) -> dict[Any, AcqImageList]:
    """See `AcqImageList.group_by`."""
    key = _column(columns_of(folder), name).key
    groups: dict[Any, list[AcqImage]] = {}
    for image in folder.images:
        value = _row(folder, image, roi).get(key)
        groups.setdefault("" if value is None else value, []).append(image)
    return {value: selection(folder, images) for value, images in groups.items()}


def selection(folder: AcqImageList, images: Iterable[AcqImage]) -> AcqImageList:
    """Some recordings of a folder, as a list with what the folder declares."""
    chosen = AcqImageList(images, folder=folder.folder)
    chosen.settings = folder.settings
    return chosen


def _row(folder: AcqImageList, image: AcqImage, roi: ShownRoi) -> dict[str, Any]:
    return recording_row(image, folder.relative_path(image), roi)


def _column(columns: Sequence[TableColumn], name: str) -> TableColumn:
    column = column_named(columns, name)
    if column is None:
        there = ", ".join(column.key for column in columns)
        raise ParameterError(f"there is no column {name!r}; there are {there}")
    return column

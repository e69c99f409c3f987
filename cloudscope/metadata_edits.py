"""Edits of many recordings at once: one undo step each, one report for all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cloudscope.acq_image import AcqImage
from cloudscope.experiment_metadata import ExperimentMetadata, FieldValue
from cloudscope.metadata import HeaderCorrections

__all__ = ["EditReport", "EditedImage", "accept_names", "copy_metadata", "edit_many"]

_Planned = tuple[AcqImage, ExperimentMetadata, Mapping[str, Any]]
"""A recording, its new metadata, its new scales."""

_SCALES = ("line_period_s", "pixel_size_um")


@dataclass(frozen=True, slots=True)
class EditedImage:
    """A recording that was edited, and what it had afterwards."""

    image: AcqImage
    label: str
    experiment: ExperimentMetadata
    corrections: HeaderCorrections

    @property
    def is_last_step(self) -> bool:
        """Whether nothing else was edited since."""
        image = self.image
        return (
            image.undo_label == self.label
            and image.experiment is self.experiment
            and image.corrections is self.corrections
        )


@dataclass(frozen=True, slots=True)
class EditReport:
    """What an edit of many recordings did.

    Attributes
    ----------
    edited : tuple of EditedImage
    unchanged : tuple of str
        Names of recordings that had these values already.
    kept : tuple of (str, str)
        Name of a recording and why a value of it was left as it is.
    """

    edited: tuple[EditedImage, ...] = ()
    unchanged: tuple[str, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()

    @property
    def changed(self) -> tuple[str, ...]:
        """Names of the recordings that were edited."""
        return tuple(edited.image.name for edited in self.edited)

    def undo(self) -> tuple[str, ...]:
        """Take the edit back wherever nothing was edited since; returns the names of the others."""
        others = []
        for edited in self.edited:
            if edited.is_last_step:
                edited.image.undo()
            else:
                others.append(edited.image.name)
        return tuple(others)

    def __str__(self) -> str:
        words = f"{_counted(len(self.edited))} changed"
        if self.unchanged:
            words += f", {len(self.unchanged):,} had it already"
        if self.kept:
            words += f", {len(self.kept):,} kept as they were"
        return words


def edit_many(images: Iterable[AcqImage], **fields: Any) -> EditReport:
    """Set the same fields of many recordings, one undo step each.

    Parameters
    ----------
    images : iterable of AcqImage
    **fields
        Fields of the experimental metadata, those that the folder declares included; ``extra``,
        whose names are added to those there are; ``line_period_s`` and ``pixel_size_um``, which
        correct the header. ``None`` or ``""`` empties a field.

    Returns
    -------
    EditReport

    Raises
    ------
    ParameterError
        If a field or a value is not allowed in one of them; nothing was changed.

    Examples
    --------
    >>> import numpy as np
    >>> images = [AcqImage.from_array(np.zeros((9, 4)), name=name) for name in "ab"]
    >>> images[1].edit_experiment(condition="sham")
    >>> report = edit_many(images, condition="sham")
    >>> str(report), report.undo(), images[0].experiment.condition
    ('1 recording changed, 1 had it already', (), '')
    """
    chosen = list(dict.fromkeys(images))
    scales = {name: fields.pop(name) for name in _SCALES if name in fields}
    free = dict(fields.pop("extra", None) or {})
    planned: list[_Planned] = []
    for image in chosen:  # all are checked before one is changed
        values = {name: image.field_spec(name).checked(value) for name, value in fields.items()}
        planned.append((image, _with_values(image, free | values), scales))
        image.corrections.replace(**scales)
    return _carried_out(planned, _label([*fields, *free, *scales]))


def copy_metadata(
    source: AcqImage,
    images: Iterable[AcqImage],
    names: Iterable[str] | None = None,
    *,
    overwrite: bool = False,
) -> EditReport:
    """Copy what is entered of one recording to others, one undo step each.

    Parameters
    ----------
    source : AcqImage
    images : iterable of AcqImage
    names : iterable of str, optional
        Fields; by default all that are entered. Empty ones are never copied.
    overwrite : bool
        Whether a value that another recording has already is replaced.

    Returns
    -------
    EditReport

    Raises
    ------
    ParameterError
        If `source` has no such field, or its value is not allowed in one of the others.
    """
    entered = dict(source.experiment) | dict(source.experiment.extra)
    entered = {name: value for name, value in entered.items() if value not in ("", None)}
    if names is not None:
        wanted = list(names)
        for name in wanted:
            if name not in entered:
                source.field_spec(name)
        entered = {name: entered[name] for name in wanted if name in entered}
    planned: list[_Planned] = []
    kept = []
    for image in dict.fromkeys(images):
        if image is source:
            continue
        has = {name: image.experiment.value(name) for name in entered}
        differs = [n for n, value in has.items() if value not in ("", None, entered[n])]
        if differs and not overwrite:
            kept.append((image.name, ", ".join(f"{n} is {has[n]!r} already" for n in differs)))
        values = {n: v for n, v in entered.items() if overwrite or n not in differs}
        planned.append((image, _with_values(image, values), {}))
    report = _carried_out(planned, f"copy metadata of {source.name}")
    return EditReport(report.edited, report.unchanged, tuple(kept))


def accept_names(images: Iterable[AcqImage], names: Iterable[str] | None = None) -> EditReport:
    """Enter what the names of the files say, where nobody entered anything else.

    Parameters
    ----------
    images : iterable of AcqImage
    names : iterable of str, optional
        Fields; all by default.
    """
    chosen = None if names is None else list(names)
    planned: list[_Planned] = []
    for image in dict.fromkeys(images):
        found = image.from_name
        values = {n: v for n, v in found.items() if chosen is None or n in chosen}
        planned.append((image, _with_values(image, values), {}))
    return _carried_out(planned, "enter what the file name says")


def _with_values(image: AcqImage, values: Mapping[str, FieldValue]) -> ExperimentMetadata:
    declared = {spec.name: spec for spec in image.fields}
    checked = {n: declared[n].checked(v) if n in declared else v for n, v in values.items()}
    return image.experiment.with_values(checked)


def _carried_out(planned: Iterable[_Planned], label: str) -> EditReport:
    edited, unchanged = [], []
    for image, experiment, scales in planned:
        corrections = image.corrections.replace(**scales) if scales else image.corrections
        if experiment == image.experiment and corrections == image.corrections:
            unchanged.append(image.name)
            continue
        with image.one_step(label):
            if experiment != image.experiment:
                image.experiment = experiment
            if corrections != image.corrections:
                image.corrections = corrections
        edited.append(EditedImage(image, label, image.experiment, image.corrections))
    return EditReport(tuple(edited), tuple(unchanged))


def _label(names: Iterable[str]) -> str:
    return "edit " + (", ".join(names) or "nothing")


def _counted(count: int) -> str:
    return f"{count:,} recording" + ("" if count == 1 else "s")

"""Which column of a sheet is which field, and what a cell says as that field keeps it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cloudscope.errors import ParameterError
from cloudscope.experiment_metadata import ExperimentMetadata, FieldSpec, FieldValue
from cloudscope.sheets.reading import MetadataSheet, plain_name

__all__ = ["cell_value", "columns_to_fields"]

FREE = "extra."
"""In front of the name of a field that nobody declared."""

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "animal_id": (
        "animal",
        "mouse",
        "mouseid",
        "rat",
        "ratid",
        "subject",
        "subjectid",
        "animalnumber",
    ),
    "sex": ("gender",),
    "strain": ("line", "mouseline", "background"),
    "region": ("brainregion", "area", "location"),
    "vessel_id": ("vessel", "vesselnumber"),
    "branch_order": ("order", "branch"),
    "depth_um": ("depth", "z"),
    "condition": ("group", "experimentalgroup"),
    "treatment": ("drug", "compound"),
    "date": ("experimentdate", "recordingdate", "day", "imagingdate"),
    "experimenter": ("operator", "user", "person", "recordedby"),
    "note": ("notes", "comment", "comments", "remark", "remarks"),
}

_SAME_WORDS = {"f": "female", "m": "male"}
_DAYS = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T].*)?$")
_UNIT = re.compile(r"[(\[]([^)\]]*)[)\]]\s*$")
_SAME_UNITS = {"um": "µm", "μm": "µm", "micron": "µm", "microns": "µm", "grams": "g", "gram": "g"}


def columns_to_fields(
    sheet: MetadataSheet, specs: Sequence[FieldSpec], chosen: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Field of each column, and why a column is none.

    Parameters
    ----------
    sheet : MetadataSheet
    specs : sequence of FieldSpec
        The fields there are.
    chosen : mapping of str to str
        Field by heading, as the caller says; ``"extra.cage"`` is a field that nobody declared,
        ``""`` leaves the column out.

    Raises
    ------
    ParameterError
        If `chosen` names a column or field that there is not.
    """
    by_name = {spec.name: spec for spec in specs}
    for heading, name in chosen.items():
        if heading not in sheet.columns:
            there = ", ".join(map(repr, sheet.columns))
            raise ParameterError(f"columns: {sheet.name} has no column {heading!r}; it has {there}")
        if name and not name.startswith(FREE) and name not in by_name:
            raise ParameterError(
                f"columns: there is no field {name!r}; write {FREE + name!r} for one of your own"
            )
    known: dict[str, str] = {}
    for spec in specs:
        for word in (spec.name, spec.title, *SYNONYMS.get(spec.name, ())):
            known.setdefault(plain_name(word), spec.name)
    fields: dict[str, str] = {}
    left_out: dict[str, str] = {}
    for heading in sheet.columns:
        field = chosen.get(heading)
        if field == "":
            left_out[heading] = "left out as you said"
            continue
        free = heading.startswith(FREE) and len(heading) > len(FREE)
        name = field or (heading if free else known.get(plain_name(heading), ""))
        if not name:
            left_out[heading] = "it is no field: declare it in cloudscope.toml, or say columns=…"
        elif name in fields.values():
            other = next(h for h, n in fields.items() if n == name)
            left_out[heading] = f"{other!r} is {name} already"
        elif name in by_name and (wrong := _other_unit(heading, by_name[name])):
            left_out[heading] = wrong
        else:
            fields[heading] = name
    return fields, left_out


def _other_unit(heading: str, spec: FieldSpec) -> str:
    match = _UNIT.search(heading)
    if match is None or not spec.unit:
        return ""
    unit = match[1].strip()
    if _SAME_UNITS.get(unit, unit) == _SAME_UNITS.get(spec.unit, spec.unit):
        return ""
    return f"it is in {unit}, {spec.name} takes {spec.unit}: convert it and rename the column"


def cell_value(spec: FieldSpec | None, cell: Any, decimal_comma: bool) -> FieldValue:
    """What a cell says, as the field keeps it.

    Excel knows no whole numbers and people write days and choices in many ways: what certainly
    means the same is taken, the rest refused.

    Raises
    ------
    ParameterError
        Naming the field, the value and what is allowed.
    """
    if isinstance(cell, float) and cell.is_integer() and (spec is None or not spec.numeric):
        cell = int(cell)
    if spec is None:
        extra = ExperimentMetadata(extra={"value": cell}).extra
        return extra["value"]
    if spec.kind == "yes-no" and cell in (0, 1, "0", "1"):
        return bool(int(cell))
    if not isinstance(cell, str):
        if spec.numeric or spec.kind == "yes-no":
            return spec.checked(cell)
        cell = str(cell)
    text = cell.strip()
    if spec.numeric and decimal_comma and text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    if spec.kind == "date" and (match := _DAYS.match(text)):
        text = f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}"
    if spec.closed:
        text = _choice(spec, text)
    return spec.checked(text)


def _choice(spec: FieldSpec, text: str) -> str:
    folded = text.casefold()
    for choice in spec.choices:
        if choice.casefold() == folded:
            return choice
    if spec.name == "sex" and _SAME_WORDS.get(folded) in spec.choices:
        return _SAME_WORDS[folded]
    return text

"""`FolderSettings`: what a ``cloudscope.toml`` in a folder declares of its recordings."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

from cloudscope.errors import LoadError, ParameterError
from cloudscope.experiment_metadata import (
    ExperimentMetadata,
    FieldKind,
    FieldSpec,
    FieldValue,
    experiment_fields,
)
from cloudscope.name_pattern import NamePattern

__all__ = ["SETTINGS_NAME", "FolderSettings", "NameFields"]

SETTINGS_NAME = "cloudscope.toml"

LARGEST_BYTES = 1 << 20

_KINDS: dict[str, FieldKind] = {
    "text": "text",
    "long text": "long",
    "number": "number",
    "integer": "whole",
    "choice": "text",
    "date": "date",
    "yes-no": "yes-no",
}
_KEYS = {
    "": ("fields", "names", "folder", "table", "presets"),
    "fields": ("title", "type", "unit", "choices", "help", "required", "minimum", "group"),
    "built-in": ("title", "type", "choices", "help", "required"),
    "names": ("template", "regex"),
    "folder": ("results", "exclude", "user"),
    "table": ("columns", "group_by"),
}
_TAKEN = {
    "path", "name", "kind", "folder", "format", "accepted", "status", "status_hint", "analyses",
    "rois", "stale", "dirty", "reason", "row_tone", "problem", "missing", "inferred", "from_name",
    "duration_s", "lines", "pixels", "channels", "frames", "line_period_s", "line_period_ms",
    "pixel_size_um", "acquired_at", "channel", "roi_id", "roi_name", "id", "file",
    "velocity_um_per_s", "diameter_um", "flow_pl_per_s", "flux_cells_per_s", "heart_rate_bpm",
    "pulsatility_index", "events_per_min", "peak_rate_hz", "clean_velocity_um_per_s",
    "peak_correlation",
}  # fmt: skip
"""What tables of recordings call something else."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*$")


@dataclass(frozen=True, slots=True)
class NameFields:
    """What a file's name says.

    Attributes
    ----------
    values : mapping of str to value
        Checked values by field.
    problems : tuple of str
        What it says that a field does not take, a sentence each.
    """

    values: Mapping[str, FieldValue] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class FolderSettings:
    """Fields, names and layout that a folder declares once for all its recordings.

    Read from ``cloudscope.toml`` in the opened folder; it is data, never run and never written.

    Attributes
    ----------
    path : Path or None
        The file; ``None`` where there is none.
    fields : tuple of FieldSpec
        The built-in fields, as the folder has them, and then its own.
    names : tuple of NamePattern
        How paths parse into fields; the first that fits is used.
    results_folder : str
        Where sidecars go instead of beside the recordings; ``""`` for beside.
    exclude : tuple of str
        Patterns of recordings and folders that are left out.
    user : str
        Who makes corrections here; ``""`` for the name of the account.
    columns : tuple of str
        Columns that a table shows at first, in this order; empty for the usual ones.
    group_by : str
    presets : mapping
        Analysis, name, and detection parameters under that name, one in the other, as they are
        declared; `cloudscope.presets` checks and offers them.

    Examples
    --------
    >>> settings = FolderSettings.from_dict(
    ...     {
    ...         "fields": {"cohort": {"choices": ["A", "B"], "type": "choice"}},
    ...         "names": {"template": "{cohort}/{animal_id}_{_:int}.tif"},
    ...     }
    ... )
    >>> dict(settings.fields_of_name("B/A89_0002.tif").values)
    {'cohort': 'B', 'animal_id': 'A89'}
    """

    path: Path | None = None
    fields: tuple[FieldSpec, ...] = field(default_factory=experiment_fields)
    names: tuple[NamePattern, ...] = ()
    results_folder: str = ""
    exclude: tuple[str, ...] = ()
    user: str = ""
    columns: tuple[str, ...] = ()
    group_by: str = ""
    presets: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict, hash=False)

    @classmethod
    def of_folder(cls, folder: str | Path) -> FolderSettings:
        """Of the ``cloudscope.toml`` in a folder; the usual ones where there is none.

        Raises
        ------
        LoadError
            If it cannot be read or says something that is not allowed: names file, line or key,
            value, and what to do.
        """
        import tomllib

        path = Path(folder) / SETTINGS_NAME
        try:
            if path.stat().st_size > LARGEST_BYTES:
                raise LoadError(path, f"it is larger than {LARGEST_BYTES >> 20} MB: shorten it")
            data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except FileNotFoundError:
            return cls()
        except OSError as error:
            raise LoadError(path, f"it cannot be read: {error.strerror or error}") from error
        except UnicodeDecodeError as error:
            raise LoadError(path, "it is not UTF-8: save it as UTF-8 text") from error
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            reason = str(error).replace("\n", " ")
            raise LoadError(path, f"it is no TOML: {reason}; mend that line") from error
        try:
            return replace(cls.from_dict(data), path=path)
        except ParameterError as error:
            raise LoadError(path, str(error)) from error

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> FolderSettings:
        """From what stands in the file.

        Raises
        ------
        ParameterError
            Naming the key, the value and what is allowed.
        """
        _known_keys("", "", data)
        specs = _fields(_table(data, "fields"))
        own = _table(data, "folder")
        _known_keys("folder", "folder", own)
        table = _table(data, "table")
        _known_keys("table", "table", table)
        names = _table(data, "names")
        _known_keys("names", "names", names)
        return cls(
            fields=specs,
            names=tuple(_patterns(names, {spec.name: spec for spec in specs})),
            results_folder=_inside(_text(own, "folder", "results")),
            exclude=_texts(own, "folder", "exclude"),
            user=_text(own, "folder", "user"),
            columns=_texts(table, "table", "columns"),
            group_by=_text(table, "table", "group_by"),
            presets=_presets(_table(data, "presets")),
        )

    def __repr__(self) -> str:
        own = ", ".join(spec.name for spec in self.extras)
        said = [f"fields {own}"] if own else []
        said += [f"{len(self.names)} name patterns"] if self.names else []
        return f"FolderSettings({'; '.join(said)})"

    @property
    def extras(self) -> tuple[FieldSpec, ...]:
        """The fields that are the folder's own."""
        built_in = {spec.name for spec in experiment_fields()}
        return tuple(spec for spec in self.fields if spec.name not in built_in)

    def excludes(self, relative_path: str) -> bool:
        """Whether a recording, or a folder, is left out.

        A pattern without a slash is compared with each part of the path, one with a slash with
        the whole of it.
        """
        parts = PurePosixPath(relative_path).parts
        for pattern in self.exclude:
            if "/" not in pattern.strip("/"):
                if any(fnmatch(part, pattern.strip("/")) for part in parts):
                    return True
            elif fnmatch(relative_path, pattern.strip("/").replace("**", "*")):
                return True
        return False

    def fields_of_name(self, relative_path: str) -> NameFields:
        """What the path of a recording says of it, by the first of `names` that fits."""
        specs = {spec.name: spec for spec in self.fields}
        for pattern in self.names:
            parts = pattern.parts(relative_path)
            if parts is None:
                continue
            values: dict[str, FieldValue] = {}
            problems = []
            for name, text in parts.items():
                spec = specs[name]
                try:
                    values[name] = spec.checked(text.replace(",", ".") if spec.numeric else text)
                except ParameterError as error:
                    problems.append(f"the file name says {error}")
            return NameFields(values, tuple(problems))
        return NameFields()

    def missing(self, experiment: ExperimentMetadata) -> tuple[FieldSpec, ...]:
        """The required fields that are empty."""
        return tuple(
            spec
            for spec in self.fields
            if spec.required and experiment.value(spec.name) in ("", None)
        )


def _presets(declared: Mapping[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
    named = {analysis: _table(declared, analysis, "presets") for analysis in declared}
    return {
        analysis: {name: _table(tables, name, f"presets.{analysis}") for name in tables}
        for analysis, tables in named.items()
    }


def _refused(key: str, value: Any, allowed: str) -> ParameterError:
    return ParameterError(f"{key} = {value!r} is not allowed: give {allowed}")


def _known_keys(kind: str, where: str, data: Mapping[str, Any]) -> None:
    for key in data:
        if key not in _KEYS[kind]:
            near = difflib.get_close_matches(key, _KEYS[kind], n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(_KEYS[kind])}"
            raise ParameterError(f"there is no key {where + '.' if where else ''}{key}: {hint}")


def _table(data: Mapping[str, Any], key: str, where: str = "") -> dict[str, Any]:
    value = data.get(key, {})
    if not isinstance(value, dict):
        name = f"{where}.{key}" if where else key
        raise _refused(name, value, f"a table: a line [{name}] with keys below it")
    return value


def _text(data: Mapping[str, Any], where: str, key: str, default: str = "") -> str:
    value = data.get(key, default)
    if not isinstance(value, str):
        raise _refused(f"{where}.{key}", value, "text in quotes")
    return value.strip()


def _texts(data: Mapping[str, Any], where: str, key: str) -> tuple[str, ...]:
    value = data.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise _refused(f"{where}.{key}", value, 'a list of texts, for example ["a", "b"]')
    return tuple(value)


def _inside(folder: str) -> str:
    path = PurePosixPath(folder)
    if path.is_absolute() or ".." in path.parts or "\\" in folder or ":" in folder:
        raise _refused("folder.results", folder, "the name of a folder within this one")
    return "" if folder in ("", ".") else folder


def _patterns(names: Mapping[str, Any], specs: Mapping[str, FieldSpec]) -> Iterable[NamePattern]:
    for key, make in (("template", NamePattern.from_template), ("regex", NamePattern.from_regex)):
        value = names.get(key, [])
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise _refused(f"names.{key}", value, "text, or a list of texts")
        for text in texts:
            try:
                pattern = make(text)
            except ParameterError as error:
                raise ParameterError(f"names.{key}: {error}") from None
            for name in pattern.names:
                if name not in specs:
                    near = difflib.get_close_matches(name, specs, n=1)
                    hint = f"did you mean {near[0]}? Else " if near else ""
                    raise ParameterError(
                        f"names.{key} = {text!r}: there is no field {name!r}: {hint}declare it as "
                        f"[fields.{name}], or write {{_}} for a part that is no field"
                    )
            yield pattern


def _fields(tables: Mapping[str, Any]) -> tuple[FieldSpec, ...]:
    specs = {spec.name: spec for spec in experiment_fields()}
    for name, table in tables.items():
        where = f"fields.{name}"
        if not isinstance(table, dict):
            raise _refused(where, table, f"a table: a line [{where}] with keys below it")
        if name in specs and name in ExperimentMetadata.__dataclass_fields__:
            specs[name] = _adjusted(specs[name], where, table)
        elif not _NAME.match(name) or name == "extra":
            raise ParameterError(
                f"[{where}] is not allowed: a field's name is letters, digits and underscores, for "
                f"example weight_g; what people read is its title"
            )
        elif name in _TAKEN:
            raise ParameterError(
                f"[{where}] is not allowed: {name} is a column of tables already; choose another"
            )
        else:
            specs[name] = _declared(name, where, table)
    return tuple(specs.values())


def _adjusted(spec: FieldSpec, where: str, table: Mapping[str, Any]) -> FieldSpec:
    """A built-in field with the folder's choices and words; what it holds stays."""
    _known_keys("built-in", where, table)
    choices = _texts(table, where, "choices") or spec.choices
    closed = spec.closed or table.get("type") == "choice"
    if table.get("type") not in (None, "choice"):
        raise _refused(f"{where}.type", table["type"], '"choice", or leave it out: it is built in')
    if table.get("choices") and spec.kind != "text":
        raise _refused(f"{where}.choices", list(choices), "no choices: it is no text")
    if spec.closed:
        strange = [choice for choice in choices if choice not in spec.choices]
        if strange:
            allowed = ", ".join(repr(choice) for choice in spec.choices if choice)
            raise _refused(f"{where}.choices", strange[0], f"some of {allowed}")
        choices = ("", *(choice for choice in choices if choice))
    if closed and not any(choices):
        raise ParameterError(
            f"{where}.type is choice, but there are no choices: add {where}.choices"
        )
    return replace(
        spec,
        title=_text(table, where, "title") or spec.title,
        help=_text(table, where, "help") or spec.help,
        choices=choices,
        closed=closed,
        required=_flag(table, where, "required"),
    )


def _declared(name: str, where: str, table: Mapping[str, Any]) -> FieldSpec:
    _known_keys("fields", where, table)
    kind = _text(table, where, "type", "choice" if table.get("choices") else "text")
    if kind not in _KINDS:
        raise _refused(f"{where}.type", kind, "one of " + ", ".join(map(repr, _KINDS)))
    choices = _texts(table, where, "choices")
    if kind == "choice" and not any(choices):
        raise ParameterError(
            f"{where}.type is choice, but there are no choices: add {where}.choices"
        )
    if choices and kind not in ("choice", "text"):
        raise _refused(f"{where}.choices", list(choices), f"no choices: the type is {kind}")
    minimum = table.get("minimum")
    if minimum is not None and (
        isinstance(minimum, bool)
        or not isinstance(minimum, int | float)
        or kind not in ("number", "integer")
    ):
        raise _refused(f"{where}.minimum", minimum, "a number, for a number or integer field")
    return FieldSpec(
        title=_text(table, where, "title") or name.replace("_", " ").capitalize(),
        group=_text(table, where, "group") or "This lab",
        help=_text(table, where, "help"),
        unit=_text(table, where, "unit"),
        choices=("", *choices) if kind == "choice" else choices,
        closed=kind == "choice",
        kind=_KINDS[kind],
        minimum=None if minimum is None else float(minimum),
        name=name,
        required=_flag(table, where, "required"),
    )


def _flag(table: Mapping[str, Any], where: str, key: str) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise _refused(f"{where}.{key}", value, "true or false")
    return value

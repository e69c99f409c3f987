"""`ExperimentState`: the experimental metadata of a recording, and who says them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from traitlets import Instance, Unicode, default, validate

from cloudscope.blind_state import BlindState
from cloudscope.errors import ParameterError
from cloudscope.experiment_metadata import (
    ExperimentMetadata,
    FieldSpec,
    FieldValue,
    experiment_fields,
)
from cloudscope.folder_settings import FolderSettings, NameFields
from cloudscope.trait_types import TupleOf

__all__ = ["ExperimentState"]


class ExperimentState(BlindState):
    """What the user says of a recording, checked by what its folder declares.

    What the file's name says is kept apart: it fills fields that nobody entered, is shown as such,
    and becomes the user's own when it is accepted.
    """

    experiment = Instance(ExperimentMetadata, ())
    """What the user entered."""

    fields = TupleOf(FieldSpec)
    """The fields there are, as the folder of the recording declares them."""

    name_fields = Instance(NameFields, ())
    """What the file's name says, by the folder's declaration."""

    user = Unicode()
    """Who corrects the header; ``""`` for the name of the account."""

    _replaying = False

    @default("fields")
    def _usual_fields(self) -> tuple[FieldSpec, ...]:
        return experiment_fields()

    def take_settings(self, settings: FolderSettings, relative_path: str) -> None:
        """Take fields, the name's values and the user from the settings of the folder.

        Parameters
        ----------
        settings : FolderSettings
        relative_path : str
            Of the recording in the folder, with forward slashes.
        """
        if self.fields != settings.fields:
            self.fields = settings.fields
        if settings.names:
            self.name_fields = settings.fields_of_name(relative_path)
        elif self.name_fields.values or self.name_fields.problems:
            self.name_fields = NameFields()
        if settings.user:
            self.user = settings.user

    @property
    def from_name(self) -> Mapping[str, FieldValue]:
        """What the file's name says of fields that nobody entered; nothing while read blind."""
        if self.blinded:
            return {}
        return {
            name: value
            for name, value in self.name_fields.values.items()
            if self.experiment.value(name) in ("", None) and value not in ("", None)
        }

    @property
    def known_experiment(self) -> ExperimentMetadata:
        """What is entered, and for the rest what the file's name says; the note if read blind."""
        if self.blinded:
            return ExperimentMetadata(note=self.experiment.note)
        found = self.from_name
        return self.experiment.with_values(found) if found else self.experiment

    @property
    def missing_fields(self) -> tuple[FieldSpec, ...]:
        """The fields that the folder requires and nobody gave, not even the file's name."""
        required = [spec for spec in self.fields if spec.required and not self.blinded]
        known = self.known_experiment if required else None
        return tuple(s for s in required if known and known.value(s.name) in ("", None))

    def accept_name_fields(self, names: Iterable[str] | None = None) -> tuple[str, ...]:
        """Enter what the file's name says, as one step for `undo`.

        Parameters
        ----------
        names : iterable of str, optional
            Fields; all of `from_name` by default.

        Returns
        -------
        tuple of str
            The fields entered: what the user has entered already stays.
        """
        found = self.from_name
        chosen = found.keys() if names is None else names
        wanted = {name: found[name] for name in chosen if name in found}
        if wanted:
            self.experiment = self.experiment.with_values(wanted)
        return tuple(wanted)

    def field_spec(self, name: str) -> FieldSpec:
        """How a field is shown and checked.

        Raises
        ------
        ParameterError
            If there is none; lists those there are.
        """
        for spec in self.fields:
            if spec.name == name:
                return spec
        names = [spec.name for spec in self.fields]
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise ParameterError(
            f"there is no metadata field {name!r}; {hint}there are {', '.join(sorted(names))}, and "
            f"free ones in extra"
        )

    def edit_experiment(self, **fields: Any) -> None:
        """Change fields of `experiment`, those that the folder declares included.

        Free ones go into ``extra``, a mapping. ``""`` or ``None`` empties a field.

        Raises
        ------
        ParameterError
            Naming the field, the value and what is allowed.
        """
        extra = fields.pop("extra", None)
        values = {name: self.field_spec(name).checked(value) for name, value in fields.items()}
        new = self.experiment if extra is None else self.experiment.replace(extra=extra)
        self.experiment = new.with_values(values)

    @validate("experiment")
    def _as_declared(self, proposal: Any) -> ExperimentMetadata:
        new: ExperimentMetadata = proposal["value"]
        if self._replaying or self.fields is experiment_fields():
            return new  # what was saved before the folder declared anything stays as it is
        old = self.experiment
        checked = {
            spec.name: spec.checked(new.value(spec.name))
            for spec in self.fields
            if new.value(spec.name) != old.value(spec.name)
        }
        extra = {
            name: checked.get(name, value)
            for name, value in new.extra.items()
            if name not in checked or checked[name] not in ("", None)
        }
        return new if extra == dict(new.extra) else replace(new, extra=extra)

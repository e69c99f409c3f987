"""`BlindState`: what a recording is called while it is read blind, and what is locked then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from traitlets import Bool, HasTraits, Unicode

from cloudscope.errors import BlindingError

__all__ = ["BlindState"]


class BlindState(HasTraits):
    """A recording that may be read blind: its name is a code then, and its parameters are locked.

    Written by the folder it belongs to, see `AcqImageList.start_blinding`.
    """

    name = Unicode(read_only=True)
    """Name for people: the file's name, or the code while it is read blind. Read-only."""

    blinded = Bool(False, read_only=True)
    """Whether the recording is read blind: `name` is a code. Read-only."""

    blind_code = Unicode(read_only=True)
    """Its code in the last blinded reading, also after that has ended, or ``""``. Read-only."""

    _true_name = ""
    _locked: Mapping[str, Mapping[str, Any]] = {}

    @property
    def true_name(self) -> str:
        """The file's name, also while it is read blind."""
        return self._true_name

    def take_blinding(
        self, code: str, hidden: bool, parameters: Mapping[str, Mapping[str, Any]]
    ) -> None:
        """Take a code, the name's place where it is hidden, and what is locked.

        Parameters
        ----------
        code : str
        hidden : bool
        parameters : mapping
            All detection parameters by analysis.
        """
        self._locked = parameters if hidden else {}
        self.set_trait("blinded", hidden)
        self.set_trait("blind_code", code)
        self.set_trait("name", code if hidden else self._true_name)

    def with_locked(self, analysis: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Detection parameters that may be used: those given, completed by those locked.

        Parameters
        ----------
        analysis : str
        parameters : mapping
            Validated.

        Raises
        ------
        BlindingError
            If one is locked to another value while the recording is read blind.
        """
        if not self.blinded:
            return dict(parameters)
        from cloudscope.blinding import locked_values

        locked = locked_values(self._locked, analysis)
        for name, value in parameters.items():
            if name in locked and locked[name] != value:
                raise BlindingError(
                    f"{name}={value!r} is not allowed: while {self.name} is read blind, {analysis} "
                    f"is locked to {name}={locked[name]!r}; leave it out, or unblind first"
                )
        return {**locked, **parameters}

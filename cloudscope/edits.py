"""Undo and redo: since state is immutable values, history is keeping the old ones."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cloudscope.display import ChannelDisplay

__all__ = ["Edit", "History"]


GESTURE_S = 1.5
"""Changes of the picture that follow each other faster are one step."""


@dataclass(slots=True)
class Edit:
    """One step: the values of the traits it changed, before and after.

    Attributes
    ----------
    label : str
        For people, for example ``"move ROI 1"``.
    before, after : dict
        Value by trait name.
    parked : dict
        Results of ROIs that this step took away, kept for the way back.
    at_s : float
        When it was made, on a clock of its own.
    """

    label: str
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    parked: dict[Any, Any] = field(default_factory=dict)
    at_s: float = field(default_factory=time.monotonic)

    def continues(self, other: Edit) -> bool:
        """Whether it is one gesture with the step before: contrast that is being dragged."""
        looks = self.before.keys() == other.before.keys() == {"display"}
        if not looks or self.at_s - other.at_s >= GESTURE_S:
            return False
        # what is switched is a step of its own, however fast
        turned = _turned(self)
        return turned == _turned(other) and all(name in ("contrast", "gamma") for _, name in turned)

    def record(self, name: str, old: Any, new: Any) -> None:
        """Note a change; a second change of the same trait keeps the first old value."""
        self.before.setdefault(name, old)
        self.after[name] = new

    @property
    def empty(self) -> bool:
        """Whether nothing differs between before and after."""
        return all(self.after[name] == value for name, value in self.before.items())


def _turned(edit: Edit) -> set[tuple[int, str]]:
    """Which settings of which channels a change of the picture touched."""
    before, after = edit.before["display"], edit.after["display"]
    found = set()
    for channel in before.keys() | after.keys():
        old, new = (side.get(channel, ChannelDisplay()).to_dict() for side in (before, after))
        found |= {(channel, name) for name in new if new[name] != old[name]}
    return found


class History:
    """The steps done and the steps undone, newest last.

    Parameters
    ----------
    limit : int
        Oldest steps beyond it are forgotten.
    """

    def __init__(self, limit: int = 200) -> None:
        self._limit = limit
        self._done: list[Edit] = []
        self._undone: list[Edit] = []

    def push(self, edit: Edit) -> None:
        """Add a new step; what was undone can no longer be redone."""
        if self._done and not self._undone and edit.continues(self._done[-1]):
            last = self._done[-1]
            last.after, last.at_s = edit.after, edit.at_s
            return
        self._done.append(edit)
        del self._done[: -self._limit]
        self._undone.clear()

    def undo(self) -> tuple[Edit, Mapping[str, Any]] | None:
        """The step to take back and the values to restore, or ``None``."""
        if not self._done:
            return None
        edit = self._done.pop()
        self._undone.append(edit)
        return edit, edit.before

    def redo(self) -> tuple[Edit, Mapping[str, Any]] | None:
        """The step to do again and the values to restore, or ``None``."""
        if not self._undone:
            return None
        edit = self._undone.pop()
        self._done.append(edit)
        return edit, edit.after

    def clear(self) -> None:
        """Forget everything."""
        self._done.clear()
        self._undone.clear()

    @property
    def undo_label(self) -> str | None:
        """What `undo` would take back."""
        return self._done[-1].label if self._done else None

    @property
    def redo_label(self) -> str | None:
        """What `redo` would do again."""
        return self._undone[-1].label if self._undone else None

"""Trait types of the models: they take a value, check it, and hold it frozen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from traitlets import HasTraits, TraitError, TraitType

from cloudscope.roi import Roi, checked_rois

__all__ = ["FrozenMapping", "Rois", "TupleOf"]

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")


class Rois(TraitType[tuple[Roi, ...], Iterable[Roi]]):
    """A tuple of `Roi` with unique ids, all inside the recording of the model that holds it.

    The model says how large that is with ``_image_size() -> (lines, pixels)``.
    """

    default_value = ()
    info_text = "an iterable of Roi with unique ids inside the recording"

    def validate(self, obj: HasTraits | None, value: Any) -> tuple[Roi, ...]:
        """The value as a tuple; `RoiError` names the ROI that is not allowed."""
        try:
            rois = tuple(value)
        except TypeError:
            self.error(obj, value)
        lines, pixels = obj._image_size()  # type: ignore[union-attr]
        return checked_rois(rois, lines, pixels)


class FrozenMapping(TraitType[Mapping[K, V], Mapping[K, V]]):
    """A read-only mapping; what is assigned is copied."""

    default_value = MappingProxyType({})
    info_text = "a mapping"

    def validate(self, obj: HasTraits | None, value: Any) -> Mapping[K, V]:
        """A read-only copy of the mapping."""
        if not isinstance(value, Mapping):
            raise TraitError(f"{self.name}={value!r} is not allowed: give a mapping")
        return MappingProxyType(dict(value))


class TupleOf(TraitType[tuple[T, ...], Iterable[T]]):
    """A tuple whose items are all of one class.

    Parameters
    ----------
    item : type
    read_only : bool
    """

    default_value = ()

    def __init__(self, item: type[T], *, read_only: bool = False) -> None:
        self._item = item
        self.info_text = f"an iterable of {item.__name__}"
        super().__init__(read_only=read_only)

    def validate(self, obj: HasTraits | None, value: Any) -> tuple[T, ...]:
        """The items as a tuple."""
        if isinstance(value, str) or not isinstance(value, Iterable):
            self.error(obj, value)
        items = tuple(value)
        for item in items:
            if not isinstance(item, self._item):
                raise TraitError(f"{self.name} holds {self.info_text}, not {item!r}")
        return items

"""How tables of recordings and other records show their columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Glyph", "TableColumn"]


@dataclass(frozen=True, slots=True)
class Glyph:
    """A value shown as a mark, with the words for it.

    Attributes
    ----------
    value : str, bool or None
        What the row holds.
    text : str
        The mark, one character.
    title : str
        Its meaning, read by screen readers and found by the filter.
    tone : {"ok", "warn", "bad", "dim"}
    """

    value: str | bool | None
    text: str
    title: str
    tone: Literal["ok", "warn", "bad", "dim"] = "dim"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """How one column of a `DataTable` is shown.

    Attributes
    ----------
    key : str
        Key of the value in each row.
    title, unit, help : str
        Heading, unit below it, tooltip.
    kind : {"text", "number", "glyph"}
    width : int or None
        Pixels; by content where None.
    grow : int or None
        Width up to which the column takes what room is left.
    digits : int or None
        Decimals of a number; ``None``: as many as it needs.
    glyphs : tuple of Glyph
    badge, badge_title : str
        Row key of a boolean shown as a dot behind the text, and what the dot means.
    detail, hint : str
        Row keys of a text shown dimly behind the value, and of one for the tooltip.
    keep_end : int
        Characters at the end that stay in sight where the text is too long.
    frozen : bool
        Stays in sight when the table is scrolled sideways.
    editable : bool
        A click asks for the next glyph (see `DataTable.on_edit`).
    """

    key: str
    title: str
    kind: Literal["text", "number", "glyph"] = "text"
    unit: str = ""
    help: str = ""
    width: int | None = None
    grow: int | None = None
    digits: int | None = 0
    glyphs: tuple[Glyph, ...] = ()
    badge: str = ""
    badge_title: str = ""
    detail: str = ""
    hint: str = ""
    keep_end: int = 0
    frozen: bool = False
    editable: bool = False

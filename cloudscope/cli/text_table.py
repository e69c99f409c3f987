"""Tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["number", "text_table"]


def text_table(titles: Sequence[str], rows: Iterable[Sequence[str]], right: str = "") -> str:
    """Columns aligned under their titles.

    Parameters
    ----------
    titles : sequence of str
    rows : iterable of sequences of str
        One text a column.
    right : str
        ``">"`` for each column set to the right, anything else to the left.

    Examples
    --------
    >>> print(text_table(["file", "µm/s"], [["a.tif", "800"], ["b.tif", "-1236"]], "<>"))
    file    µm/s
    a.tif    800
    b.tif  -1236
    """
    lines = [list(titles), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(titles))]
    sides = right.ljust(len(titles), "<")
    return "\n".join(
        "  ".join(
            cell.rjust(width) if side == ">" else cell.ljust(width)
            for cell, width, side in zip(line, widths, sides, strict=True)
        ).rstrip()
        for line in lines
    )


def number(value: object, digits: int = 4) -> str:
    """A number with `digits` significant digits, ``-`` where there is none.

    Examples
    --------
    >>> number(1236.56), number(0.28411), number(None), number(float("nan"))
    ('1237', '0.2841', '-', '-')
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return "-" if value is None or value != value else str(value)
    text = f"{value:.{digits}g}"
    return f"{value:.0f}" if "e+" in text and abs(value) < 1e9 else text

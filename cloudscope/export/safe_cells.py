"""Text that a spreadsheet will not take for a formula."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["safe_text", "safe_texts", "unsafe_text"]

_STARTS = tuple("=+-@\t\r\n＝＋－＠")
_GUARDED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")


def safe_text(text: str) -> str:
    """`text`, with an apostrophe in front where a spreadsheet would calculate it.

    That is where it begins with ``=``, ``+``, ``-``, ``@``, a tab or a line break, as
    `OWASP <https://owasp.org/www-community/attacks/CSV_Injection>`__ lists them, or with the
    wide forms of these signs. Text that begins with such an apostrophe already gets one more, so
    that `unsafe_text` always gives back what was there.

    Examples
    --------
    >>> safe_text("=1+1"), safe_text("wild type"), safe_text("'=1")
    ("'=1+1", 'wild type', "''=1")
    """
    return f"'{text}" if text.startswith(_STARTS) or _GUARDED.match(text) else text


def unsafe_text(text: str) -> str:
    """What `safe_text` was given.

    Examples
    --------
    >>> unsafe_text("'=1+1"), unsafe_text("'quoted'")
    ('=1+1', "'quoted'")
    """
    return text[1:] if _GUARDED.match(text) else text


def safe_texts(frame: Any) -> Any:
    """A DataFrame whose text cells and column names are safe; numbers stay numbers."""
    safe = frame.copy()
    for column, dtype in frame.dtypes.items():
        if dtype == "str":
            # a column of metadata repeats one text in every row
            told = {text: safe_text(text) for text in frame[column].unique()}
            changed = {text: guarded for text, guarded in told.items() if guarded != text}
            if changed:
                safe[column] = frame[column].map(told.__getitem__)
    return safe.rename(columns=safe_text)

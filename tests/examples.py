"""The Python on the pages of the documentation, run as a reader would run it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def page_text(page: str) -> str:
    """The text of a page, named from the root of the repository."""
    return (ROOT / page).read_text(encoding="utf-8")


def examples_on(page: str) -> list[str]:
    """The blocks of Python on a page, from top to bottom."""
    return re.findall(r"^```python\n(.*?)^```", page_text(page), re.DOTALL | re.MULTILINE)


def run_examples(page: str, skip_lines: str = "", **names: Any) -> dict[str, Any]:
    """What the names are after all examples of `page`, run one after the other.

    `names` are there from the start; lines that contain `skip_lines` are left out.
    """
    known: dict[str, Any] = {"__name__": "example", **names}
    blocks = examples_on(page)
    assert blocks, f"{page} has no example"
    for number, code in enumerate(blocks, 1):
        # line numbers stay, so that a failure shows the line of the example
        kept = "\n".join(
            "" if skip_lines and skip_lines in line else line for line in code.splitlines()
        )
        exec(compile(kept, f"{page}, example {number}", "exec"), known)
    return known

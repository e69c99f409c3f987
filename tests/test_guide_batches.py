"""The Python of the guide to batches works as it stands."""

from __future__ import annotations

import re
from pathlib import Path

TEXT = (Path(__file__).resolve().parents[1] / "docs" / "guide" / "batches.md").read_text(
    encoding="utf-8"
)


def test_the_examples_of_the_guide_to_batches() -> None:
    names: dict[str, object] = {"__name__": "example"}
    for code in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        exec(compile(code, "batches.md", "exec"), names)
    again = names["again"]
    assert again.done == ()  # type: ignore[attr-defined]
    assert len(again.fresh) > 1  # type: ignore[attr-defined]

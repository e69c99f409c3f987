"""The Python of the guide to ROIs works as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

TEXT = (Path(__file__).resolve().parents[1] / "docs" / "guide" / "rois.md").read_text(
    encoding="utf-8"
)


def test_the_examples_of_the_guide_to_rois() -> None:
    names: dict[str, Any] = {"__name__": "example"}
    for code in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        exec(compile(code, "rois.md", "exec"), names)
    assert names["image"].rois[0].bounds == (0, 1000, 10, 40)
    assert names["report"].added[0].bounds == (0, 600, 10, 40)

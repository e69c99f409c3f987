"""The Python of the guide to reading blind works as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

TEXT = (Path(__file__).resolve().parents[1] / "docs" / "guide" / "blinding.md").read_text(
    encoding="utf-8"
)


def test_the_examples_of_the_guide_to_reading_blind(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {"__name__": "example"}
    for code in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        exec(compile(code, "blinding.md", "exec"), names)
    codes = "['R-001', 'R-002', 'R-003']"
    assert capsys.readouterr().out == f"{codes}\n{codes} False\n"

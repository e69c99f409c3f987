"""The Python of the guide to judging recordings works as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

TEXT = (Path(__file__).resolve().parents[1] / "docs" / "guide" / "reviewing.md").read_text(
    encoding="utf-8"
)


def test_the_examples_of_the_guide_to_judging(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {"__name__": "example"}
    for code in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        exec(compile(code, "reviewing.md", "exec"), names)
    assert capsys.readouterr().out == "3 of 3 decided: 2 accepted, 1 rejected\n"

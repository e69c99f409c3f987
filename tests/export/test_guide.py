"""The examples of the guide page work as they stand, one after the other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import cloudscope as cs
from tests.measured_recordings import with_results
from tests.recordings import write_line_scan

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "export.md"


def test_the_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("openpyxl", "pynwb", "zarr", "matplotlib"):
        pytest.importorskip(package)
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    with_results(cs.AcqImage(write_line_scan(recordings / "scan.tif", lines=600))).save()
    write_line_scan(recordings / "other.tif", seed=1)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    blocks = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    for number, code in enumerate(blocks):
        exec(compile(code, f"export.md, example {number}", "exec"), names)
    assert not names["report"].failed
    made = {path.name for path in tmp_path.iterdir()}
    assert {
        "recordings-excel", "tables", "for-dandi", "share", "fiji", "for-old-scripts",
        "supplement.zip",
    } <= made  # fmt: skip
    assert len(blocks) >= 7

"""The README's Python works as it stands, on a folder of recordings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import cloudscope as cs

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_python_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cs.write_sample_folder(tmp_path / "recordings")
    monkeypatch.chdir(tmp_path)
    code = re.search(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert code is not None
    names: dict[str, object] = {"__name__": "example"}
    exec(compile(code[1], "README.md", "exec"), names)
    image, roi, result = names["image"], names["roi"], names["result"]
    bare = cs.radon_velocity(
        image.kymograph(channel=0, roi_id=roi.roi_id),
        line_period_s=image.header.line_period_s,
        pixel_size_um=image.header.pixel_size_um,
        window_lines=64,
    )
    assert bare.same_numbers(result)
    assert cs.AcqImage(image.path).result("radon_velocity", 0, roi.roi_id).same_numbers(result)


def test_every_link_leads_somewhere() -> None:
    for text in (TEXT, (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")):
        targets = re.findall(r"\]\(([^)#]+)\)", text)
        missing = [t for t in targets if "://" not in t and not (ROOT / t).exists()]
        assert missing == []

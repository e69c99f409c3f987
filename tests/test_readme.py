"""The README's Python works as it stands, on a folder of recordings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import cloudscope as cs
from tests.examples import ROOT, page_text, run_examples


def test_the_python_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cs.write_sample_folder(tmp_path / "recordings")
    monkeypatch.chdir(tmp_path)
    names = run_examples("README.md")
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
    for page in ("README.md", "CONTRIBUTING.md"):
        targets = re.findall(r"\]\(([^)#]+)\)", page_text(page))
        missing = [t for t in targets if "://" not in t and not (ROOT / t).exists()]
        assert missing == []

"""The examples of the guide pages on pooling and on figures run as they stand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import cloudscope as cs
from cloudscope.sidecar.atomic import move
from tests.pool.folders import two_conditions

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "guide"
EXAMPLE = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)

pytest.importorskip("matplotlib", reason="figures need the extra 'figures'")


def run(page: str, names: dict[str, Any], skip: str = "") -> dict[str, Any]:
    for code in EXAMPLE.findall((GUIDE / page).read_text(encoding="utf-8")):
        kept = "\n".join(line for line in code.splitlines() if not skip or skip not in line)
        exec(compile(kept, page, "exec"), names)
    return names


def test_pooling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = cs.AcqImageList(two_conditions())
    for image in folder:
        image.accepted = True
    names = run("pooling.md", {"cs": cs, "folder": folder}, skip="from_folder")
    assert len(names["table"]) == 6
    assert names["windows"].attrs["left_out"]
    assert len(names["both"]) == 12
    assert sorted(path.name for path in tmp_path.iterdir()) == ["velocity.csv", "velocity.svg"]


def test_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    cs.write_sample_folder(tmp_path / "sample")
    (tmp_path / "recordings").mkdir()
    name = "01_capillary.tif"
    move(tmp_path / "sample" / name, tmp_path / "recordings" / name)
    image = cs.AcqImage(tmp_path / "recordings" / name)
    image.analyze("radon_velocity")
    image.save()
    names = run("figures.md", {})
    assert len(names["table"]) > 10
    assert {path.suffix for path in tmp_path.iterdir()} >= {".svg", ".png", ".csv"}

"""The examples of the guide page on metadata work as they stand, one after the other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import cloudscope as cs
from tests.recordings import write_line_scan

TEXT = (Path(__file__).resolve().parents[1] / "docs" / "guide" / "metadata.md").read_text("utf-8")
TOML = re.search(r"<!-- file: cloudscope\.toml -->\n```toml\n(.*?)```", TEXT, re.DOTALL)
EXAMPLES = re.findall(r"<!-- run -->\n```python\n(.*?)```", TEXT, re.DOTALL)


def test_the_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert TOML is not None
    place = tmp_path / "recordings" / "28d AngII" / "20250722"
    place.mkdir(parents=True)
    for number in (2, 4):
        write_line_scan(place / f"20250722_A89_{number:04d}.tif", lines=60)
    write_line_scan(place / "20250722_A89_overview.tif", lines=60)
    (tmp_path / "recordings" / "cloudscope.toml").write_text(TOML[1], encoding="utf-8")
    (tmp_path / "animals.csv").write_text(
        "file,Gender,Cage\n20250722_A89_0002,f,7\n20250722_A89_0004,f,7\n", encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    names = {"cs": cs}
    assert len(EXAMPLES) == 5
    for example in EXAMPLES:
        exec(compile(example, "metadata.md", "exec"), names)
    folder = names["folder"]
    assert isinstance(folder, cs.AcqImageList)
    assert [image.experiment.extra["cage"] for image in folder] == ["7", "7"]
    assert folder.failures == ()

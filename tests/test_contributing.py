"""The worked examples of CONTRIBUTING.md work as they stand."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudscope.analysis import registry as analyses
from cloudscope.loaders import registry as loaders
from tests.examples import page_text

BLOCK = re.compile(
    r"<!-- (file: (?P<name>\w+)\.py|run) -->\n```python\n(?P<code>.*?)```", re.DOTALL
)


def section(title: str) -> tuple[str, str, str]:
    """Module name, its code, and the example that uses it, of one section."""
    text = page_text("CONTRIBUTING.md").split(f"\n## {title}\n")[1].split("\n## ")[0]
    module, example = BLOCK.finditer(text)
    assert module["name"]
    return module["name"], module["code"], example["code"]


@pytest.fixture
def worked_example(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, str]]:
    """The module of a section, importable from an empty folder, and its example."""
    name, code, example = section(request.param)
    (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    yield name, example
    sys.modules.pop(name, None)


def execute(code: str) -> None:
    exec(compile(code, "CONTRIBUTING.md", "exec"), {"__name__": "example"})


class Point:
    """What an installed package's entry point looks like."""

    def __init__(self, module: str, attribute: str = "") -> None:
        self.name = module
        self._module, self._attribute = module, attribute

    def load(self) -> object:
        module = __import__(self._module)
        return getattr(module, self._attribute) if self._attribute else module


@pytest.mark.parametrize("worked_example", ["Add an analysis"], indirect=True)
def test_the_analysis(
    worked_example: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from cloudscope.cli import main

    name, example = worked_example
    # what is first imported while the copy stands would register there, and never again
    for built_in in analyses.BUILT_IN:
        analyses.get_analysis(built_in)
    monkeypatch.setattr(analyses, "_registered", dict(analyses._registered))
    monkeypatch.setattr(analyses, "_external", lambda: {name: Point(name)})
    execute(example)
    assert name in analyses.analysis_names()
    assert main(["analyze", "--list"]) == 0
    assert "smooth_lines" in capsys.readouterr().out


@pytest.mark.parametrize("worked_example", ["Add an analysis of results"], indirect=True)
def test_the_analysis_of_results(
    worked_example: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, example = worked_example
    for built_in in analyses.BUILT_IN:
        analyses.get_analysis(built_in)
    monkeypatch.setattr(analyses, "_registered", dict(analyses._registered))
    monkeypatch.setattr(analyses, "_external", lambda: {name: Point(name)})
    execute(example)


@pytest.mark.parametrize("worked_example", ["Add a loader"], indirect=True)
def test_the_loader(worked_example: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    name, example = worked_example
    loader = Point(name, "PgmLoader").load()()
    assert isinstance(loader, loaders.Loader)
    known = loaders._loaders()
    monkeypatch.setattr(loaders, "_loaders", lambda: (*known, loader))
    execute(example)


@pytest.mark.parametrize("worked_example", ["Add a widget"], indirect=True)
def test_the_widget(worked_example: tuple[str, str]) -> None:
    execute(worked_example[1])

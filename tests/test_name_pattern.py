"""Paths are cut into fields as their template says."""

from __future__ import annotations

import pytest

from cloudscope.errors import ParameterError
from cloudscope.name_pattern import NamePattern


@pytest.mark.parametrize(
    ("template", "path", "parts"),
    [
        ("{animal}_{run:int}.tif", "A89_0002.tif", {"animal": "A89", "run": "0002"}),
        ("{animal}_{run:int}.tif", "deep/er/A89_0002.TIF", {"animal": "A89", "run": "0002"}),
        ("{animal}_{run:int}", "A89_0002.ome.tif", {"animal": "A89", "run": "0002"}),
        ("{animal}_{run:int}.tif", "A89_left_02.tif", {"animal": "A89_left", "run": "02"}),
        ("{a}_{b}_{n:int}.tif", "A89_cortex_2.tif", {"a": "A89", "b": "cortex", "n": "2"}),
        ("{c}/{_}_{n:int}.tif", "28d AngII/x_1.tif", {"c": "28d AngII", "n": "1"}),
        ("{c}/{*}.tif".replace("*", "_"), "x.tif", None),
        ("{depth:number}um_{n:int}", "12.5um_3.tif", {"depth": "12.5", "n": "3"}),
        ("{day:%Y%m%d}_{n:int}", "20250722_1.tif", {"day": "2025-07-22", "n": "1"}),
        ("{day:%d.%m.%y} {n:int}", "22.07.25 1.tif", {"day": "2025-07-22", "n": "1"}),
        ("{day:%Y%m%d}/{day:%Y%m%d}_{n:int}", "20250722/20250722_1.tif",
         {"day": "2025-07-22", "n": "1"}),
        ("{day:%Y%m%d}/{day:%Y%m%d}_{n:int}", "20250722/20250723_1.tif", None),
        ("{n:int}.tif", "A2.tif", None),
        ("{naïve}+({n:int}).tif", "é+(3).tif", {"naïve": "é", "n": "3"}),
    ],
)  # fmt: skip
def test_templates(template: str, path: str, parts: dict[str, str] | None) -> None:
    assert NamePattern.from_template(template).parts(path) == parts


def test_regular_expressions_are_found_anywhere_and_leave_out_what_is_not_there() -> None:
    pattern = NamePattern.from_regex(r"(?P<animal>A\d+)(?:_(?P<run>\d+))?")
    assert pattern.names == ("animal", "run")
    assert pattern.parts("x/20250722_A89_0002.tif") == {"animal": "A89", "run": "0002"}
    assert pattern.parts("A90.tif") == {"animal": "A90"}
    assert pattern.parts("B.tif") is None


@pytest.mark.parametrize(
    "template", ["", "plain.tif", "{_}.tif", "{a", "a}", "{a b}", "{a:float}", "{a:%Q}", "{a:%}"]
)
def test_a_template_that_makes_no_sense_is_refused_by_name(template: str) -> None:
    with pytest.raises(ParameterError) as caught:
        NamePattern.from_template(template)
    assert repr(template) in str(caught.value)


def test_a_name_made_to_take_for_ever_is_not_read() -> None:
    pattern = NamePattern.from_template("{a}_{b}_{c}_{d}_{e}_{n:int}.tif")
    assert pattern.parts("_" * 200 + ".tif") is None
    assert pattern.parts("a" * 5000) is None


@pytest.mark.parametrize("expression", [r"(?P<a>(x+)+)$", r"(?P<a>A)(\w*)*y", r"(?P<a>A)(x{1,9})+"])
def test_an_expression_made_to_take_for_ever_is_refused(expression: str) -> None:
    with pytest.raises(ParameterError, match="repeats a group that repeats within"):
        NamePattern.from_regex(expression)


def test_an_expression_with_optional_groups_is_not() -> None:
    assert NamePattern.from_regex(r"(?P<a>A\d+)(_\d+)?(x)*\.tif").parts("A12_3xx.tif") == {
        "a": "A12"
    }

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import pytest

from cloudscope.analysis.parameters import (
    Param,
    checked_arguments,
    declared_parameters,
    parse_text,
    validate_parameters,
)
from cloudscope.errors import ParameterError


def analysis(
    kymograph: object,
    *,
    line_period_s: float | None,
    window_lines: Annotated[int, Param("Window", unit="lines", minimum=4, maximum=512)] = 64,
    limit: Annotated[float | None, Param("Limit", minimum=0)] = None,
    direction: Annotated[Literal["either", "positive"], Param("Direction")] = "either",
    blur: Annotated[bool, Param("Blur")] = False,
    progress: object = None,
) -> None:
    """An analysis with one parameter of each kind."""


PARAMETERS = declared_parameters(analysis)


def test_only_annotated_keywords_are_detection_parameters() -> None:
    assert [p.name for p in PARAMETERS] == ["window_lines", "limit", "direction", "blur"]
    assert [p.default for p in PARAMETERS] == [64, None, "either", False]


def test_defaults_fill_what_is_not_given() -> None:
    assert validate_parameters(PARAMETERS, {"limit": 3}) == {
        "window_lines": 64,
        "limit": 3.0,
        "direction": "either",
        "blur": False,
    }


def test_numpy_numbers_become_plain_ones() -> None:
    values = validate_parameters(
        PARAMETERS, {"window_lines": np.int32(8), "limit": np.float32(2), "blur": np.bool_(True)}
    )
    assert [type(values[n]) for n in ("window_lines", "limit", "blur")] == [int, float, bool]


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("window_lines", 3, "from 4 to 512"),
        ("window_lines", 8.5, "whole number"),
        ("window_lines", "8", "whole number"),
        ("window_lines", None, "whole number"),
        ("window_lines", True, "whole number"),
        ("limit", float("nan"), "finite number"),
        ("limit", -1, "at least 0"),
        ("direction", "up", "'either', 'positive'"),
        ("blur", 1, "True or False"),
    ],
)
def test_a_refusal_names_parameter_value_and_what_is_allowed(
    name: str, value: object, allowed: str
) -> None:
    with pytest.raises(ParameterError) as caught:
        validate_parameters(PARAMETERS, {name: value})
    assert f"{name}={value!r}" in str(caught.value)
    assert allowed in str(caught.value)


def test_an_analysis_checks_the_arguments_it_was_called_with() -> None:
    call = {"kymograph": None, "window_lines": 8, "limit": None, "direction": "positive", "blur": 0}
    with pytest.raises(ParameterError, match="blur=0"):
        checked_arguments(analysis, call)
    assert checked_arguments(analysis, {**call, "blur": True})["window_lines"] == 8


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(ParameterError, match="did you mean window_lines"):
        validate_parameters(PARAMETERS, {"windowlines": 8}, owner="analysis")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("window_lines", " 32 ", 32),
        ("limit", "1e2", 100.0),
        ("limit", "none", None),
        ("direction", "positive", "positive"),
        ("blur", "yes", True),
    ],
)
def test_typed_text_reads_as_the_declared_type(name: str, text: str, value: object) -> None:
    parameter = next(p for p in PARAMETERS if p.name == name)
    assert parse_text(parameter, text) == value


def test_typed_nonsense_is_refused_by_name() -> None:
    with pytest.raises(ParameterError, match="window_lines='wide'"):
        parse_text(PARAMETERS[0], "wide")

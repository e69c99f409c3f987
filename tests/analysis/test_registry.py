from __future__ import annotations

import importlib
import inspect

import pytest

from cloudscope.analysis.registry import BUILT_IN, Column, Trace, get_analysis, register
from cloudscope.errors import UnknownNameError
from tests.one_analysis import block_mean


def test_an_unknown_analysis_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'diameter'"):
        get_analysis("diametr")


def test_a_name_is_taken_once() -> None:
    with pytest.raises(ValueError, match="already registered"):
        register(
            name="block_mean", title="", columns=[], trace=Trace("a", "a", "red"), headline="a"
        )(importlib.import_module)
    assert get_analysis("block_mean").function is block_mean


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_built_in_analysis_declares_itself_fully(name: str) -> None:
    analysis = get_analysis(name)
    arguments = inspect.signature(analysis.function).parameters
    data = [*(["kymograph"] if analysis.pixels else []), *(i.name for i in analysis.inputs)]
    assert list(arguments)[: len(data)] == data
    scales = {"line_period_s", "pixel_size_um"} if analysis.pixels else set()
    assert scales | {"progress", "cancel"} <= set(arguments)
    assert analysis.parameters
    for parameter in analysis.parameters:
        assert parameter.param.title
        assert parameter.param.help
        if parameter.default is not None:
            assert parameter.validate(parameter.default) == parameter.default
        assert parameter.name in (analysis.function.__doc__ or "")
    names = [column.name for column in analysis.columns]
    assert "status" in names
    trace = analysis.trace
    if trace is not None:
        assert {trace.value, trace.x, *filter(None, (trace.sd, trace.quality))} <= set(names)
    assert all(isinstance(column, Column) and column.help for column in analysis.columns)


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_setting_that_depends_on_another_names_one_there_is(name: str) -> None:
    parameters = {p.name: p for p in get_analysis(name).parameters}
    for parameter in parameters.values():
        if parameter.param.when is not None:
            other, values = parameter.param.when
            assert {parameters[other].validate(value) for value in values} == set(values)

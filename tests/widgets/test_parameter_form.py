"""A form is what the signature says; wrong values are named beside their field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import ipywidgets
import numpy as np
import pytest

from cloudscope.acq_image import AcqImage
from cloudscope.analysis import registry
from cloudscope.analysis.parameters import Param
from cloudscope.analysis.registry import Column, Trace, register
from cloudscope.errors import ParameterError, UnknownNameError
from cloudscope.widgets.parameter_form import ParameterForm


@pytest.fixture(autouse=True)
def sample() -> Iterator[None]:
    """An analysis with a parameter of every kind."""

    @register(
        name="sample_form",
        title="Sample",
        columns=(Column("x", "", ""),),
        trace=Trace("x", "x", "#000"),
        headline="n",
    )
    def sample_form(
        kymograph: Any,
        *,
        window_lines: Annotated[
            int, Param("Window", help="lines at once", unit="lines", minimum=4, maximum=100)
        ] = 64,
        speed: Annotated[float, Param("Speed", minimum=0)] = 0.5,
        psf_um: Annotated[float | None, Param("PSF", unit="µm", minimum=0)] = None,
        method: Annotated[Literal["cylinder_fit", "half_max"], Param("Method")] = "cylinder_fit",
        side: Annotated[Literal["left", "right"] | None, Param("Side")] = None,
        smooth: Annotated[bool, Param("Smooth", advanced=True)] = False,
        gate: Annotated[bool | None, Param("Gate", advanced=True)] = None,
        tag: Annotated[str, Param("Tag", advanced=True)] = "",
    ) -> Any:
        raise AssertionError("a form measures nothing")

    yield
    del registry._registered["sample_form"]


def control(form: ParameterForm, name: str) -> Any:
    return form.field(name).control


def test_fields_are_the_declared_parameters() -> None:
    form = ParameterForm("sample_form")
    assert control(form, "window_lines").description == "Window"
    assert form.field("window_lines").unit == "lines"
    assert "lines at once" in control(form, "window_lines").tooltip
    assert "from 4 to 100" in control(form, "window_lines").tooltip
    assert control(form, "method").options == (
        ("cylinder fit", "cylinder_fit"),
        ("half max", "half_max"),
    )
    assert isinstance(control(form, "smooth"), ipywidgets.Checkbox)
    assert form.values == form.defaults
    assert form.changed == {}


def test_typing_changes_values_of_the_declared_type() -> None:
    form = ParameterForm("sample_form")
    control(form, "window_lines").value = 32.0
    control(form, "smooth").value = True
    control(form, "method").value = "half_max"
    control(form, "tag").value = "run 2"
    assert form.changed == {
        "window_lines": 32,
        "smooth": True,
        "method": "half_max",
        "tag": "run 2",
    }
    assert type(form.values["window_lines"]) is int


def test_a_wrong_value_is_named_beside_its_field_and_not_taken() -> None:
    form = ParameterForm("sample_form")
    control(form, "window_lines").value = 3
    sentence = "window_lines=3.0 is not allowed: give a whole number from 4 to 100 (lines)"
    assert form.error == form.field("window_lines").error == sentence
    assert form.values["window_lines"] == 64
    control(form, "speed").value = 0.7  # another field does not wash the wrong one away
    assert form.error == sentence
    assert control(form, "window_lines").value == 3
    control(form, "window_lines").value = 5
    assert form.error == form.field("window_lines").error == ""
    assert form.changed == {"window_lines": 5, "speed": 0.7}


def test_an_empty_optional_field_is_auto() -> None:
    form = ParameterForm("sample_form")
    psf = control(form, "psf_um")
    assert (psf.value, psf.placeholder) == ("", "auto")
    psf.value = "0.35"
    assert form.values["psf_um"] == 0.35
    psf.value = ""
    assert form.values["psf_um"] is None
    psf.value = "wide"
    assert (
        form.error
        == "psf_um='wide' is not allowed: give a finite number of at least 0 (µm) or None"
    )
    assert control(form, "side").options[0] == ("auto", None)
    control(form, "side").value = "left"
    control(form, "gate").value = False
    assert (form.values["side"], form.values["gate"]) == ("left", False)


def test_values_assigned_are_validated_and_shown() -> None:
    form = ParameterForm("sample_form")
    form.values = {"window_lines": 16, "psf_um": 0.2}
    assert (control(form, "window_lines").value, control(form, "psf_um").value) == (16, "0.2")
    with pytest.raises(ParameterError, match="did you mean window_lines"):
        form.values = {"window_line": 16}
    with pytest.raises(ParameterError, match="window_lines=1 is not allowed"):
        form.values = {"window_lines": 1}
    assert form.values["window_lines"] == 16


def test_reset_and_load() -> None:
    form = ParameterForm("sample_form")
    control(form, "window_lines").value = 1
    form.load({"window_lines": 20, "of_an_older_version": 3})
    assert (form.error, form.changed) == ("", {"window_lines": 20})
    control(form, "window_lines").value = 1
    form.reset()
    assert (form.error, form.changed) == ("", {})
    assert control(form, "window_lines").value == 64


def test_what_a_run_refuses_is_shown_where_it_belongs() -> None:
    form = ParameterForm("sample_form")
    form.show_error(ParameterError("speed=0.5 is not allowed: give less than the window"))
    assert form.field("speed").error == form.error
    form.clear_errors()
    assert form.error == ""
    form.show_error(ParameterError("sample_form needs the line period"))
    assert form.error == "sample_form needs the line period"
    control(form, "speed").value = 0.7
    assert form.error == ""


def test_seldom_changed_settings_are_folded() -> None:
    form = ParameterForm("sample_form")
    assert form.advanced.description == "▸ 3 more"
    box = form.children[list(form.children).index(form.advanced) + 1]
    assert box.layout.display == "none"
    form.advanced.value = True
    assert box.layout.display != "none"


def test_an_unknown_analysis_is_refused() -> None:
    with pytest.raises(UnknownNameError):
        ParameterForm("no_such")


@pytest.mark.parametrize("name", ["radon_velocity", "diameter"])
def test_the_built_in_analyses_have_forms(name: str) -> None:
    form = ParameterForm(name)
    assert form.values == {p.name: p.default for p in registry.get_analysis(name).parameters}
    assert f'"{name}"' in form.code(AcqImage.from_array(np.zeros((100, 20))))


def test_a_setting_without_effect_is_left_out_and_keeps_its_value() -> None:
    @registry.register(
        name="two_ways",
        title="Two ways",
        columns=(),
        trace=None,
        headline="n",
    )
    def two_ways(
        kymograph: Any,
        *,
        line_period_s: float | None,
        pixel_size_um: float | None,
        method: Annotated[Literal["fit", "level"], Param("Method")] = "fit",
        level: Annotated[float, Param("Level", when=("method", ("level",)))] = 0.5,
        order: Annotated[int, Param("Order", advanced=True, when=("method", ("fit",)))] = 3,
    ) -> Any:
        return kymograph

    try:
        form = ParameterForm("two_ways")
        assert form.field("level").layout.display == "none"
        assert form.advanced.description == "▸ 1 more"
        form.values = {"method": "level", "level": 0.7}
        assert form.field("level").layout.display != "none"
        assert form.advanced.layout.display == "none"
        form.values = {**form.values, "method": "fit"}
        assert form.values["level"] == 0.7
        assert form.field("level").layout.display == "none"
    finally:
        del registry._registered["two_ways"]

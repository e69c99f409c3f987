"""`ParameterForm`: the detection parameters of an analysis, as its signature declares them."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import ipywidgets
import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.analysis.parameters import Parameter, parse_text, validate_parameters
from cloudscope.analysis.registry import get_analysis
from cloudscope.errors import ParameterError
from cloudscope.widgets.form_field import FormField
from cloudscope.widgets.python_code import analysis_code
from cloudscope.widgets.theme import error_html, theme_style

__all__ = ["ParameterForm"]

AUTO = "auto"


class ParameterForm(ipywidgets.VBox):
    """A form generated from an analysis' signature.

    Parameters
    ----------
    analysis : str
        A registered name.

    Raises
    ------
    UnknownNameError
        If there is no such analysis.

    Examples
    --------
    >>> form = ParameterForm("radon_velocity")
    >>> form.values = {"window_lines": 32}
    >>> form.values["window_lines"], form.changed
    (32, {'window_lines': 32})
    """

    values = traitlets.Dict()
    """Every parameter with its valid value. Assign any of them; the rest goes to its default.

    A value typed wrongly is not in here: the last valid one stays, and `error` says what is wrong.
    """

    error = traitlets.Unicode("", read_only=True)
    """Sentence about the first field that is wrong, or ``""``. Read-only."""

    locked = traitlets.Unicode("")
    """Why no value can be changed by hand, or ``""``; written by Python."""

    def __init__(self, analysis: str) -> None:
        super().__init__()
        self.analysis = get_analysis(analysis)
        self._parameters = {p.name: p for p in self.analysis.parameters}
        self._showing = False
        self._advanced: list[FormField] = []
        self._fields = {name: self._field(p) for name, p in self._parameters.items()}
        self._general_error = ipywidgets.HTML(_dom_classes=["cs-error"], layout={"display": "none"})
        self.values = self.defaults
        self._lock_words = ipywidgets.HTML(layout={"display": "none"})
        self.children = (
            theme_style(),
            self._lock_words,
            *self._sections(),
            self._general_error,
        )
        self.add_class("cs-panel")
        self.add_class("cs-parameters")
        self.layout.overflow = "visible"
        self.observe(self._show_values, "values")
        self.observe(lambda _: self._show_locked(), "locked")
        self._show_values()

    @property
    def defaults(self) -> dict[str, Any]:
        """Every parameter's default."""
        return {p.name: p.default for p in self._parameters.values()}

    @property
    def changed(self) -> dict[str, Any]:
        """The values that differ from their defaults."""
        return {k: v for k, v in self.values.items() if v != self._parameters[k].default}

    def field(self, name: str) -> FormField:
        """The line of one parameter."""
        return self._fields[name]

    def reset(self) -> None:
        """Go back to the defaults."""
        self._clear_errors()
        self.values = self.defaults
        self._show_values()

    def load(self, values: Mapping[str, Any]) -> None:
        """Take the parameters of a result; those it does not have go to their defaults.

        Names this version does not know are left out, so that an old result can be loaded.

        Raises
        ------
        ParameterError
            If a value is not allowed.
        """
        known = {k: v for k, v in values.items() if k in self._parameters}
        checked = validate_parameters(self._parameters.values(), known, owner=self.analysis.name)
        self._clear_errors()
        self.values = checked
        self._show_values()

    def show_error(self, error: Exception) -> None:
        """Show why a run was refused, beside the field it names or below the form."""
        sentence = str(error)
        named = next((name for name in self._fields if sentence.startswith(f"{name}=")), None)
        if named is not None:
            self._fields[named].error = sentence
        else:
            self._general_error.value = error_html(sentence)
            self._general_error.layout.display = ""
            self._general_sentence = sentence
        self._refresh_error()

    def clear_errors(self) -> None:
        """Take back what `show_error` showed; fields typed wrongly show their valid value."""
        self._clear_errors()
        self._show_values()

    def code(self, image: AcqImage, *, channel: int = 0, roi_id: int = 0) -> str:
        """The Python that measures `image` with these parameters; see `analysis_code`."""
        return analysis_code(
            image, self.analysis.name, channel=channel, roi_id=roi_id, parameters=self.values
        )

    _general_sentence = ""

    @traitlets.validate("values")
    def _validated(self, proposal: Any) -> dict[str, Any]:
        return validate_parameters(
            self._parameters.values(), proposal["value"], owner=self.analysis.name
        )

    def _sections(self) -> list[ipywidgets.Widget]:
        plain = [f for n, f in self._fields.items() if not self._parameters[n].param.advanced]
        advanced = [f for n, f in self._fields.items() if self._parameters[n].param.advanced]
        sections: list[ipywidgets.Widget] = plain
        if advanced:
            self.advanced = ipywidgets.ToggleButton(
                description=f"▸ {len(advanced)} more", tooltip="Show the settings seldom changed"
            )
            self.advanced.add_class("cs-quiet")
            self.advanced.layout.align_self = "flex-start"
            self._advanced = advanced
            box = ipywidgets.VBox(advanced)
            box.layout.display = "none"
            box.layout.overflow = "visible"

            def toggle(change: Any) -> None:
                box.layout.display = "" if change["new"] else "none"
                self._count_advanced()

            self.advanced.observe(toggle, "value")
            sections = [*plain, self.advanced, box]
        return sections

    def _show_locked(self) -> None:
        for field in self._fields.values():
            field.control.disabled = bool(self.locked)
        words = escape(self.locked)
        self._lock_words.value = f'<p class="cs-hint">{words}</p>' if words else ""
        self._lock_words.layout.display = "" if words else "none"

    def _count_advanced(self) -> None:
        """Say how many settings are behind the button, or leave it out where there are none."""
        if self._advanced:
            count = sum(field.layout.display != "none" for field in self._advanced)
            self.advanced.description = "▾ fewer" if self.advanced.value else f"▸ {count} more"
            self.advanced.layout.display = "" if count else "none"

    def _field(self, parameter: Parameter) -> FormField:
        param = parameter.param
        label = {
            "description": param.title,
            "tooltip": f"{param.help or param.title} ({parameter.name}: {parameter.allowed})",
        }
        control: ipywidgets.DOMWidget
        if parameter.choices or (parameter.kind is bool and parameter.optional):
            values = parameter.choices or (True, False)
            options = [(_words(value), value) for value in values]
            if parameter.optional:
                options.insert(0, (AUTO, None))
            control = ipywidgets.Dropdown(options=options, value=parameter.default, **label)
        elif parameter.kind is bool:
            control = ipywidgets.Checkbox(value=parameter.default, indent=True, **label)
        elif parameter.kind is str or parameter.optional:
            hint = AUTO if parameter.optional else ""
            control = ipywidgets.Text(placeholder=hint, continuous_update=False, **label)
        else:
            step = param.step or (1 if parameter.kind is int else None)
            control = ipywidgets.FloatText(
                value=parameter.default, step=step, continuous_update=False, **label
            )
        field = FormField(control, unit=param.unit)
        control.observe(lambda change: self._typed(parameter, change["new"]), "value")
        return field

    def _typed(self, parameter: Parameter, shown: Any) -> None:
        if self._showing:
            return
        field = self._fields[parameter.name]
        try:
            if isinstance(shown, str) and parameter.kind is not str:
                value = shown if parameter.choices else parse_text(parameter, shown)
            else:
                value = None if shown == "" and parameter.optional else shown
            value = parameter.validate(value)
        except ParameterError as error:
            field.error = str(error)
        else:
            field.error = ""
            self._general_sentence = ""
            self._general_error.layout.display = "none"
            self.values = {**self.values, parameter.name: value}
        self._refresh_error()

    def _show_values(self, change: Any = None) -> None:
        """Put `values` into the inputs; what is typed wrongly stays until it is put right."""
        self._showing = True
        try:
            for name, field in self._fields.items():
                parameter, value = self._parameters[name], self.values[name]
                before = None if change is None else change["old"].get(name)
                if not field.error or (change is not None and value != before):
                    field.error = ""
                    field.control.value = _shown(field.control, value)
                field.mark("cs-changed", value != parameter.default)
                field.layout.display = None if parameter.param.matters(self.values) else "none"
        finally:
            self._showing = False
        self._count_advanced()
        self._refresh_error()

    def _clear_errors(self) -> None:
        for field in self._fields.values():
            field.error = ""
        self._general_sentence = ""
        self._general_error.layout.display = "none"
        self._refresh_error()

    def _refresh_error(self) -> None:
        first = next((field.error for field in self._fields.values() if field.error), "")
        self.set_trait("error", first or self._general_sentence)

    def __repr__(self) -> str:
        return f"ParameterForm({self.analysis.name!r})"


def _shown(control: ipywidgets.DOMWidget, value: Any) -> Any:
    if isinstance(control, ipywidgets.Text):
        return "" if value is None else str(value)
    return value


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).replace("_", " ")

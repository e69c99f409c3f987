"""One line of a form: label, input, unit, and below it what is wrong with what was typed."""

from __future__ import annotations

from typing import Any

import ipywidgets

from cloudscope.widgets.theme import error_html

__all__ = ["LABEL_WIDTH", "FormField"]

LABEL_WIDTH = "112px"


class FormField(ipywidgets.VBox):
    """An input with its unit beside it and its error sentence below.

    Parameters
    ----------
    control : ipywidgets.DOMWidget
        The input; its ``description`` is the label.
    unit : str or None
        ``None`` leaves no room for one, ``""`` keeps inputs of one form in line.
    """

    def __init__(self, control: ipywidgets.DOMWidget, *, unit: str | None = None) -> None:
        self._sentence = ""
        control.style.description_width = LABEL_WIDTH
        control.layout.width = "auto"
        control.layout.flex = "1 1 auto"
        self.control = control
        self._line = ipywidgets.HBox([control])
        self._line.add_class("cs-field")
        self._unit = ipywidgets.Label(unit or "")
        self._unit.add_class("cs-unit")
        if unit is not None:
            self._line.children = (control, self._unit)
        self._error: ipywidgets.HTML | None = None  # few fields ever need one
        super().__init__([self._line])
        self.layout.overflow = "visible"

    @property
    def unit(self) -> str:
        """Text beside the input."""
        return str(self._unit.value)

    @unit.setter
    def unit(self, text: str) -> None:
        self._unit.value = text

    @property
    def error(self) -> str:
        """Sentence shown below the input; ``""`` for none."""
        return self._sentence

    @error.setter
    def error(self, sentence: str) -> None:
        if sentence == self._sentence:
            return
        self._sentence = sentence
        if self._error is None:
            self._error = ipywidgets.HTML()
            self._error.add_class("cs-error")
            self.children = (self._line, self._error)
        self._error.value = error_html(sentence)
        self._error.layout.display = "" if sentence else "none"
        self.mark("cs-invalid", bool(sentence))

    def mark(self, css_class: str, on: bool) -> None:
        """Put a CSS class on the line, or take it off."""
        if on:
            self._line.add_class(css_class)
        else:
            self._line.remove_class(css_class)

    def __repr__(self) -> str:
        return f"FormField({self.control.description!r}: {_shown(self.control)!r})"


def _shown(control: Any) -> Any:
    return getattr(control, "value", None)

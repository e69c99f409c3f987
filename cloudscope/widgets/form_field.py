"""One line of a form: label, input, unit, and below it what is wrong with what was typed."""

from __future__ import annotations

from typing import Any

import ipywidgets

from cloudscope.widgets.theme import error_html

__all__ = ["FormField"]


class FormField(ipywidgets.HBox):
    """An input with its unit beside it and its error sentence below.

    Widths are the style sheet's: forms have dozens of these, and every layout set from Python is
    one more message for the browser.

    Parameters
    ----------
    control : ipywidgets.DOMWidget
        The input; its ``description`` is the label.
    unit : str or None
        ``None`` leaves no room for one, ``""`` keeps inputs of one form in line.
    """

    children: tuple[ipywidgets.Widget, ...]

    def __init__(self, control: ipywidgets.DOMWidget, *, unit: str | None = None) -> None:
        self._sentence = ""
        self.control = control
        self._unit = None if unit is None else ipywidgets.Label(unit, _dom_classes=["cs-unit"])
        self._error: ipywidgets.HTML | None = None  # few fields ever need one
        parts: tuple[ipywidgets.Widget, ...] = (control,)
        if self._unit is not None:
            parts = (control, self._unit)
        super().__init__(parts, _dom_classes=["cs-field"])

    @property
    def unit(self) -> str:
        """Text beside the input."""
        return "" if self._unit is None else str(self._unit.value)

    @unit.setter
    def unit(self, text: str) -> None:
        if self._unit is None:
            self._unit = ipywidgets.Label(text, _dom_classes=["cs-unit"])
            self.children = (self.control, self._unit, *self.children[1:])
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
            self._error = ipywidgets.HTML(_dom_classes=["cs-error"])
            self.children = (*self.children, self._error)
        self._error.value = error_html(sentence)
        self._error.layout.display = "" if sentence else "none"
        self.mark("cs-invalid", bool(sentence))

    def mark(self, css_class: str, on: bool) -> None:
        """Put a CSS class on the line, or take it off."""
        if on:
            self.add_class(css_class)
        else:
            self.remove_class(css_class)

    def __repr__(self) -> str:
        return f"FormField({self.control.description!r}: {_shown(self.control)!r})"


def _shown(control: Any) -> Any:
    return getattr(control, "value", None)

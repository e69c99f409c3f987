"""The input of one field of the experimental metadata, made from what declares the field."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ipywidgets

from cloudscope.experiment_metadata import FieldSpec, FieldValue

__all__ = ["SEVERAL", "entered", "field_control", "field_text", "offer", "show_value"]

SEVERAL = "several values"

_MIXED = "\0several"  # no value that anybody could enter


def field_control(spec: FieldSpec) -> ipywidgets.DOMWidget:
    """An empty input for a field."""
    title = f"{spec.title} *" if spec.required else spec.title
    help_ = spec.help or spec.title
    label = {
        "description": title,
        "tooltip": f"{help_} (required)" if spec.required else help_,
    }
    if spec.closed or spec.kind == "yes-no":
        return ipywidgets.Dropdown(options=_options(spec, ""), value="", **label)
    if spec.kind == "long":
        return ipywidgets.Textarea(rows=3, continuous_update=False, **label)
    if spec.kind == "text":
        return ipywidgets.Combobox(
            options=tuple(choice for choice in spec.choices if choice),
            placeholder=spec.help,
            continuous_update=False,
            ensure_option=False,
            **label,
        )
    return ipywidgets.Text(placeholder=_hint(spec), continuous_update=False, **label)


def _hint(spec: FieldSpec) -> str:
    if spec.kind == "date" and not spec.help:
        return "YYYY-MM-DD"
    return "" if spec.unit else spec.help


def _choices(spec: FieldSpec) -> list[tuple[str, str]]:
    if spec.kind == "yes-no":
        return [("yes", "yes"), ("no", "no")]
    return [(choice, choice) for choice in spec.choices if choice]


def _options(spec: FieldSpec, value: str, empty: str = "–") -> list[tuple[str, str]]:
    """What a closed field offers; a value from before it was closed is kept and marked."""
    options = [(empty, ""), *_choices(spec)]
    if value == _MIXED:
        return [(SEVERAL, _MIXED), *options]
    if value and value not in [known for _title, known in options]:
        options.append((f"{value} (none of the choices)", value))
    return options


def field_text(value: FieldValue) -> str:
    """A value as the input shows it.

    Examples
    --------
    >>> field_text(120.0), field_text(0.1), field_text(True), field_text(None), field_text(" a")
    ('120', '0.1', 'yes', '', ' a')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value == round(value, 6) and abs(value) < 1e15:
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return str(value)


def show_value(
    control: ipywidgets.DOMWidget,
    spec: FieldSpec,
    values: Iterable[FieldValue],
    from_name: FieldValue = None,
) -> None:
    """Show the value, or that there are several.

    Parameters
    ----------
    control : widget
        From `field_control`.
    spec : FieldSpec
    values : iterable
        Of the recordings edited.
    from_name : value
        What the file's name says, shown dimly where nothing is entered.
    """
    texts = list(dict.fromkeys(field_text(value) for value in values))
    mixed = len(texts) > 1
    text = texts[0] if len(texts) == 1 else ""
    named = "" if from_name in ("", None) or text else field_text(from_name)
    if isinstance(control, ipywidgets.Dropdown):
        shown = _MIXED if mixed else text
        empty = f"– {named} (from the file name)" if named and not mixed else "–"
        options = _options(spec, shown, empty)
        if list(control.options) != options:
            control.options = options
        control.value = shown
        return
    hint = spec.help if spec.kind == "text" else _hint(spec)
    if named:
        hint = f"{named} (from the file name)"
    placeholder = SEVERAL if mixed else hint
    if control.placeholder != placeholder:
        control.placeholder = placeholder
    control.value = text


def entered(value: Any) -> Any:
    """What the input says as an edit; `None` where nothing was chosen."""
    return None if value == _MIXED else value


def offer(control: ipywidgets.DOMWidget, spec: FieldSpec, used: Iterable[str]) -> None:
    """Offer values that other recordings use, so that one group is spelt one way."""
    if isinstance(control, ipywidgets.Combobox):
        known = dict.fromkeys(choice for choice in spec.choices if choice)
        options = tuple(known | dict.fromkeys(used))
        if tuple(control.options) != options:
            control.options = options

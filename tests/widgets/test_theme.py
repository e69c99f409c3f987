"""Colours of the widgets: readable in both themes, and text from files stays text."""

from __future__ import annotations

import re

import pytest

from cloudscope.widgets.theme import CSS, error_html, heading_html


def _block(selector: str) -> dict[str, str]:
    body = CSS.split(selector + " {", 1)[1].split("}", 1)[0]
    return dict(re.findall(r"(--cs-[\w-]+):\s*(#[0-9a-f]{3,6})\b", body))


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(d * 2 for d in digits) if len(digits) == 3 else digits
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    ("selector", "background"),
    # JupyterLab's backgrounds of a cell and of a panel
    [(":root", "#ffffff"), ('[data-jp-theme-light="false"]', "#212121")],
)
def test_words_in_colour_are_readable(selector: str, background: str) -> None:
    colours = _block(selector)
    for name in ("velocity", "diameter", "accent", "ok", "warn", "bad"):
        assert _contrast(colours[f"--cs-{name}"], background) >= 4.5, name
    for name in ("accent", "warn", "bad"):
        assert _contrast(colours[f"--cs-{name}"], colours[f"--cs-{name}-soft"]) >= 4.5, name
    assert _contrast(colours["--cs-on-accent"], colours["--cs-accent"]) >= 4.5


def test_text_is_escaped() -> None:
    assert "<img" not in heading_html("<img src=x>", "<b>")
    assert "<img" not in error_html("<img src=x>")
    assert error_html("") == ""

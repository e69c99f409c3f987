"""Colours of groups: told apart by people who see two hues only, on light and on dark.

The seven of each theme have a contrast of 3 or more to their background, and are at least 10 units
of Oklab lightness and chroma (of 100) apart from each other for normal vision and for each of the
three dichromacies, as `tests/pool/test_colors.py` computes. Groups differ in their dots' shape too.
"""

from __future__ import annotations

__all__ = ["DARK", "LIGHT", "MARKERS", "color_index"]

LIGHT = ("#3375ff", "#e7641b", "#005f49", "#9d34a4", "#a21e08", "#001d8d", "#908995")
"""On white; `widgets/theme.css` has the same as ``--cs-group-1`` and so on."""

DARK = ("#5199ff", "#f6874e", "#7effaa", "#e7b0dc", "#b0db22", "#956cbe", "#a89fa0")
"""On JupyterLab's dark gray."""

MARKERS = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "circle")
"""bqplot's names of the shapes of dots."""


def color_index(level: int) -> int:
    """Which colour the n-th level gets; those beyond the last share it.

    Examples
    --------
    >>> color_index(1), color_index(40)
    (1, 6)
    """
    return min(level, len(LIGHT) - 1)

"""The line above a trace: what is drawn, where, from what, and what is marked in it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cloudscope.preview import Preview
    from cloudscope.widgets.trace_series import TraceSeries

__all__ = ["head_html"]


def head_html(
    title: str,
    unit: str,
    where: str,
    *,
    preview: Preview | None = None,
    stale: str = "",
    legend: str = "",
    series: TraceSeries | None = None,
) -> str:
    """The line above a trace as HTML.

    Parameters
    ----------
    title, unit, where : str
        What is drawn, and of which ROI.
    preview : Preview or None
        What is drawn in place of a result that is kept.
    stale : str
        Why the result no longer holds.
    legend : str
        HTML of what the marks mean.
    series : TraceSeries or None
        Samples drawn, of which some are set aside.
    """
    parts = [f"<b>{escape(title)}</b>"]
    parts += [f"<span>{escape(word)}</span>" for word in (unit, where) if word]
    if preview is not None:
        words = escape(preview.words)
        parts.append(
            f'<span class="cs-pill cs-warn cs-preview" data-whole="{str(preview.whole).lower()}" '
            f'title="{words}">preview: {words}</span>'
        )
    elif stale:
        words = escape(stale)
        parts.append(f'<span class="cs-pill cs-warn" title="{words}">stale: {words}</span>')
    parts.append(legend)
    # While a hand moves the number never rests: nobody can read it, and each is a message.
    if series is not None and not (preview is not None and preview.hasty):
        aside = int(series.value.size - series.accepted.sum())
        parts.append(f'<span class="cs-aside">{aside:,} of {series.value.size:,} set aside</span>')
    return f'<div class="cs-trace-head">{"".join(parts)}</div>'

"""The browser part of a trace: zoom, pan and cursor on the time axis of a bqplot figure."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import anywidget
import traitlets
from ipywidgets import Widget, widget_serialization

__all__ = ["TracePointer"]


class TracePointer(anywidget.AnyWidget):
    """Lies over the plot area of a figure; moves its time scale in the browser.

    With a `viewer` the viewer's ``time_range`` and ``cursor_s`` are the ones that move, so that
    image and traces zoom together without a round trip to Python.
    """

    _esm = Path(__file__).parent.parent / "static" / "trace_pointer.js"

    time_range = traitlets.Tuple(
        traitlets.Float(), traitlets.Float(), default_value=(0.0, 1.0)
    ).tag(sync=True)
    """Visible time in s, where there is no viewer; written by both sides."""

    cursor_s = traitlets.Float(None, allow_none=True).tag(sync=True)
    """Time under the pointer in s, where there is no viewer; written by both sides."""

    picked_s = traitlets.Float(None, allow_none=True).tag(sync=True)
    """Time last clicked on, or chosen with Enter at the cursor, in s; written by the browser."""

    brush = cast(
        "traitlets.TraitType[tuple[float, float] | None, Any]",
        traitlets.Tuple(
            traitlets.Float(), traitlets.Float(), default_value=None, allow_none=True
        ).tag(sync=True),
    )
    """Stretch that is selected, in s, begin before end, or ``None``; written by both sides."""

    brush_words = traitlets.Unicode().tag(sync=True)
    """What is measured in the stretch, in short; written by Python."""

    marks = traitlets.Dict().tag(sync=True)
    """Events, beats, peaks, values set by hand, the ceiling and the values of the axis, as
    `TraceMarks.to_dict` has them; written by Python."""

    sketch = traitlets.Dict().tag(sync=True)
    """The trace of a preview, as `Drawing.to_sketch` has it, in place of the figure's own marks;
    empty where what is kept is shown. Written by Python."""

    words = traitlets.Unicode().tag(sync=True)
    """Why there is nothing to see; written by Python."""

    full_range = traitlets.Tuple(
        traitlets.Float(), traitlets.Float(), default_value=(0.0, 1.0)
    ).tag(sync=True)
    """The whole recording in s, which zoom and pan never leave; written by Python."""

    readout = traitlets.Unicode().tag(sync=True)
    """What is measured at the cursor; written by Python."""

    width_px = traitlets.Int(0).tag(sync=True)
    """Width of the plot area on the screen; written by the browser."""

    margins = traitlets.Dict().tag(sync=True)
    """Margins of the figure around its plot area, in pixels; written by Python."""

    label = traitlets.Unicode().tag(sync=True)
    """What a screen reader says; written by Python."""

    scale = traitlets.Instance(Widget, allow_none=True).tag(sync=True, **widget_serialization)
    """The figure's time scale."""

    viewer = traitlets.Instance(Widget, allow_none=True).tag(sync=True, **widget_serialization)
    """The kymograph viewer to keep in step with."""

    def __repr__(self) -> str:
        return "TracePointer()"

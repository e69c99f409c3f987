"""Pictures of widgets for the pages of the documentation, where no kernel runs."""

from __future__ import annotations

import io
import os
from pathlib import Path

from IPython import get_ipython


def _trace_png(plot: object) -> bytes:
    import numpy as np
    from matplotlib.figure import Figure

    from cloudscope import get_analysis

    trace = get_analysis(plot.analysis).trace
    result = plot.image.result(plot.analysis, plot.channel, plot.roi_id)
    figure = Figure(figsize=(9, 2.2), layout="constrained")
    axes = figure.add_subplot()
    if result is not None:
        columns = result.columns
        value = np.where(columns["status"] == "ok", columns[trace.value], np.nan)
        sd = columns[trace.sd] if trace.sd else np.zeros_like(value)
        axes.fill_between(columns["time_s"], value - sd, value + sd, color=trace.color, alpha=0.25)
        axes.plot(columns["time_s"], value, color=trace.color, lw=0.9)
    axes.set(xlabel="time (s)", ylabel=trace.title)
    axes.margins(x=0)
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=90)
    return png.getvalue()


def _app_png(app: object) -> bytes | None:
    picture = Path(os.environ["CLOUDSCOPE_DOCS"]) / "images" / "app.png"
    return picture.read_bytes() if picture.is_file() else None


formatter = get_ipython().display_formatter.formatters["image/png"]
formatter.for_type_by_name("cloudscope.widgets.traces", "TracePlot", _trace_png)
formatter.for_type_by_name("cloudscope.widgets.app", "App", _app_png)

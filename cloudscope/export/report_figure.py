"""The picture of a recording in a report: its kymograph, its ROIs, and what was measured."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from cloudscope.export.report_facts import spec_of
from cloudscope.export.writing import needed

if TYPE_CHECKING:
    import numpy as np

    from cloudscope.acq_image import AcqImage
    from cloudscope.analysis.result import AnalysisResult

__all__ = ["recording_figure"]

_COLUMNS = 1_200  # of the picture: more is not seen, and makes the file large
_COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
"""Colours that people with any colour vision tell apart (Okabe and Ito)."""

_SETTINGS = {
    "svg.hashsalt": "cloudscope",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 8.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def recording_figure(image: AcqImage) -> bytes:
    """An SVG of a recording; the same bytes for the same state.

    Parameters
    ----------
    image : AcqImage

    Raises
    ------
    ExportError
        If matplotlib is not installed.
    LoadError
        If the pixels cannot be read.
    """
    matplotlib = needed("matplotlib", "report", "drawing the figures of a report")
    from matplotlib.figure import Figure

    groups = _traces(image) if image.header.kind == "line_scan" else {}
    shown = list(dict.fromkeys(r.channel or 0 for rs in groups.values() for r in rs)) or [0]
    rows = len(shown) + len(groups)
    with matplotlib.rc_context(_SETTINGS):
        figure = Figure(figsize=(7.2, 1.1 + 1.35 * rows), layout="constrained")
        axes = figure.subplots(
            rows, 1, squeeze=False, sharex=image.header.kind == "line_scan"
        ).ravel()
        for axis, channel in zip(axes, shown, strict=False):
            _draw_pixels(axis, image, channel)
        for axis, (analysis, results) in zip(axes[len(shown) :], groups.items(), strict=True):
            _draw_traces(axis, image, analysis, results)
        axes[-1].set_xlabel(_across(image))
        content = io.BytesIO()
        figure.savefig(content, format="svg", metadata={"Date": None, "Creator": "cloudscope"})
    return content.getvalue()


def _across(image: AcqImage) -> str:
    if image.header.kind != "line_scan":
        return "x (µm)" if image.header.pixel_size_um else "x (pixels)"
    return "Time (s)" if image.header.line_period_s else "Line"


def _color(roi_id: int) -> str:
    return _COLORS[roi_id % len(_COLORS)]


def _draw_pixels(axis: Any, image: AcqImage, channel: int) -> None:
    import numpy as np
    from matplotlib.patches import Rectangle

    header = image.header
    line_scan = header.kind == "line_scan"
    plane = image.frame(channel)
    small = _averaged(plane, _COLUMNS)
    across = (header.line_period_s if line_scan else header.pixel_size_um) or 1.0
    up = (header.pixel_size_um if line_scan else header.row_size_um) or 1.0
    extent = (
        (0.0, header.lines * across, header.pixels * up, 0.0)
        if line_scan
        else (0.0, header.pixels * across, header.lines * up, 0.0)
    )
    finite = small[np.isfinite(small)]
    low, high = np.percentile(finite, (0.5, 99.5)) if finite.size else (0.0, 1.0)
    axis.imshow(
        small.T if line_scan else small,
        cmap="gray",
        aspect="auto",
        extent=extent,
        vmin=low,
        vmax=high if high > low else low + 1.0,
        interpolation="nearest",
    )
    for roi in image.rois:
        rows = (roi.row_start, roi.row_stop, across if line_scan else up)
        columns = (roi.col_start, roi.col_stop, up if line_scan else across)
        (x0, x1, dx), (y0, y1, dy) = (rows, columns) if line_scan else (columns, rows)
        corner, width, height = (x0 * dx, y0 * dy), (x1 - x0) * dx, (y1 - y0) * dy
        color = _color(roi.roi_id)
        axis.add_patch(Rectangle(corner, width, height, fill=False, edgecolor=color, linewidth=1.2))
        axis.annotate(
            f"ROI {roi.roi_id}",
            corner,
            xytext=(3, -9),
            textcoords="offset points",
            color="#ffffff",
            bbox={"facecolor": color, "edgecolor": "none", "pad": 1.0},
        )
    unit = "µm" if (header.pixel_size_um if line_scan else header.row_size_um) else "pixels"
    axis.set_ylabel(f"Position ({unit})" if line_scan else f"y ({unit})")
    if header.channels > 1:
        axis.set_title(_harmless(f"channel {header.channel_title(channel)}"), loc="left")


def _averaged(plane: np.ndarray, most: int) -> np.ndarray:
    """Means of so many lines that at most `most` remain."""
    import numpy as np

    step = -(-plane.shape[0] // most)
    if step == 1:
        return plane.astype(float)
    starts = np.arange(0, plane.shape[0], step)
    counts = np.diff(np.append(starts, plane.shape[0]))
    # piece by piece, for a long recording as floating point would not fit into the memory
    pieces = [
        plane[start : start + n].mean(axis=0) for start, n in zip(starts, counts, strict=True)
    ]
    return np.array(pieces)


def _traces(image: AcqImage) -> dict[str, list[AnalysisResult]]:
    """Results with a course over time, by analysis."""
    groups: dict[str, list[AnalysisResult]] = {}
    for key in sorted(image.results):
        spec = spec_of(key[0])
        if spec is not None and spec.over_time:
            groups.setdefault(key[0], []).append(image.results[key])
    return groups


def _draw_traces(axis: Any, image: AcqImage, analysis: str, results: list[AnalysisResult]) -> None:
    import numpy as np

    spec = spec_of(analysis)
    if spec is None or spec.trace is None:
        return
    for result in results:
        columns, period_s = result.columns, result.calibration.line_period_s or 0.0
        if spec.trace.value not in columns or "time_s" not in columns:
            continue
        time_s = columns["time_s"] + (result.bounds[0] if result.bounds else 0) * period_s
        values = np.array(columns[spec.trace.value], dtype=float)
        if "status" in columns:
            values[~np.isin(columns["status"], ("ok", "manual", "interpolated", "imported"))] = (
                np.nan
            )
        where = f"ROI {result.roi_id}" if result.roi_id else "whole recording"
        stale = ", stale" if image.stale_reason(result) else ""
        axis.plot(
            *_extremes(time_s, values, _COLUMNS),
            color=_color(result.roi_id or 0),
            linewidth=0.8,
            label=f"{where}{stale}",
        )
        events = image.result("velocity_events", result.channel or 0, result.roi_id or 0)
        if analysis == "radon_velocity" and events is not None:
            first_s = (events.bounds[0] if events.bounds else 0) * period_s
            for start_s, stop_s in zip(
                events.columns["start_s"].tolist(), events.columns["stop_s"].tolist(), strict=True
            ):
                axis.axvspan(start_s + first_s, stop_s + first_s, color="#000000", alpha=0.08)
    axis.set_ylabel(_harmless(spec.trace.title))
    axis.legend(loc="upper right", frameon=False, fontsize=7, ncols=4)


def _extremes(
    time_s: np.ndarray, values: np.ndarray, columns: int
) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and the highest value of each of `columns` stretches: no spike is lost."""
    import numpy as np

    size = -(-len(values) // columns)
    if size <= 2:
        return time_s, values
    keep = []
    for start in range(0, len(values), size):
        part = values[start : start + size]
        if np.isnan(part).all():
            keep.append(start)
            continue
        keep += sorted({start + int(np.nanargmin(part)), start + int(np.nanargmax(part))})
    return time_s[keep], values[keep]


def _harmless(text: str) -> str:
    """Text that is no formula of matplotlib's own, which dollar signs would begin."""
    return text.replace("$", r"\$")

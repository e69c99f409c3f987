"""`TracePlot`: what was measured over time, on the time axis of the kymograph viewer."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import traitlets
from ipywidgets import HTML, Layout, VBox

from cloudscope.acq_image import AcqImage
from cloudscope.analysis.registry import Analysis, Trace, get_analysis
from cloudscope.errors import CloudscopeError, ParameterError, UnknownNameError
from cloudscope.preview import Preview
from cloudscope.roi import WHOLE_RECORDING
from cloudscope.stretch_statistics import trace_statistics
from cloudscope.veil import hide_names
from cloudscope.widgets.theme import theme_style
from cloudscope.widgets.trace_drawing import Drawing, draw_series
from cloudscope.widgets.trace_figure import MARGIN_LEFT_PX, MARGIN_RIGHT_PX, TraceFigure
from cloudscope.widgets.trace_head import head_html
from cloudscope.widgets.trace_marks import TraceMarks, trace_marks
from cloudscope.widgets.trace_series import TraceSeries, trace_series, value_limits
from cloudscope.widgets.wording import measured_text

if TYPE_CHECKING:
    from cloudscope.analysis.result import AnalysisResult

__all__ = ["TracePlot"]

_ASSUMED_WIDTH_PX = 900  # until the browser says how wide the plot is


class TracePlot(VBox):
    """A measured quantity over time: line, uncertainty, and the samples set aside.

    Zoom with the wheel, pan by dragging or Shift and the wheel, fit with a double click; arrow
    keys, ``+``, ``-`` and ``0`` do the same. Shift and dragging select a stretch; ``,`` and ``.``
    move the cursor, ``[`` and ``]`` make it the begin and the end of the stretch. Only what is
    visible goes to the browser, as minimum and maximum of each screen column, so that no spike is
    lost and 100,000 samples stay fluid.

    Parameters
    ----------
    image : AcqImage, optional
    analysis : str
        Registered name of the analysis to show.
    channel : int
    roi_id : int
        0 is the whole recording.
    viewer : KymographViewer, optional
        Shares its ``time_range`` and ``cursor_s``, both ways.
    height_px : int
        Height of the plot.
    show_time_axis : bool
        Whether to draw the time axis below; stacked plots need it once.

    Raises
    ------
    UnknownNameError
        If there is no such analysis.
    ParameterError
        If its table has no course over time.

    Examples
    --------
    >>> import numpy as np
    >>> image = AcqImage.from_array(np.zeros((100, 20)), line_period_s=0.001, pixel_size_um=0.5)
    >>> TracePlot(image, analysis="diameter")
    TracePlot('array', 'diameter', channel=0, roi_id=0)
    """

    image = traitlets.Instance(AcqImage, allow_none=True)
    """The recording shown; written by Python."""

    analysis = traitlets.Unicode("radon_velocity")
    """Registered name of the analysis shown; written by Python."""

    channel = traitlets.Int(0)
    """Channel shown; written by Python."""

    roi_id = traitlets.Int(WHOLE_RECORDING)
    """ROI shown, 0 for the whole recording; written by Python."""

    time_range = traitlets.Tuple(traitlets.Float(), traitlets.Float(), default_value=(0.0, 1.0))
    """Visible time in s (lines where the line period is unknown); written by both sides."""

    cursor_s = traitlets.Float(None, allow_none=True)
    """Time of the cursor line, or ``None``; written by both sides."""

    picked_s = traitlets.Float(None, allow_none=True)
    """Time clicked on, or chosen with Enter at the cursor; set it to ``None`` to be told again.
    Written by the browser."""

    brush = cast(
        "traitlets.TraitType[tuple[float, float] | None, Any]",
        traitlets.Tuple(traitlets.Float(), traitlets.Float(), default_value=None, allow_none=True),
    )
    """Stretch of time that is selected, in s, or ``None``; written by both sides."""

    preview = traitlets.Instance(Preview, allow_none=True)
    """What a measurement would give, shown in place of what is kept; written by Python."""

    preview_problem = traitlets.Unicode("")
    """Why there is no preview, shown in place of what is kept; written by Python."""

    quality_cutoff = traitlets.Float(0.0, min=0.0, max=1.0)
    """Samples of lower quality are set aside on the screen; no number changes."""

    show_time_axis = traitlets.Bool(True)
    """Whether the time axis is drawn below, which takes 32 px more; written by Python."""

    def __init__(
        self,
        image: AcqImage | None = None,
        *,
        analysis: str = "radon_velocity",
        channel: int = 0,
        roi_id: int = WHOLE_RECORDING,
        viewer: Any = None,
        height_px: int = 180,
        show_time_axis: bool = True,
    ) -> None:
        spec = get_analysis(analysis)
        _trace(spec)  # a wrong name fails here, not at the first redraw
        self._series: TraceSeries | None = None
        self._marks = TraceMarks()
        self._drawn: tuple[float, float, int] | None = None
        self._limits = (0.0, 1.0)
        self._height_px = height_px
        self._plot = TraceFigure(
            height_px, color=_color(spec), with_time_axis=show_time_axis, viewer=viewer
        )
        self._pointer = self._plot.pointer
        self._head = HTML(layout=Layout(margin=f"0 {MARGIN_RIGHT_PX}px 0 {MARGIN_LEFT_PX}px"))
        super().__init__(
            children=(theme_style(), self._head, self._plot),
            analysis=analysis,
            channel=channel,
            roi_id=roi_id,
            show_time_axis=show_time_axis,
            _dom_classes=("cs-trace", f"cs-trace-of-{analysis}"),
            layout=Layout(width="100%", min_width="0"),
        )
        source = self._pointer if viewer is None else viewer
        traitlets.link((source, "time_range"), (self, "time_range"))
        traitlets.link((source, "cursor_s"), (self, "cursor_s"))
        traitlets.link((self._pointer, "picked_s"), (self, "picked_s"))
        traitlets.link((self._pointer, "brush"), (self, "brush"))
        self._owns_range = viewer is None
        self._pointer.observe(lambda _: self._draw(), "width_px")
        self.observe(self._take_image, "image")
        self.observe(lambda _: self._measure(), ("analysis", "channel", "roi_id", "quality_cutoff"))
        self.observe(lambda _: self._measure(), ("preview", "preview_problem"))
        self.observe(self._range_changed, "time_range")
        self.observe(lambda change: self._plot.place_time_axis(change["new"]), "show_time_axis")
        self.observe(lambda _: self._read(), "cursor_s")
        self.observe(lambda _: self._sum_up(), "brush")
        if image is None:
            self._measure()
        else:
            self.image = image

    def __repr__(self) -> str:
        name = None if self.image is None else self.image.name
        return (
            f"TracePlot({name!r}, {self.analysis!r}, channel={self.channel}, roi_id={self.roi_id})"
        )

    @property
    def series(self) -> TraceSeries | None:
        """The samples shown, or ``None`` where nothing is measured."""
        return self._series

    @property
    def result(self) -> AnalysisResult | None:
        """The result shown, that of a preview if there is one."""
        return self._shown()

    # ------------------------------------------------------------------ following the model

    def _take_image(self, change: Any) -> None:
        names = ["results", "header", "rois"]
        if change["old"] is not None:
            change["old"].unobserve(self._model_changed, names)
        if change["new"] is not None:
            change["new"].observe(self._model_changed, names)
        self._span_changed()
        self._measure()

    def _model_changed(self, change: Any) -> None:
        if change["name"] == "header":
            self._span_changed()
        self._measure()

    def _span_changed(self) -> None:
        header = None if self.image is None else self.image.header
        if header is None:
            full = (0.0, 1.0)
        else:
            full = (0.0, float(header.duration_s or header.lines))
        seconds = header is None or header.line_period_s is not None
        self._plot.time_axis.label = "s" if seconds else "lines"
        if self._pointer.full_range != full:
            self._pointer.full_range = full
            if self._owns_range:
                self.time_range = full

    def _measure(self) -> None:
        """Take up the result that is to be shown, and show it."""
        with self._pointer.hold_sync():
            spec, self._series, problem = get_analysis(self.analysis), None, self.preview_problem
            self._marks = TraceMarks()
            result = self._shown()
            stale = None
            if self.image is not None and result is not None and not problem:
                if self.preview is None:
                    stale = self.image.stale_reason(result)
                try:
                    self._series = trace_series(
                        result,
                        _trace(spec),
                        line_period_s=self.image.header.line_period_s,
                        quality_cutoff=self.quality_cutoff,
                    )
                    self._marks = trace_marks(self.image, result, self._series, roi_id=self.roi_id)
                except CloudscopeError as error:  # its table is gone or is another one
                    problem = hide_names(str(error))
            self._plot.paint(_color(spec))
            self._say(spec, stale, problem)
            self._drawn = None
            # A preview follows the hand: an axis that never rests cannot be read.
            self._fit_values(anew=self.preview is None)
            self._draw()
            self._show_marks()
            self._read()
            self._sum_up()

    @property
    def _previewing(self) -> Preview | None:
        preview = self.preview
        there = preview is not None and preview.result.analysis == self.analysis
        return preview if there else None

    def _shown(self) -> AnalysisResult | None:
        if self._previewing is not None:
            return self._previewing.result
        if self.image is None:
            return None
        return self.image.result(self.analysis, self.channel, self.roi_id)

    def _show_marks(self) -> None:
        self._pointer.marks = self._marks.to_dict() | {"values": list(self._limits)}

    def _where(self) -> str:
        if self.roi_id == WHOLE_RECORDING or self.image is None:
            return "whole recording"
        try:
            return f"ROI {self.image.roi(self.roi_id).title}"
        except UnknownNameError:
            return f"ROI {self.roi_id} (deleted)"

    def _say(self, spec: Analysis, stale: str | None, problem: str) -> None:
        where = "" if self.image is None else self._where()
        self._head.value = head_html(
            spec.title,
            _unit(spec),
            where,
            preview=None if problem else self.preview,
            stale=stale or "",
            legend=self._marks.legend,
            series=self._series,
        )
        series, text = self._series, problem
        if not problem and series is None and self.image is not None:
            text = (
                f"{spec.title} is not measured here yet: Run, or image.analyze({spec.name!r}), does"
            )
        elif not problem and series is not None and not series.accepted.any():
            reason = Counter(series.status.tolist()).most_common(1)[0][0]
            text = f"None of {series.value.size:,} samples was accepted, most for: {reason}"
        self._pointer.words = text
        self._pointer.label = (
            f"{_trace(spec).title} over time, {self._where()}. "
            "Arrow keys pan, plus and minus zoom, 0 fits, comma and full stop move the cursor, "
            "Enter picks the sample at it, brackets select a stretch, Escape lets it go."
        )

    # ------------------------------------------------------------------ drawing

    def _fit_values(self, *, anew: bool = False) -> None:
        """Fit the value axis to the samples in view, unless it nearly fits as it is.

        Not at every step of a pan: an axis that never rests cannot be read.
        """
        low, high = self._limits
        new_low, new_high = value_limits(self._series, *self.time_range)
        moving = self._previewing is not None and self._previewing.hasty
        least = (0.2 if moving else 0.45) * (high - low)
        if low <= new_low and new_high <= high and new_high - new_low > least and not anew:
            return
        if moving:  # room for where the hand goes next
            room = 0.3 * (new_high - new_low)
            new_low, new_high = new_low - room, new_high + room
        self._limits = low, high = new_low, new_high
        self._drawn = None  # the strokes of samples set aside have their height from these
        measured = self._series is not None and bool(self._series.accepted.any())
        self._plot.set_values(low, high, max(2, self._height_px // 45), shown=measured)
        self._show_marks()

    def _range_changed(self, change: Any) -> None:
        self._fit_values()
        self._draw()

    def _draw(self) -> None:
        """Send the samples around the visible stretch, unless those drawn still serve."""
        start, stop = self.time_range
        width = self._pointer.width_px or _ASSUMED_WIDTH_PX
        if self._serves(start, stop, width):
            return
        span = stop - start
        window = (start - span, stop + span, width)
        self._drawn = window
        if self._series is None:
            self._plot.put(Drawing.nothing())
            return
        drawing = draw_series(
            self._series,
            (start, stop),
            window[:2],
            width_px=width,
            height_px=self._height_px,
            limits=self._limits,
        )
        if self._previewing is None:
            self._plot.put(drawing)
        else:
            self._plot.sketch(drawing, self._previewing.bounds)

    def _serves(self, start: float, stop: float, width: int) -> bool:
        if self._drawn is None:
            return False
        first, last, drawn_width = self._drawn
        # Columns drawn for a wider or narrower stretch would be too coarse or too many.
        zoom = (last - first) / 3.0 / max(stop - start, 1e-12) * width / drawn_width
        return first <= start and stop <= last and 0.67 <= zoom <= 1.5

    def _read(self) -> None:
        """Say what is measured at the cursor."""
        self._pointer.readout = self.readout(self.cursor_s)

    def _sum_up(self) -> None:
        """Say in short what is measured in the stretch selected."""
        result, words = self._shown(), ""
        if self.brush is not None and result is not None and self._series is not None:
            found = trace_statistics(result, *self.brush, quality_cutoff=self.quality_cutoff)
            words = f"{measured_text(found.mean, found.sd, found.unit)}, n = {found.accepted:,}"
        self._pointer.brush_words = words

    def readout(self, time_s: float | None) -> str:
        """What is measured at a time, in words; empty where nothing is."""
        series = self._series
        index = None if series is None or time_s is None else series.nearest(time_s)
        if series is None or index is None:
            return ""
        spec = get_analysis(self.analysis)
        words = []
        if np.isfinite(series.value[index]):
            words.append(measured_text(series.value[index], series.sd[index], _unit(spec)))
            if np.isfinite(series.quality[index]):
                words.append(f"quality {series.quality[index]:.2f}")
        if series.status[index] == "manual":
            words.append("set by hand")
        assert time_s is not None
        if event := self._marks.at(time_s):
            words.append(event)
        if not series.accepted[index]:
            status = str(series.status[index])
            words.append("set aside: " + (status if status != "ok" else "below the cut-off"))
        return " · ".join(words)


def _trace(spec: Analysis) -> Trace:
    if spec.trace is None or not spec.over_time:
        raise ParameterError(f"analysis={spec.name!r} is not allowed: it has no course over time")
    return spec.trace


def _color(spec: Analysis) -> str:
    color = _trace(spec).color
    # A style sheet may give dark themes another one.
    return color if color.startswith("var(") else f"var(--cs-trace-{spec.name}, {color})"


def _unit(spec: Analysis) -> str:
    return next((c.unit for c in spec.columns if c.name == _trace(spec).value), "")

"""Traces that follow the hand: previews while a ROI is dragged or a parameter is changed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import traitlets

from cloudscope.errors import AnalysisCancelled, CloudscopeError
from cloudscope.preview import PREVIEWED, Preview, measure_preview
from cloudscope.roi import WHOLE_RECORDING
from cloudscope.veil import hide_names
from cloudscope.widgets.background_run import BackgroundRun, Job

if TYPE_CHECKING:
    import threading

    from cloudscope.acq_image import AcqImage
    from cloudscope.analysis.result import AnalysisResult, RoiBounds
    from cloudscope.widgets.viewer import KymographViewer

__all__ = ["LivePreview"]

REST_S = 0.15
"""A hand that has not moved for so long is at rest."""

QUICK_S = 0.02
"""What the first answer to a move may take, all analyses together."""

_PATIENCE_S = 0.2  # a first answer is not given up for a newer move before that
_FEWEST_POINTS, _MOST_POINTS = 12, 400
_EDIT_MAY_TAKE_S = 0.3  # from the end of a drag to its edit, which is a message of its own


@dataclass(frozen=True)
class _Wish:
    """What is to be measured, as it was when the work began."""

    image: AcqImage
    channel: int
    bounds: RoiBounds
    rows: tuple[int, int]
    parameters: Mapping[str, Mapping[str, Any]]


class _Patience:
    """Passes a wish to cancel on, but not before its time: a hand that never rests sees a trace."""

    def __init__(self, cancel: threading.Event) -> None:
        self._cancel, self._until = cancel, time.monotonic() + _PATIENCE_S

    def is_set(self) -> bool:
        return self._cancel.is_set() and time.monotonic() > self._until


class LivePreview(traitlets.HasTraits):
    """Measures what the hand is about to ask for, the visible part first, and keeps nothing.

    One measurement is under way at a time, on a worker thread; only the newest wish waits. The
    first answer is coarse enough to be quick. When the hand rests, the visible part follows in
    full, then the whole ROI. Where no event loop runs, in a script, there is no hand to follow,
    and nothing is measured.

    Parameters
    ----------
    viewer : KymographViewer
        Whose ROI is dragged, and whose time range is visible.
    shown : callable
        Names of the analyses whose traces are shown.
    rest_s : float
        How long a hand must be still.
    """

    previews = traitlets.Dict(read_only=True)
    """Preview by name of the analysis. Written by this object."""

    problems = traitlets.Dict(read_only=True)
    """Why there is no preview, a sentence by name of the analysis. Written by this object."""

    def __init__(
        self,
        viewer: KymographViewer,
        shown: Callable[[], Iterable[str]],
        *,
        rest_s: float = REST_S,
    ) -> None:
        super().__init__()
        self.viewer, self._shown, self.rest_s = viewer, shown, rest_s
        self.run = BackgroundRun()
        self._form_of: Callable[[str], Mapping[str, Any]] = lambda name: {}
        self._active: dict[str, AnalysisResult | None] = {}  # the result kept when it began
        self._roi_id: int | None = None
        self._bounds: RoiBounds | None = None
        self._again = False
        self._doing: _Wish | None = None
        self._points = dict.fromkeys(PREVIEWED, 32)
        self._image: AcqImage | None = None
        viewer.observe(self._dragged, "dragged")
        viewer.observe(self._take_image, "image")
        viewer.observe(self._target_changed, ("selected_roi_id", "channel"))
        viewer.observe(self._seen_changed, "time_range")
        self._take_image()

    @property
    def roi_id(self) -> int | None:
        """ROI that is previewed; ``None`` for one being drawn."""
        return self._roi_id

    def follow(self, panel: Any) -> None:
        """Preview what is typed into the forms of a `MeasurePanel`; make way when it runs."""

        def values(name: str) -> Mapping[str, Any]:
            section = panel.sections.get(name)
            return section.form.values if section is not None and section.built else {}

        self._form_of = values
        for name in PREVIEWED:
            if name in panel.sections:
                section = panel.sections[name]
                section.when_built(
                    lambda name=name, section=section: section.form.observe(
                        lambda _: self.try_parameters(name), "values"
                    )
                )
        panel.run.observe(self._make_way, "running")

    def _make_way(self, change: Any) -> None:
        if change["new"]:
            self.run.cancel()

    # ------------------------------------------------------------------ what sets it off

    def try_parameters(self, analysis: str) -> None:
        """Show what the parameters of the form would give for the ROI shown."""
        image = self._image
        if image is None or analysis not in PREVIEWED or image.header.kind != "line_scan":
            return
        if self.viewer.dragged is None:
            self._roi_id = self.viewer.selected_roi_id or WHOLE_RECORDING
            self._bounds = self._model_bounds(self._roi_id)
        self._active[analysis] = self._kept(analysis)
        self._settle()

    def clear(self) -> None:
        """Show what is kept again."""
        self._active.clear()
        self._again, self._doing = False, None
        self.run.cancel()
        self.set_trait("previews", {})
        self.set_trait("problems", {})

    def _dragged(self, change: Any) -> None:
        if change["new"] is None:
            _after(_EDIT_MAY_TAKE_S, self._settle)
            return
        if self._image is None or self._image.header.kind != "line_scan":
            return
        self._roi_id, self._bounds = change["new"]
        for name in self._shown():
            if name in PREVIEWED and name not in self._active:
                self._active[name] = self._kept(name)
        self._wish()

    def _take_image(self, change: Any = None) -> None:
        names = ["rois", "results", "header"]
        if self._image is not None:
            self._image.unobserve(self._model_changed, names)
        self._image = self.viewer.image
        if self._image is not None:
            self._image.observe(self._model_changed, names)
        self.clear()

    def _target_changed(self, change: Any) -> None:
        roi_id = self.viewer.selected_roi_id or WHOLE_RECORDING
        drawn = self._roi_id is None and self._model_bounds(roi_id) == self._bounds
        if change["name"] == "selected_roi_id" and (drawn or roi_id == self._roi_id):
            self._take_roi(roi_id)  # it was drawn a moment ago, or is being dragged
        else:
            self.clear()

    def _seen_changed(self, change: Any) -> None:
        if self._active and not all(p.whole for p in self.previews.values()):
            self._wish()

    def _model_changed(self, change: Any) -> None:
        if change["name"] == "header":
            self.clear()
            return
        if change["name"] == "results":
            for name in [n for n, kept in self._active.items() if self._kept(n) is not kept]:
                self._drop(name)  # it is measured now
            return
        if self.viewer.dragged is not None or (self._active and self._roi_id is None):
            return  # of a ROI that was drawn, the end of the drag or its choice says more
        if not self._active:
            self._roi_id = self.viewer.selected_roi_id or WHOLE_RECORDING
            for name in self._shown():
                kept = self._kept(name) if name in PREVIEWED else None
                if kept is not None and kept.bounds != self._model_bounds(self._roi_id):
                    self._active[name] = kept
        self._settle()

    def _take_roi(self, roi_id: int) -> None:
        if roi_id != self._roi_id:
            self._roi_id = roi_id
            self._active = {name: self._kept(name) for name in self._active}

    def _settle(self) -> None:
        """Take the bounds that the model has: the hand has let go, or never was there."""
        if self.viewer.dragged is not None or not self._active:
            return
        roi_id = self._roi_id
        if roi_id is None:  # drawn; if it was not kept, another ROI is selected, or none
            roi_id = self.viewer.selected_roi_id or WHOLE_RECORDING
            if self._model_bounds(roi_id) != self._bounds:
                self.clear()
                return
            self._take_roi(roi_id)
        bounds = self._model_bounds(roi_id)
        if bounds is None:
            self.clear()
            return
        self._bounds = bounds
        for name in list(self._active):
            if self._is_kept(name):
                self._drop(name)
        if self._active:
            self._wish()

    # ------------------------------------------------------------------ what is kept

    def _kept(self, name: str) -> AnalysisResult | None:
        if self._image is None:
            return None
        roi_id = WHOLE_RECORDING if self._roi_id is None else self._roi_id
        return self._image.result(name, self.viewer.channel, roi_id)

    def _is_kept(self, name: str) -> bool:
        """Whether what is kept is what would be measured."""
        kept, form = self._kept(name), self._form_of(name)
        if kept is None or self._image is None or self._image.stale_reason(kept) is not None:
            return False
        return all(kept.parameters.get(key) == value for key, value in form.items())

    def _model_bounds(self, roi_id: int) -> RoiBounds | None:
        if self._image is None:
            return None
        header = self._image.header
        if roi_id == WHOLE_RECORDING:
            return (0, header.lines, 0, header.pixels)
        return next((roi.bounds for roi in self._image.rois if roi.roi_id == roi_id), None)

    def _drop(self, name: str) -> None:
        self._active.pop(name, None)
        self.set_trait("previews", {k: v for k, v in self.previews.items() if k != name})
        self.set_trait("problems", {k: v for k, v in self.problems.items() if k != name})
        if not self._active:
            self._again = False
            self.run.cancel()

    # ------------------------------------------------------------------ measuring

    def _wish(self) -> None:
        """Measure what is wanted now, as soon as the work under way has made room."""
        if not _looping():
            return
        if self._wanted() == self._doing and not self.run.cancelling:
            return  # it is under way, or done
        self._again = True
        if self.run.running:
            self.run.cancel()
        else:
            self._next()

    def _wanted(self) -> _Wish | None:
        if self._image is None or self._bounds is None or not self._active:
            return None
        return _Wish(
            image=self._image,
            channel=self.viewer.channel,
            bounds=self._bounds,
            rows=self._rows(),
            parameters={name: dict(self._form_of(name)) for name in self._active},
        )

    def _next(self) -> None:
        if not self._again:
            return
        self._again, self._doing = False, self._wanted()
        wish = self._doing
        if wish is None:
            return
        self.run.start(
            "Preview",
            partial(self._work, wish),
            on_done=lambda _: self._next(),
            on_cancelled=self._next,
            on_failed=lambda error: self._next(),
        )

    def _rows(self) -> tuple[int, int]:
        assert self._image is not None
        period = self._image.header.line_period_s or 1.0
        start, stop = (end / period for end in self.viewer.time_range)
        return int(start), int(stop) + 1

    def _work(self, wish: _Wish, job: Job) -> None:
        """On the worker thread: a quick answer, and all of it once the hand rests."""
        found = {name: self._quick(wish, name, job) for name in wish.parameters}
        if job.cancel.wait(self.rest_s):
            raise AnalysisCancelled("the hand has moved on")
        for name in [n for n, p in found.items() if p is not None and p.hasty]:
            found[name] = self._measure(wish, name, job, job.cancel, rows=wish.rows)
        for name in [n for n, p in found.items() if p is not None and not p.whole]:
            self._measure(wish, name, job, job.cancel)

    def _quick(self, wish: _Wish, name: str, job: Job) -> Preview | None:
        points, started = self._points[name], time.perf_counter()
        patience = _Patience(job.cancel)
        preview = self._measure(wish, name, job, patience, rows=wish.rows, points=points)
        took = (time.perf_counter() - started) * len(wish.parameters)
        # By a little at a time: a single slow answer says more of the machine than of the work.
        # And not for a little: a trace whose samples lie elsewhere each time cannot be read.
        factor = min(max(QUICK_S / max(took, 1e-6), 0.7), 1.3)
        if not 0.8 < factor < 1.25:
            self._points[name] = round(min(max(points * factor, _FEWEST_POINTS), _MOST_POINTS))
        return preview

    def _measure(
        self,
        wish: _Wish,
        name: str,
        job: Job,
        cancel: Any,
        *,
        rows: tuple[int, int] | None = None,
        points: int | None = None,
    ) -> Preview | None:
        """Measure and hand over; ``None`` where it cannot be measured."""
        before = self.previews.get(name)
        try:
            preview = measure_preview(
                wish.image,
                name,
                wish.channel,
                wish.bounds,
                wish.parameters[name],
                rows,
                points=points,
                like=before.result if before is not None else self._active.get(name),
                cancel=cancel,
            )
        except CloudscopeError as error:
            if isinstance(error, AnalysisCancelled):
                raise
            job.hand_over(self._show, wish, name, None, hide_names(str(error)))
            return None
        job.hand_over(self._show, wish, name, preview, "")
        return preview

    def _show(self, wish: _Wish, name: str, preview: Preview | None, problem: str) -> None:
        there = wish.image is self._image and wish.channel == self.viewer.channel
        if not there or name not in self._active:
            return  # the user is elsewhere by now
        if preview is None:
            self.set_trait("previews", {k: v for k, v in self.previews.items() if k != name})
        else:
            self.set_trait("previews", {**self.previews, name: preview})
        rest = {k: v for k, v in self.problems.items() if k != name}
        self.set_trait("problems", rest | ({name: problem} if problem else {}))


def _looping() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _after(seconds: float, action: Callable[[], None]) -> None:
    """Call later where there is an event loop, else now."""
    if _looping():
        asyncio.get_running_loop().call_later(seconds, action)
    else:
        action()

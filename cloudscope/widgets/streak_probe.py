"""The streak probe: one velocity looked at closely, why it was chosen, and overruled by hand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

import ipywidgets
import numpy as np
import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.analysis.result import AnalysisResult, ResultKey
from cloudscope.errors import CloudscopeError
from cloudscope.veil import hide_names
from cloudscope.widgets.background_run import BackgroundRun, Job
from cloudscope.widgets.result_facts import facts_html
from cloudscope.widgets.status_line import StatusLine
from cloudscope.widgets.streak_curve import CurveFigure
from cloudscope.widgets.theme import heading_html, theme_style
from cloudscope.widgets.trace_figure import MARGIN_LEFT_PX, MARGIN_RIGHT_PX
from cloudscope.widgets.viewer_streak import Streak
from cloudscope.widgets.wording import measured_text, number_text

if TYPE_CHECKING:
    from cloudscope.analysis.streaks.geometry import ScanGeometry
    from cloudscope.analysis.streaks.probe import ScoreCurve, StreakProbe
    from cloudscope.widgets.viewer import KymographViewer

__all__ = ["StreakProbePanel"]

ANALYSIS = "radon_velocity"
_WINDOWS_AROUND = 3.0  # how much of the recording is shown around the window, in windows


class StreakProbePanel(ipywidgets.VBox):
    """Shows the window behind one velocity: on the image, as numbers, and its score curve.

    Parameters
    ----------
    viewer : KymographViewer
        Lights the window up, with the fitted slope through it.
    status : StatusLine
        Told what happens.
    """

    place = cast(
        "traitlets.TraitType[tuple[int, int, int] | None, Any]",
        traitlets.Tuple(default_value=None, allow_none=True),
    )
    """Which sample is looked at: channel, ROI id and row of the table; ``None`` closes."""

    def __init__(self, viewer: KymographViewer, status: StatusLine) -> None:
        super().__init__(
            _dom_classes=["cs-panel", "cs-probe"],
            layout=ipywidgets.Layout(
                padding=f"4px {MARGIN_RIGHT_PX}px 4px {MARGIN_LEFT_PX}px", display="none"
            ),
        )
        self._viewer, self._status, self._built = viewer, status, False
        self._run = BackgroundRun()
        self._probe: tuple[AnalysisResult, StreakProbe] | None = None
        self._image: AcqImage | None = None
        self.observe(self._place_taken, "place")
        viewer.observe(self._take_image, "image")
        self._take_image()

    def _build(self) -> None:
        """Make what is shown, when it first is: it is some fifty widgets."""
        self._built = True
        self._heading = ipywidgets.HTML()
        self.before = _step("‹", "The window before")
        self.after = _step("›", "The window after")
        self.shut = _step("×", "Close the streak probe")
        self._facts = ipywidgets.HTML()
        self._words = ipywidgets.HTML()
        self.velocity = ipywidgets.FloatText(
            0.0, description="Velocity (µm/s)", style={"description_width": "auto"},
            layout={"width": "220px"},
        )  # fmt: skip
        self.overrule = _button("Overrule", "Keep this velocity instead, marked as set by hand")
        self.restore = _button("As measured", "Take back what was set by hand")
        self.use_second = _button("Use the second", "Overrule by the next best velocity")
        top = ipywidgets.HBox(
            [self._heading, self.before, self.after, self.shut], _dom_classes=["cs-probe-top"]
        )
        edit = ipywidgets.HBox(
            [self.velocity, self.overrule, self.use_second, self.restore], _dom_classes=["cs-row"]
        )
        left = ipywidgets.VBox([self._facts, edit, self._words], layout={"flex": "1 1 320px"})
        self._curve = CurveFigure()
        body = ipywidgets.HBox([left, self._curve], layout={"flex_flow": "row wrap"})
        self.children = (theme_style(), top, body)
        guard = self._status.guarded
        self.shut.on_click(guard("Streak probe", lambda _: self.close_probe()))
        self.before.on_click(guard("Streak probe", lambda _: self.step(-1)))
        self.after.on_click(guard("Streak probe", lambda _: self.step(1)))
        self.overrule.on_click(guard("Overrule", lambda _: self.set_velocity(self.velocity.value)))
        self.use_second.on_click(guard("Overrule", lambda _: self.set_velocity(self._second())))
        self.restore.on_click(guard("As measured", lambda _: self.set_velocity(None)))

    # ------------------------------------------------------------------ what others call

    def pick(self, time_s: float) -> None:
        """Look at the velocity of the channel and ROI shown that is nearest to a time.

        Parameters
        ----------
        time_s : float
            In the recording.
        """
        result = self._result_of(self._key())
        if result is None:
            return
        period = result.calibration.line_period_s or 1.0
        first = result.bounds[0] * period if result.bounds else 0.0
        times = result.columns["time_s"] + first
        if not times.size:
            return
        row = int(np.abs(times - time_s).argmin())
        _, channel, roi_id = self._key()
        self.place = (channel, roi_id, row)

    def step(self, by: int) -> None:
        """Look at a window before or after."""
        result = self.result
        if self.place is None or result is None:
            return
        channel, roi_id, row = self.place
        rows = len(result.columns["time_s"])
        self.place = (channel, roi_id, min(max(row + by, 0), rows - 1))

    def close_probe(self) -> None:
        """Put it away; the image is as it was before."""
        self.place = None

    def set_velocity(self, velocity_um_per_s: float | None) -> None:
        """Overrule the velocity looked at, as one step of undo; ``None`` brings it back.

        Raises
        ------
        ParameterError
            If it is no finite number, or the result cannot be edited.
        """
        from cloudscope.analysis.streaks.manual import overrule_velocity

        image, result = self._image, self.result
        if image is None or result is None or self.place is None:
            return
        row_start = int(result.columns["row_start"][self.place[2]])
        edited = overrule_velocity(result, row_start=row_start, velocity_um_per_s=velocity_um_per_s)
        image.revise(edited, "overrule a velocity" if velocity_um_per_s is not None else "measured")
        done = "is as it was measured" if velocity_um_per_s is None else "is set by hand; Undo"
        self._status.say(f"the velocity {done.replace('; Undo', ' and can be undone')}", "ok")

    def _turned(self, px_per_line: float) -> None:
        """The user dragged the line on the image."""
        if self.result is not None:
            self.set_velocity(float(_geometry(self.result).velocity(np.array(px_per_line))))

    @property
    def result(self) -> AnalysisResult | None:
        """The result looked at."""
        if self.place is None:
            return None
        return self._result_of((ANALYSIS, self.place[0], self.place[1]))

    # ------------------------------------------------------------------ following

    def _key(self) -> ResultKey:
        return (ANALYSIS, self._viewer.channel, self._viewer.selected_roi_id or 0)

    def _result_of(self, key: ResultKey) -> AnalysisResult | None:
        return None if self._image is None else self._image.results.get(key)

    def _take_image(self, change: Any = None) -> None:
        if self._image is not None:
            self._image.unobserve(self._results_changed, "results")
        self._image = self._viewer.image
        self._probe = None
        if self._image is not None:
            self._image.observe(self._results_changed, "results")
        self.place = None

    def _results_changed(self, change: Any) -> None:
        if self.place is not None:
            self._show()

    def _place_taken(self, change: Any) -> None:
        self._show(moved=True)

    def _second(self) -> float:
        result = self.result
        if result is None or self.place is None:
            return math.nan
        return float(result.columns["second_velocity_um_per_s"][self.place[2]])

    def _show(self, *, moved: bool = False) -> None:
        result, columns = self.result, self._row()
        self.layout.display = "" if columns else "none"
        if result is None or not columns:
            self._viewer.show_streak(None)
            return
        if not self._built:
            self._build()
        self._light_up(result, columns, moved)
        self._write(result, columns)
        self._draw_curve(result, columns)

    def _row(self) -> dict[str, Any]:
        """The row of the table looked at, by column; empty where there is none."""
        result = self.result
        if result is None or self.place is None:
            return {}
        try:
            columns = result.columns
        except CloudscopeError as error:  # its table is gone
            self._status.fail(error)
            return {}
        row = self.place[2]
        return {name: values[row] for name, values in columns.items() if row < values.size}

    def _light_up(self, result: AnalysisResult, columns: dict[str, Any], moved: bool) -> None:
        bounds = result.bounds or (0, 0, 0, 0)
        period, pixel = result.calibration.line_period_s, result.calibration.pixel_size_um
        assert period is not None
        assert pixel is not None
        start, stop = (bounds[0] + int(columns[n]) for n in ("row_start", "row_stop"))
        geometry = _geometry(result)
        unit, sweep = geometry.unit_um_per_s, geometry.sweep_per_px
        ceiling = float(result.summary.get("speed_ceiling_um_per_s") or math.nan)
        self._viewer.show_streak(
            Streak(
                (start, stop, bounds[2], bounds[3]),
                geometry.slope(float(columns["velocity_um_per_s"])),
                ceiling_px_per_line=geometry.slope(ceiling),
                velocity=(unit, sweep),
                on_slope=self._turned if "measured_um_per_s" in result.columns else None,
            )
        )
        if moved:
            around = _WINDOWS_AROUND * (stop - start)
            seen_from, seen_to = (t / period for t in self._viewer.time_range)
            near = seen_to - seen_from <= 4 * (stop - start) * _WINDOWS_AROUND
            if not (near and seen_from <= start and stop <= seen_to):
                self._viewer.time_range = ((start - around) * period, (stop + around) * period)

    def _write(self, result: AnalysisResult, columns: dict[str, Any]) -> None:
        status = str(columns["status"])
        lines = f"lines {int(columns['row_start']):,} to {int(columns['row_stop']) - 1:,}"
        tone = "" if status == "ok" else "warn"
        self._heading.value = heading_html("Streak probe", lines, status, tone=tone)
        value, sd = float(columns["velocity_um_per_s"]), float(columns["velocity_sd_um_per_s"])
        facts = [("velocity", measured_text(value, sd, "µm/s") if math.isfinite(value) else "–")]
        measured = float(columns.get("measured_um_per_s", math.nan))
        if status == "manual":
            facts.append(("as measured", f"{number_text(measured)} µm/s"))
        facts.append(("quality", number_text(float(columns["quality"]), 2)))
        second = float(columns.get("second_velocity_um_per_s", math.nan))
        if math.isfinite(second):
            facts.append(("second", f"{number_text(second)} µm/s"))
        self._facts.value = facts_html(facts)
        editable = "measured_um_per_s" in result.columns
        for control in (self.velocity, self.overrule):
            control.disabled = not editable
        self.use_second.disabled = not (editable and math.isfinite(second))
        self.restore.disabled = status != "manual"
        self.velocity.value = round(value, 1) if math.isfinite(value) else 0.0

    def _draw_curve(self, result: AnalysisResult, columns: dict[str, Any]) -> None:
        """Compute the curve off the loop; a recording is read once for all its windows."""
        from cloudscope.analysis.streaks.probe import StreakProbe

        image = self._image
        if image is None or image.stale_reason(result) is not None:
            self._curve.clear("the result is stale: measure again to see its score")
            return
        if self._run.running:
            return  # the end of the present one looks at the place again
        known, row_start = self._probe, int(columns["row_start"])

        def work(job: Job) -> tuple[StreakProbe, ScoreCurve]:
            probe = known[1] if known is not None and _alike(known[0], result) else None
            if probe is None:
                pixels = image.kymograph(result.channel or 0, result.roi_id)
                probe = StreakProbe(pixels, result)
            return probe, probe.at(row_start)

        def done(found: tuple[StreakProbe, ScoreCurve]) -> None:
            probe, curve = found
            self._probe = (result, probe)
            now = self.result
            if now is None or self.place is None or now is not result:
                return
            if int(now.columns["row_start"][self.place[2]]) != row_start:
                self._show()  # the user has moved on meanwhile
                return
            self._curve.draw(curve)

        self._run.start(
            "Streak probe", work, on_done=done,
            on_failed=lambda error: self._curve.clear(hide_names(str(error))),
        )  # fmt: skip

    def __repr__(self) -> str:
        return f"StreakProbePanel({self.place})"


def _geometry(result: AnalysisResult) -> ScanGeometry:
    """How slopes in a result stand for velocities."""
    from cloudscope.analysis.streaks.geometry import scan_geometry

    bounds, parameters = result.bounds or (0, 1, 0, 1), result.parameters
    period, pixel = result.calibration.line_period_s, result.calibration.pixel_size_um
    assert period is not None
    assert pixel is not None
    return scan_geometry(
        line_period_s=period,
        pixel_size_um=pixel,
        columns=bounds[3] - bounds[2],
        scan_time_s=parameters.get("scan_time_s", 0.0),
        line_angle_deg=parameters.get("line_angle_deg", 0.0),
        to_and_fro=parameters.get("bidirectional", "no") != "no",
    )


def _alike(a: AnalysisResult, b: AnalysisResult) -> bool:
    """Whether one reading of the recording serves both: what was set by hand does not matter."""
    return (a.key, a.bounds, a.calibration, dict(a.parameters)) == (
        b.key, b.bounds, b.calibration, dict(b.parameters),
    )  # fmt: skip


def _button(text: str, tooltip: str) -> ipywidgets.Button:
    return ipywidgets.Button(description=text, tooltip=tooltip, layout={"width": "auto"})


def _step(text: str, tooltip: str) -> ipywidgets.Button:
    return ipywidgets.Button(
        description=text, tooltip=tooltip, _dom_classes=["cs-quiet"],
        layout={"width": "36px", "padding": "0"},
    )  # fmt: skip

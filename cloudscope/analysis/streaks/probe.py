"""The score of every trial velocity in one window: to see why a velocity was chosen."""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from cloudscope.analysis.parameters import validate_parameters
from cloudscope.analysis.registry import get_analysis
from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.streaks.classic import angle_curve, classic_velocity
from cloudscope.analysis.streaks.evidence import candidates
from cloudscope.analysis.streaks.explanation import Estimator, explain
from cloudscope.analysis.streaks.preparation import prepare
from cloudscope.analysis.streaks.quality import second_best
from cloudscope.analysis.streaks.sampling import Sampling
from cloudscope.analysis.streaks.search import CANDIDATES
from cloudscope.errors import ParameterError

__all__ = ["ScoreCurve", "StreakProbe", "streak_score"]


@dataclass(frozen=True, eq=False)
class ScoreCurve:
    """How well each trial velocity explains one window.

    Attributes
    ----------
    row_start, row_stop : int
        Lines of the window.
    velocity_um_per_s : ndarray, shape (v,)
        Trial velocities, ascending.
    score : ndarray, shape (v,)
        Log evidence in nats (a difference of 3 is 20 to 1); for the classic method the variance
        of the projection.
    allowed : ndarray of bool, shape (v,)
        Whether direction and speed limits let it be chosen.
    chosen_um_per_s, second_um_per_s : float
        As the result says, which also looks at neighbouring windows; without one the highest of
        this window, refined, and the next highest. NaN: none.
    """

    row_start: int
    row_stop: int
    velocity_um_per_s: np.ndarray
    score: np.ndarray
    allowed: np.ndarray
    chosen_um_per_s: float
    second_um_per_s: float


class StreakProbe:
    """Score curves of many windows of one recording: the whole of it is read once.

    Parameters
    ----------
    kymograph : array_like, shape (lines, columns)
        Of the ROI.
    result_or_parameters : AnalysisResult or mapping
        A result of `radon_velocity` on this kymograph, or parameters of it.
    line_period_s, pixel_size_um : float, optional
        Needed with parameters; a result has its own.

    Raises
    ------
    ParameterError, CalibrationError
        As `radon_velocity`.
    """

    def __init__(
        self,
        kymograph: Any,
        result_or_parameters: AnalysisResult | Mapping[str, Any],
        *,
        line_period_s: float | None = None,
        pixel_size_um: float | None = None,
    ) -> None:
        self.result: AnalysisResult | None = None
        given = result_or_parameters
        if isinstance(given, AnalysisResult):
            if given.analysis != "radon_velocity":
                raise ParameterError(
                    f"result of {given.analysis!r} has no streaks: give one of radon_velocity"
                )
            self.result = given
            line_period_s = given.calibration.line_period_s
            pixel_size_um = given.calibration.pixel_size_um
        self.parameters = validate_parameters(
            get_analysis("radon_velocity").parameters,
            given.parameters if isinstance(given, AnalysisResult) else given,
            owner="radon_velocity",
        )
        self.prepared = prepare(
            kymograph,
            self.parameters,
            line_period_s=line_period_s,
            pixel_size_um=pixel_size_um,
            checkpoint=lambda done: None,
        )

    @cached_property
    def _estimator(self) -> Estimator:
        prepared = self.prepared
        return Estimator.of(prepared.lines, prepared.background, prepared.window, prepared.step)

    def at(self, row_start: int) -> ScoreCurve:
        """The curve of the window that begins at a line.

        Parameters
        ----------
        row_start : int
            Any line that leaves room for a window; a window of the result gives the very curve
            that was searched.

        Raises
        ------
        ParameterError
            If there is no room for a window.
        """
        row = _checked_row(row_start, len(self.prepared.lines) - self.prepared.window)
        if self.parameters["method"] == "classic":
            slope, score, chosen, second = self._classic(row)
        else:
            slope, score, chosen, second = self._correlation(row)
        geometry = self.prepared.geometry
        chosen, second = geometry.velocity(np.array([chosen, second])).tolist()
        if self.result is not None:
            at = np.flatnonzero(self.result.columns["row_start"] == row)
            if at.size:
                chosen = float(self.result.columns["velocity_um_per_s"][at[0]])
                second = float(self.result.columns["second_velocity_um_per_s"][at[0]])
        return ScoreCurve(
            row_start=row,
            row_stop=row + self.prepared.window,
            velocity_um_per_s=geometry.velocity(slope),
            score=score,
            allowed=self.prepared.limits.allow(slope),
            chosen_um_per_s=chosen,
            second_um_per_s=second,
        )

    def _correlation(self, row: int) -> tuple[np.ndarray, np.ndarray, float, float]:
        recording, rays = self._estimator.recording, self._estimator.rays
        recording.starts = np.array([row])
        seen = explain(self._estimator, 0, 1)
        index, height = candidates(seen.evidence, CANDIDATES)
        rivals = rays.velocity[index]
        height = np.where(self.prepared.limits.allow(rivals), height, -np.inf)
        score = seen.evidence[0].astype(np.float64)
        top = int(height[0].argmax())
        if not np.isfinite(height[0, top]) or not seen.energy[0] > 0:
            return rays.velocity, score, float("nan"), float("nan")
        trial = rivals[:, top]
        longest = np.array([recording.sampling.spans[seen.span[0, index[0, top]]]])
        fit = self._estimator.refiner.refine(seen.rho, trial, longest=longest)
        chosen = fit.velocity if self.prepared.limits.allow(fit.velocity)[0] else trial
        second, _ = second_best(chosen, rivals, height, recording.sampling.lags[-1])
        return rays.velocity, score, float(chosen[0]), float(second[0])

    def _classic(self, row: int) -> tuple[np.ndarray, np.ndarray, float, float]:
        prepared = self.prepared
        pixels = prepared.background.normalised(prepared.lines[row : row + prepared.window], row)
        curve = angle_curve(pixels)
        ceiling = Sampling.of(prepared.lines.shape[1], prepared.window).ceiling_px_per_line
        shown = np.abs(curve.slope) <= ceiling
        best, second = classic_velocity(pixels, prepared.limits)
        return curve.slope[shown], curve.variance[shown], best, second


def _checked_row(row_start: Any, last: int) -> int:
    whole = isinstance(row_start, numbers.Integral) and not isinstance(row_start, bool)
    if not whole or not 0 <= row_start <= last:
        raise ParameterError(
            f"row_start={row_start!r} is not allowed: give a whole number from 0 to {last}"
        )
    return int(row_start)


def streak_score(
    kymograph: Any,
    result_or_parameters: AnalysisResult | Mapping[str, Any],
    row_start: int,
    *,
    line_period_s: float | None = None,
    pixel_size_um: float | None = None,
) -> ScoreCurve:
    """The score of every trial velocity in one window of a recording.

    Parameters
    ----------
    kymograph : array_like, shape (lines, columns)
        Of the ROI: its background, noise and cells are taken from the whole of it, as for the
        measurement. For many windows `StreakProbe` reads it once.
    result_or_parameters : AnalysisResult or mapping
        A result of `radon_velocity` on this kymograph, or parameters of it.
    row_start : int
        First line of the window.
    line_period_s, pixel_size_um : float, optional
        Needed with parameters; a result has its own.

    Raises
    ------
    ParameterError, CalibrationError
        As `radon_velocity`, or if there is no such window.

    Examples
    --------
    >>> cells = np.random.default_rng(1).normal(size=700)
    >>> kymograph = np.array([cells[600 - 2 * line : 640 - 2 * line] for line in range(256)])
    >>> curve = streak_score(kymograph, {}, 64, line_period_s=1e-3, pixel_size_um=0.5)
    >>> float(curve.velocity_um_per_s[curve.score.argmax()].round(-2))
    1000.0
    >>> round(curve.chosen_um_per_s, -2)
    1000.0
    """
    probe = StreakProbe(
        kymograph, result_or_parameters, line_period_s=line_period_s, pixel_size_um=pixel_size_um
    )
    return probe.at(row_start)

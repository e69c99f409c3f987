"""How far measured windows are from the truth, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cloudscope.analysis.phantom.twin import Phantom
from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.samples import samples_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Measured", "Score", "score"]

_PARTS = 4
"""Parts of a phantom that are taken for independent in the intervals."""

_RESAMPLES = 400
_STALL_PX = 0.25
"""Error over a whole window that counts as right however slow the flow."""


@dataclass(frozen=True, eq=False)
class Measured:
    """One phantom's windows.

    Attributes
    ----------
    truth, value, sd : ndarray of float64, shape (windows,)
        Mean velocity of the lines, what was measured, and its stated standard deviation (µm/s).
    accepted : ndarray of bool, shape (windows,)
    hidden_um_per_s : float
        Standard deviation of the velocity inside windows: what their mean does not show.
    stall_um_per_s : float
        A quarter of a pixel over a whole window.
    independent : float
        Windows that share no lines, as a share of all.
    """

    truth: NDArray[np.float64]
    value: NDArray[np.float64]
    sd: NDArray[np.float64]
    accepted: NDArray[np.bool_]
    hidden_um_per_s: float
    stall_um_per_s: float
    independent: float

    @classmethod
    def of(cls, result: AnalysisResult, phantom: Phantom, stall_um_per_s: float) -> Measured:
        """Windows of `result` beside the truth."""
        samples = samples_of(result)
        start = np.asarray(result.columns["row_start"])
        stop = np.asarray(result.columns["row_stop"])
        truth = phantom.mean_velocity_um_per_s(start, stop)
        squares = np.concatenate([[0.0], np.cumsum(phantom.velocity_um_per_s**2)])
        within = (squares[stop] - squares[start]) / (stop - start) - truth**2
        window = float(stop[0] - start[0])
        step = float(np.median(np.diff(start))) if start.size > 1 else window
        return cls(
            truth=truth,
            value=samples.value,
            sd=samples.sd,
            accepted=samples.usable,
            hidden_um_per_s=float(np.sqrt(np.clip(within, 0.0, None).mean())),
            stall_um_per_s=stall_um_per_s,
            independent=min(step / window, 1.0),
        )


Interval = tuple[float, float, float]
"""Value, and the lower and upper end of its 95 % interval."""


@dataclass(frozen=True, slots=True)
class Score:
    """Errors of the accepted windows of all phantoms; each with its 95 % interval.

    Attributes
    ----------
    window_lines : int
        Lines of a window.
    windows : int
        How many there were, accepted or not.
    accepted_share : Interval
    bias_um_per_s : Interval
        Median error of the speed: above 0 it is measured too fast.
    spread_um_per_s : Interval
        Standard deviation of the errors about their median, from their median distance to it.
    rms_um_per_s : float
        Root mean square of the errors, slips included.
    right_share, covered_share : Interval
        Within 10 % of the truth (or a quarter of a pixel a window), and within two stated
        standard deviations of it.
    speed_um_per_s : float
        Median speed of the truth, to which percentages refer.
    hidden_um_per_s, sd_um_per_s : float
        Standard deviation of the velocity inside windows, and median stated standard deviation.
    """

    window_lines: int
    windows: int
    accepted_share: Interval
    bias_um_per_s: Interval
    spread_um_per_s: Interval
    rms_um_per_s: float
    right_share: Interval
    covered_share: Interval
    speed_um_per_s: float
    hidden_um_per_s: float
    sd_um_per_s: float


def score(measured: Sequence[Measured], window_lines: int, seed: int) -> Score:
    """Errors over all phantoms.

    Shares have Wilson intervals for as many windows as share no lines; bias and spread come from
    a bootstrap over parts of the phantoms, as windows of one part are not independent.
    """
    errors, parts, right, covered = [], [], [], []
    for number, one in enumerate(measured):
        kept = one.accepted
        off = (one.value - one.truth)[kept]
        truth = one.truth[kept]
        errors.append(off * np.where(truth < 0, -1.0, 1.0))
        place = np.arange(one.truth.size) * _PARTS // max(one.truth.size, 1)
        parts.append(number * _PARTS + place[kept])
        right.append(np.abs(off) <= np.maximum(0.1 * np.abs(truth), one.stall_um_per_s))
        known = np.isfinite(one.sd[kept])
        covered.append((np.abs(off) <= 2.0 * one.sd[kept])[known])
    error, part = np.concatenate(errors), np.concatenate(parts)
    accepted = np.concatenate([one.accepted for one in measured])
    truth = np.abs(np.concatenate([one.truth for one in measured]))
    sds = np.concatenate([one.sd[one.accepted] for one in measured])
    sds = sds[np.isfinite(sds)]
    independent = float(np.mean([one.independent for one in measured]))
    bias, spread = _bootstrapped(error, part, seed)
    return Score(
        window_lines=window_lines,
        windows=int(accepted.size),
        accepted_share=_share(accepted, independent),
        bias_um_per_s=bias,
        spread_um_per_s=spread,
        rms_um_per_s=float(np.sqrt(np.mean(error**2))) if error.size else float("nan"),
        right_share=_share(np.concatenate(right), independent),
        covered_share=_share(np.concatenate(covered), independent),
        speed_um_per_s=float(np.median(truth)),
        hidden_um_per_s=float(np.sqrt(np.mean([one.hidden_um_per_s**2 for one in measured]))),
        sd_um_per_s=float(np.median(sds)) if sds.size else float("nan"),
    )


def _share(true: NDArray[np.bool_], independent: float) -> Interval:
    """Share that is true, with Wilson's interval for the independent among them."""
    if true.size == 0:
        return (float("nan"),) * 3
    share = float(true.mean())
    count = max(true.size * independent, 1.0)
    z2 = 1.96**2
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = np.sqrt(z2 * (share * (1 - share) / count + z2 / (4 * count**2))) / (1 + z2 / count)
    return share, float(max(middle - half, 0.0)), float(min(middle + half, 1.0))


def _spread(error: NDArray[np.float64]) -> float:
    return float(1.4826 * np.median(np.abs(error - np.median(error))))


def _bootstrapped(
    error: NDArray[np.float64], part: NDArray[np.intp], seed: int
) -> tuple[Interval, Interval]:
    """Median and spread of errors, with intervals from resampled parts."""
    if error.size == 0:
        return (float("nan"),) * 3, (float("nan"),) * 3
    groups = [error[part == number] for number in np.unique(part)]
    chance = np.random.default_rng([seed, 11])
    drawn = np.empty((2, _RESAMPLES))
    for n in range(_RESAMPLES):
        again = np.concatenate([groups[k] for k in chance.integers(0, len(groups), len(groups))])
        drawn[:, n] = np.median(again), _spread(again)
    low, high = np.quantile(drawn, (0.025, 0.975), axis=1)
    bias = (float(np.median(error)), float(low[0]), float(high[0]))
    return bias, (_spread(error), float(low[1]), float(high[1]))

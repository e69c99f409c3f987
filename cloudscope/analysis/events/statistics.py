"""Velocity before, inside and after an event."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt
from typing import TYPE_CHECKING

import numpy as np

from cloudscope.analysis.events.course import window_of
from cloudscope.analysis.samples import Samples, samples_of
from cloudscope.errors import ParameterError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from cloudscope.analysis.result import AnalysisResult

__all__ = ["Stretch", "VelocitySamples", "event_statistics"]

_PARTS = ("before", "inside", "after")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Velocity within a stretch of time (µm/s); NaN where there is no sample.

    Attributes
    ----------
    n : int
        Windows measured in it.
    mean, minimum, maximum, sd : float
        Of the windows.
    sem : float
        One standard deviation of the mean: `sd` over the root of how many windows do not overlap.
    cv : float
        `sd` over the size of the mean.
    mean_sd : float
        One standard deviation of the mean by the windows' own, without what the flow itself does.
    """

    n: int
    mean: float
    minimum: float
    maximum: float
    sd: float
    sem: float
    cv: float
    mean_sd: float


@dataclass(frozen=True, eq=False)
class VelocitySamples:
    """The usable samples of a velocity result, and how long a window of them is."""

    samples: Samples
    window_s: float
    step_s: float

    @classmethod
    def of(cls, velocity: AnalysisResult) -> VelocitySamples:
        """Those of a result with a course over time."""
        samples = samples_of(velocity)
        step = samples.step_s if samples.time_s.size > 1 else window_of(velocity, 1.0)
        return cls(samples, window_of(velocity, step), step)

    def chosen(self, start_s: float, stop_s: float) -> NDArray[np.intp]:
        """Indices of the windows that lie in a stretch.

        Where none lies wholly in it, those whose middle does.
        """
        time = self.samples.time_s
        # Half a step of grace: an edge is not known better than that.
        half = max(0.5 * (self.window_s - self.step_s), 0.0)
        whole = (time >= start_s + half) & (time <= stop_s - half) & self.samples.usable
        if not whole.any():
            whole = (time >= start_s) & (time <= stop_s) & self.samples.usable
        return np.flatnonzero(whole)

    def stretch(self, start_s: float, stop_s: float) -> Stretch:
        """What the windows between two times say together."""
        at = self.chosen(start_s, stop_s)
        values = self.samples.value[at]
        n = int(values.size)
        if not n:
            return Stretch(0, nan, nan, nan, nan, nan, nan, nan)
        size = float(np.abs(values).max()) or 1.0
        scaled = values / size
        mean = float(scaled.mean())
        sd = float(scaled.std(ddof=1)) if n > 1 else nan
        independent = min(max(1.0, n * self.step_s / max(self.window_s, self.step_s)), float(n))
        own = self.samples.sd[at] / size
        known = np.isfinite(own) & (own < 1e100)
        own_sd = float(np.sqrt(np.mean(own[known] ** 2))) if known.any() else nan
        return Stretch(
            n=n,
            mean=mean * size,
            minimum=float(values.min()),
            maximum=float(values.max()),
            sd=sd * size,
            sem=sd * size / sqrt(independent),
            cv=sd / abs(mean) if mean else nan,
            mean_sd=own_sd * size / sqrt(independent),
        )

    def extreme(self, start_s: float, stop_s: float, usual: float) -> tuple[float, float]:
        """Time and velocity of the window furthest from `usual` within a stretch."""
        time = self.samples.time_s
        inside = (time >= start_s) & (time <= stop_s) & self.samples.usable
        at = np.flatnonzero(inside)
        if not at.size:
            return nan, nan
        furthest = at[np.argmax(np.abs(self.samples.value[at] - usual))]
        return float(time[furthest]), float(self.samples.value[furthest])


def event_statistics(
    velocity: AnalysisResult,
    events: AnalysisResult | pd.DataFrame,
    pre_s: float = 1.0,
    post_s: float = 1.0,
) -> pd.DataFrame:
    """Statistics of the velocity before, inside and after each event.

    Parameters
    ----------
    velocity : AnalysisResult
        Of `radon_velocity` or `clean_velocity`.
    events : AnalysisResult or DataFrame
        Of `velocity_events`, or any table with columns ``start_s`` and ``stop_s``.
    pre_s, post_s : float
        How long before and after an event counts (s).

    Returns
    -------
    pandas.DataFrame
        One row an event: its ``event_id``, ``kind``, ``start_s`` and ``stop_s`` as far as the
        table has them, then for ``before``, ``inside`` and ``after`` the columns ``…_n``,
        ``…_mean_um_per_s``, ``…_min_um_per_s``, ``…_max_um_per_s``, ``…_sd_um_per_s``,
        ``…_sem_um_per_s`` and ``…_cv``. Windows count that lie wholly in the stretch and were
        accepted; where there is none, those whose middle lies in it. The standard error counts
        overlapping windows as what they are worth. What cannot be measured is NaN.

    Raises
    ------
    ParameterError
        If `pre_s` or `post_s` is negative or not finite, or the table has no start and stop.

    Examples
    --------
    >>> import pandas as pd
    >>> from cloudscope.analysis.radon_velocity import radon_velocity
    >>> from cloudscope.synthetic import velocity_kymograph
    >>> truth = velocity_kymograph(500.0, lines=3000, snr=4.0, seed=1)
    >>> velocity = radon_velocity(truth.image, line_period_s=1e-3, pixel_size_um=0.5)
    >>> events = pd.DataFrame({"start_s": [1.2], "stop_s": [1.8]})
    >>> statistics = event_statistics(velocity, events, pre_s=0.5)
    >>> statistics[["before_mean_um_per_s", "inside_mean_um_per_s"]].round(-1).values.tolist()
    [[500.0, 500.0]]
    """
    import pandas as pd

    for name, value in (("pre_s", pre_s), ("post_s", post_s)):
        if not (np.isfinite(value) and value >= 0):
            raise ParameterError(f"{name}={value!r} is not allowed: give seconds, 0 or more")
    table = events if isinstance(events, pd.DataFrame) else events.table
    if "start_s" not in table or "stop_s" not in table:
        raise ParameterError(
            "events has no columns start_s and stop_s: give a result of velocity_events or a "
            "table with both"
        )
    course = VelocitySamples.of(velocity)
    rows = []
    for start, stop in zip(table["start_s"], table["stop_s"], strict=True):
        row: dict[str, float] = {}
        spans = ((start - pre_s, start), (start, stop), (stop, stop + post_s))
        for part, span in zip(_PARTS, spans, strict=True):
            one = course.stretch(*span)
            row |= {
                f"{part}_n": one.n,
                f"{part}_mean_um_per_s": one.mean,
                f"{part}_min_um_per_s": one.minimum,
                f"{part}_max_um_per_s": one.maximum,
                f"{part}_sd_um_per_s": one.sd,
                f"{part}_sem_um_per_s": one.sem,
                f"{part}_cv": one.cv,
            }
        rows.append(row)
    kept = [n for n in ("event_id", "kind", "label", "start_s", "stop_s") if n in table]
    empty = [
        f"{part}_{name}"
        for part in _PARTS
        for name in (
            "n",
            *(f"{what}_um_per_s" for what in ("mean", "min", "max", "sd", "sem")),
            "cv",
        )
    ]
    numbers = pd.DataFrame(rows, columns=empty, index=table.index)
    return pd.concat([table[kept], numbers], axis=1).reset_index(drop=True)

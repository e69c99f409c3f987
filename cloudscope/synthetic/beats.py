"""Series that beat like a heart, with the time of each beat."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from cloudscope.errors import ParameterError
from cloudscope.synthetic.allowed import finite, not_negative, positive, share, whole
from cloudscope.synthetic.series import line_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BeatSeriesTruth", "beat_series"]


def _waveform(phase: NDArray[np.float64]) -> NDArray[np.float64]:
    """A beat of mean 0: steep upstroke, slower decay with a shoulder. Period 1."""
    turn = 2 * np.pi * phase
    beat: NDArray[np.float64] = (
        np.sin(turn) + 0.45 * np.sin(2 * turn + 0.3) + 0.12 * np.sin(3 * turn + 0.8)
    )
    return beat


_PHASE = np.arange(20_000) / 20_000
_WAVE = _waveform(_PHASE)
_PEAK, _FOOT = float(_PHASE[_WAVE.argmax()]), float(_PHASE[_WAVE.argmin()])
_HEIGHT = float(np.ptp(_WAVE))


@dataclass(frozen=True, eq=False, kw_only=True)
class BeatSeriesTruth:
    """A series that beats, and when it does.

    Attributes
    ----------
    value : ndarray of float64, shape (lines,)
        In the unit of its mean; read-only.
    beat_s : ndarray of float64, shape (beats + 1,)
        Where each beat begins, and where the last one ends: beats follow each other without
        gaps, from before the first line to after the last; read-only.
    line_period_s : float
    mean, pulse_height : float
        Level, and highest minus lowest value of a beat, both without the drift.
    """

    value: NDArray[np.float64] = field(repr=False)
    beat_s: NDArray[np.float64] = field(repr=False)
    line_period_s: float
    mean: float
    pulse_height: float

    def __post_init__(self) -> None:
        self.value.flags.writeable = False
        self.beat_s.flags.writeable = False

    @property
    def time_s(self) -> NDArray[np.float64]:
        """Time of each line, from the first one (s)."""
        return line_times(self.value.size, self.line_period_s)

    def _within(self, phase: float) -> NDArray[np.float64]:
        at = self.beat_s[:-1] + phase * np.diff(self.beat_s)
        inside: NDArray[np.float64] = at[(at >= 0) & (at <= self.time_s[-1])]
        return inside

    @property
    def peak_s(self) -> NDArray[np.float64]:
        """Where the absolute value of each beat is highest, within the recording (s)."""
        return self._within(_PEAK)

    @property
    def foot_s(self) -> NDArray[np.float64]:
        """Where the absolute value of each beat is lowest, before its upstroke (s)."""
        return self._within(_FOOT)

    @property
    def rate_bpm(self) -> float:
        """Beats a minute: the median of the beats whose peaks are in the recording."""
        peaks = self.peak_s
        return float(60.0 / np.median(np.diff(peaks))) if peaks.size > 1 else float("nan")

    @property
    def mean_rate_bpm(self) -> float:
        """Beats a minute over the whole recording, from its share of each beat."""
        ends = np.interp([0.0, self.time_s[-1]], self.beat_s, np.arange(self.beat_s.size))
        return float(60.0 * np.ptp(ends) / self.time_s[-1])

    @property
    def pulsatility_index(self) -> float:
        """(Highest - lowest) / mean of a beat without drift, by absolute values (Gosling)."""
        return self.pulse_height / abs(self.mean)

    @property
    def resistivity_index(self) -> float:
        """(Highest - lowest) / highest of a beat without drift, by absolute values (Pourcelot)."""
        highest = abs(self.mean) + self.pulse_height * float(_WAVE.max()) / _HEIGHT
        return self.pulse_height / highest


def beat_series(
    lines: int,
    *,
    mean: float,
    rate_bpm: float = 480.0,
    line_period_s: float = 1e-3,
    pulsatility: float = 0.5,
    irregularity: float = 0.0,
    rate_change: float = 0.0,
    missed_share: float = 0.0,
    drift: float = 0.0,
    seed: int = 0,
) -> BeatSeriesTruth:
    """A series that beats like a heart, regular or not, for velocity, diameter or a bare trace.

    Each beat is the same wave (three harmonics), stretched to its own length.

    Parameters
    ----------
    lines : int
        Number of values, one a line.
    mean : float
        Level around which it beats, in any unit; below 0, the absolute value beats.
    rate_bpm : float
        Beats a minute; 480 is a mouse under anaesthesia.
    line_period_s : float
        Time from line to line (s).
    pulsatility : float
        Highest minus lowest value of a beat, over the mean.
    irregularity : float
        Standard deviation of the length of a beat over its mean; below 0.3.
    rate_change : float
        Change of the rate over the recording, over its mean: 0.2 goes from 90 to 110 %.
    missed_share : float
        Share of beats that come late by one length, as after a dropped beat.
    drift : float
        Slow wave of the level, one period over the recording, as a share of the mean.
    seed : int

    Returns
    -------
    BeatSeriesTruth

    Raises
    ------
    ParameterError
        Naming the parameter, its value and what is allowed.

    Examples
    --------
    >>> truth = beat_series(10_000, mean=800.0, rate_bpm=500.0, irregularity=0.05, seed=2)
    >>> abs(truth.rate_bpm / 500 - 1) < 0.03, truth.pulsatility_index
    (True, 0.5)
    """
    whole(1, lines=lines)
    whole(0, seed=seed)
    positive(line_period_s=line_period_s, rate_bpm=rate_bpm)
    not_negative(irregularity=irregularity, pulsatility=pulsatility)
    share(below_one=True, missed_share=missed_share)
    finite(mean=mean, rate_change=rate_change, drift=drift)
    if irregularity >= 0.3:
        raise ParameterError(
            f"irregularity={irregularity!r} is not allowed: give a number from 0 to below 0.3"
        )
    if not abs(rate_change) < 2:
        raise ParameterError(
            f"rate_change={rate_change!r} is not allowed: give a number between -2 and 2"
        )
    rng = np.random.default_rng(seed)
    duration_s = lines * line_period_s
    length_s = 60.0 / rate_bpm
    # Beats are drawn one by one: the next begins where the one before ends.
    beats = [-length_s * float(rng.uniform(1.0, 2.0))]
    while beats[-1] < duration_s + length_s:
        rate = 1.0 + rate_change * (min(max(beats[-1] / duration_s, 0.0), 1.0) - 0.5)
        length = length_s / rate * (1.0 + irregularity * float(np.clip(rng.normal(), -3, 3)))
        late = length_s if missed_share and rng.random() < missed_share else 0.0
        beats.append(beats[-1] + length + late)
    beat_s = np.array(beats)
    time_s = line_times(lines, line_period_s)
    phase = np.interp(time_s, beat_s, np.arange(beat_s.size))
    height = pulsatility * abs(mean)
    slow = drift * np.sin(2 * np.pi * np.arange(int(lines)) / int(lines))
    value = mean * (1.0 + slow) + np.sign(mean) * height * _waveform(phase) / _HEIGHT
    return BeatSeriesTruth(
        value=value,
        beat_s=beat_s,
        line_period_s=line_period_s,
        mean=mean,
        pulse_height=height,
    )

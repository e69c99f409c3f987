"""Flow that is not steady: stalls, reversals, drops and rises at known times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from cloudscope.errors import ParameterError
from cloudscope.synthetic.allowed import finite, not_negative, pair, positive, whole
from cloudscope.synthetic.series import line_series, line_times

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["EventKind", "EventSeriesTruth", "FlowEvent", "event_series", "random_events"]

EventKind = Literal["stall", "reversal", "drop", "rise"]

_FACTORS: dict[EventKind, tuple[float, float]] = {
    "stall": (0.0, 0.0),
    "reversal": (-1.0, -0.3),
    "drop": (0.2, 0.6),
    "rise": (1.5, 2.5),
}
"""Velocity during an event over that without it: from, to."""


@dataclass(frozen=True, slots=True)
class FlowEvent:
    """One change of the flow that ends again.

    Attributes
    ----------
    kind : {"stall", "reversal", "drop", "rise"}
    start_s, stop_s : float
        Where the velocity is half way into the event and half way out of it, from the first line.
    factor : float
        Velocity during the event over the velocity without it: 0 in a stall, below 0 in a
        reversal, between 0 and 1 in a drop, above 1 in a rise.
    """

    kind: EventKind
    start_s: float
    stop_s: float
    factor: float = 0.0

    def __post_init__(self) -> None:
        if not isinstance(self.kind, str) or self.kind not in _FACTORS:
            raise ParameterError(
                f"kind={self.kind!r} is not allowed: give one of {', '.join(map(repr, _FACTORS))}"
            )
        finite(start_s=self.start_s, stop_s=self.stop_s, factor=self.factor)
        if not self.start_s < self.stop_s:
            raise ParameterError(
                f"stop_s={self.stop_s!r} is not allowed: give a time after start_s={self.start_s!r}"
            )
        fits = {
            "stall": self.factor == 0,
            "reversal": self.factor < 0,
            "drop": 0 < self.factor < 1,
            "rise": 1 < self.factor < np.inf,
        }
        if not fits[self.kind]:
            raise ParameterError(
                f"factor={self.factor!r} is not allowed for a {self.kind}: give 0 for a stall, "
                "less for a reversal, between 0 and 1 for a drop, more than 1 for a rise"
            )

    @property
    def duration_s(self) -> float:
        """From half way in to half way out (s)."""
        return self.stop_s - self.start_s


@dataclass(frozen=True, eq=False, kw_only=True)
class EventSeriesTruth:
    """A velocity with events, line by line.

    Attributes
    ----------
    velocity_um_per_s, baseline_um_per_s : ndarray of float64, shape (lines,)
        With the events, and what it would be without them; read-only.
    events : tuple of FlowEvent
        In the order of time.
    line_period_s, ramp_s : float
    """

    velocity_um_per_s: NDArray[np.float64] = field(repr=False)
    baseline_um_per_s: NDArray[np.float64] = field(repr=False)
    events: tuple[FlowEvent, ...]
    line_period_s: float
    ramp_s: float

    def __post_init__(self) -> None:
        self.velocity_um_per_s.flags.writeable = False
        self.baseline_um_per_s.flags.writeable = False

    @property
    def time_s(self) -> NDArray[np.float64]:
        """Time of each line, from the first one (s)."""
        return line_times(self.velocity_um_per_s.size, self.line_period_s)

    def share_of_time(self, kind: EventKind) -> float:
        """Share of the recording in events of one kind."""
        total = sum(event.duration_s for event in self.events if event.kind == kind)
        return total / (self.velocity_um_per_s.size * self.line_period_s)


def event_series(
    baseline_um_per_s: ArrayLike,
    events: Sequence[FlowEvent],
    *,
    lines: int | None = None,
    line_period_s: float = 1e-3,
    ramp_s: float = 0.02,
) -> EventSeriesTruth:
    """A velocity that leaves its baseline at known times: for `velocity_kymograph`.

    Parameters
    ----------
    baseline_um_per_s : float or array_like, shape (lines,)
        Velocity without events (µm/s), for example a `pulsatile_series`.
    events : sequence of FlowEvent
        Not overlapping, within the recording.
    lines : int, optional
        Number of lines, needed with a single velocity.
    line_period_s : float
        Time from line to line (s).
    ramp_s : float
        How long the velocity takes into an event and out of it (raised cosine, s); events are
        longer than this.

    Returns
    -------
    EventSeriesTruth

    Raises
    ------
    ParameterError
        If events overlap, are shorter than their ramps or not within the recording.

    Examples
    --------
    >>> stall = FlowEvent("stall", 0.4, 0.6)
    >>> truth = event_series(500.0, [stall], lines=1000)
    >>> truth.velocity_um_per_s[[100, 400, 500]].tolist(), round(truth.share_of_time("stall"), 3)
    ([500.0, 250.0, 0.0], 0.2)
    """
    baseline = line_series("baseline_um_per_s", baseline_um_per_s, lines).copy()
    positive(line_period_s=line_period_s, ramp_s=ramp_s)
    if not all(isinstance(event, FlowEvent) for event in events):
        raise ParameterError("events holds something else than FlowEvent: give FlowEvents")
    ordered = tuple(sorted(events, key=lambda event: event.start_s))
    duration_s = baseline.size * line_period_s
    before = 0.0
    time_s = line_times(baseline.size, line_period_s)
    factor = np.ones(baseline.size)
    for event in ordered:
        if event.duration_s < ramp_s:
            raise ParameterError(
                f"ramp_s={ramp_s!r} is not allowed: the {event.kind} at {event.start_s:g} s lasts "
                f"{event.duration_s:g} s; give a shorter ramp"
            )
        if event.start_s - 0.5 * ramp_s < before or event.stop_s + 0.5 * ramp_s > duration_s:
            raise ParameterError(
                f"events holds a {event.kind} from {event.start_s:g} to {event.stop_s:g} s that, "
                f"with its ramps of {ramp_s:g} s, overlaps another or leaves the recording of "
                f"{duration_s:g} s: give events apart from each other, within it"
            )
        before = event.stop_s + 0.5 * ramp_s
        inside = _ramp((time_s - event.start_s) / ramp_s) - _ramp((time_s - event.stop_s) / ramp_s)
        factor += (event.factor - 1.0) * inside
    return EventSeriesTruth(
        velocity_um_per_s=baseline * factor,
        baseline_um_per_s=baseline,
        events=ordered,
        line_period_s=line_period_s,
        ramp_s=ramp_s,
    )


def _ramp(along: NDArray[np.float64]) -> NDArray[np.float64]:
    """From 0 to 1 while its argument goes from -1/2 to 1/2: a raised cosine."""
    share: NDArray[np.float64] = 0.5 * (1.0 + np.sin(np.pi * np.clip(along, -0.5, 0.5)))
    return share


def random_events(
    duration_s: float,
    *,
    count: int = 6,
    kinds: Sequence[EventKind] = ("stall", "reversal", "drop", "rise"),
    event_s: tuple[float, float] = (0.2, 0.8),
    apart_s: float = 0.3,
    seed: int = 0,
) -> tuple[FlowEvent, ...]:
    """Events at random times, kinds in turn, for `event_series`.

    Parameters
    ----------
    duration_s : float
        Of the recording.
    count : int
        How many.
    kinds : sequence of str
        In the order in which they come.
    event_s : tuple of float
        Shortest and longest event (s).
    apart_s : float
        Least time between two, and to both ends of the recording (s).
    seed : int

    Returns
    -------
    tuple of FlowEvent

    Raises
    ------
    ParameterError
        If so many do not fit.

    Examples
    --------
    >>> [event.kind for event in random_events(10.0, count=3, seed=1)]
    ['stall', 'reversal', 'drop']
    """
    positive(duration_s=duration_s)
    not_negative(apart_s=apart_s)
    whole(0, count=count, seed=seed)
    shortest, longest = pair("event_s", event_s)
    if not set(kinds) <= _FACTORS.keys():
        raise ParameterError(
            f"kinds={kinds!r} is not allowed: give any of {', '.join(map(repr, _FACTORS))}"
        )
    rng = np.random.default_rng(seed)
    lengths = rng.uniform(shortest, longest, count)
    free = duration_s - float(lengths.sum()) - apart_s * (count + 1)
    if free < 0 or (count and not kinds):
        raise ParameterError(
            f"count={count!r} is not allowed: so many events with {apart_s:g} s between them do "
            f"not fit into {duration_s:g} s"
        )
    # Cutting the free time at random places leaves every arrangement equally likely.
    cuts = np.sort(rng.uniform(0.0, free, count))
    starts = cuts + np.concatenate([[0.0], np.cumsum(lengths)])[:count]
    starts = starts + apart_s * np.arange(1, count + 1)
    events = []
    for n, (start, length) in enumerate(zip(starts, lengths, strict=True)):
        kind = kinds[n % len(kinds)]
        factor = float(rng.uniform(*_FACTORS[kind]))
        events.append(FlowEvent(kind, float(start), float(start + length), factor))
    return tuple(events)

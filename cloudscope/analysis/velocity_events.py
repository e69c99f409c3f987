"""Events in a velocity: drops, rises, stalls, reversals and gaps, and their review.

Every time is in seconds. What counts as an event is set by two things: a change that matters, as a
share of the usual speed, and how often the unrest of this very recording - noise that overlapping
windows share, heart-beat, slow waves - would make it by chance. See ``docs/methods-events.md``.
"""

from __future__ import annotations

from typing import Annotated

from cloudscope.analysis.events.carrying import carry_over
from cloudscope.analysis.events.course import read_course
from cloudscope.analysis.events.detect import detect
from cloudscope.analysis.events.review import (
    add_event,
    delete_event,
    edit_event,
    review_event,
)
from cloudscope.analysis.events.statistics import VelocitySamples, event_statistics
from cloudscope.analysis.events.table import (
    COLUMNS,
    columns_of,
    course_summary,
    detected_rows,
    summary_of,
)
from cloudscope.analysis.execution import Cancel, Progress, checkpoint
from cloudscope.analysis.parameters import Param, checked_arguments
from cloudscope.analysis.registry import Input, register
from cloudscope.analysis.result import AnalysisResult

__all__ = [
    "add_event",
    "delete_event",
    "edit_event",
    "event_statistics",
    "review_event",
    "velocity_events",
]


@register(
    name="velocity_events",
    title="Velocity events",
    columns=COLUMNS,
    trace=None,
    headline="events_per_min",
    inputs=(
        Input(
            "velocity",
            ("radon_velocity", "clean_velocity"),
            "Velocity",
            "The course of velocity in which events are looked for.",
        ),
    ),
    carry_over=carry_over,
)
def velocity_events(
    velocity: AnalysisResult,
    *,
    false_alarms_per_min: Annotated[
        float,
        Param(
            "False alarms",
            "Drops and rises that the unrest of the flow alone may make, on average.",
            unit="1/min",
            minimum=1e-6,
            maximum=60.0,
            step=0.05,
        ),
    ] = 0.1,
    min_change_percent: Annotated[
        float,
        Param(
            "Least change",
            "Drops and rises of less than this share of the usual speed do not count.",
            unit="%",
            minimum=0.0,
            maximum=1000.0,
            step=5.0,
        ),
    ] = 25.0,
    min_duration_s: Annotated[
        float,
        Param(
            "Shortest",
            "Shortest drop, rise or reversal; two of a kind closer than this are one.",
            unit="s",
            minimum=0.0,
            maximum=1000.0,
            step=0.05,
        ),
    ] = 0.1,
    stall_percent: Annotated[
        float,
        Param(
            "Stall below",
            "Flow stalls below this share of the usual speed.",
            unit="%",
            minimum=0.0,
            maximum=50.0,
            step=1.0,
        ),
    ] = 10.0,
    stall_speed_um_per_s: Annotated[
        float,
        Param(
            "Stall speed",
            "Flow slower than this stalls, whatever is usual.",
            unit="µm/s",
            minimum=0.0,
            step=5.0,
            advanced=True,
        ),
    ] = 20.0,
    min_stall_s: Annotated[
        float,
        Param(
            "Shortest stall",
            "Stalls shorter than this do not count as such.",
            unit="s",
            minimum=0.0,
            maximum=1000.0,
            step=0.05,
        ),
    ] = 0.1,
    min_gap_s: Annotated[
        float,
        Param(
            "Shortest gap",
            "Stretches of at least this without an accepted velocity are gaps.",
            unit="s",
            minimum=0.0,
            maximum=10000.0,
            step=0.05,
        ),
    ] = 0.2,
    baseline_s: Annotated[
        float,
        Param(
            "Baseline",
            "Running median that is the usual speed; a change of more than half as long is a new "
            "usual speed, except a stall.",
            unit="s",
            minimum=0.01,
            maximum=100000.0,
            step=1.0,
            advanced=True,
        ),
    ] = 15.0,
    surround_s: Annotated[
        float,
        Param(
            "Surround",
            "How much before and after an event its velocities there are means of.",
            unit="s",
            minimum=0.0,
            maximum=10000.0,
            step=0.5,
            advanced=True,
        ),
    ] = 1.0,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> AnalysisResult:
    """Drops, rises, stalls, reversals and gaps of a velocity, one row each.

    Parameters
    ----------
    velocity : AnalysisResult
        Of `radon_velocity` or `clean_velocity`; its rows must be in the order of time.
    false_alarms_per_min : float
        How many drops and rises unrest alone may make in a minute, on average.
    min_change_percent : float
        Smallest change of the mean during a drop or rise, as a share of the usual speed.
    min_duration_s : float
        Shortest drop, rise and reversal.
    stall_percent, stall_speed_um_per_s : float
        Flow stalls below the larger of the two.
    min_stall_s, min_gap_s : float
        Shortest stall and gap.
    baseline_s : float
        Length of the running median that is the usual speed.
    surround_s : float
        Stretch before and after an event of which the table gives the mean velocity.
    progress : callable, optional
        Called with the finished share, 0 to 1.
    cancel : object with ``is_set()``, optional
        Asked once a round whether to stop.

    Returns
    -------
    AnalysisResult
        One row an event (see `COLUMNS`), in the order of time; none is allowed. Status: ``ok``;
        ``no begin``, ``no end`` (the recording begins or ends first, that time is its bound);
        ``not measured`` (times set by hand without the velocity at hand). The summary counts
        events by kind, stalled time and its share of the measured time.

    Raises
    ------
    ParameterError
        If a parameter is not allowed, or the times of `velocity` do not rise evenly.
    UnknownNameError
        If `velocity` has no course over time.
    AnalysisCancelled
        If `cancel` is set.

    Notes
    -----
    Drops and rises are of the speed along the prevailing direction of the flow: a velocity that
    goes from -1000 to -300 µm/s drops. An event has one row: a drop that is stall or reversal for
    half of its time or more is not listed a second time, a longer one around a stall is.

    Examples
    --------
    Flow that stops from 2.0 to 2.5 s:

    >>> import numpy as np
    >>> from cloudscope.analysis.radon_velocity import radon_velocity
    >>> from cloudscope.synthetic import velocity_kymograph
    >>> flow = np.full(5000, 800.0)
    >>> flow[2000:2500] = 0.0
    >>> truth = velocity_kymograph(flow, pixels=64, snr=4.0, seed=1)
    >>> velocity = radon_velocity(truth.image, line_period_s=1e-3, pixel_size_um=0.5)
    >>> events = velocity_events(velocity)
    >>> events.table[["kind", "start_s", "stop_s"]].round(1).values.tolist()
    [['stall', 2.0, 2.5]]
    """
    parameters = checked_arguments(velocity_events, locals())
    checkpoint(0.0, progress, cancel)
    course = read_course(velocity, parameters["min_duration_s"])
    detection, rows = None, []
    if course is not None:
        rounds = 0

        def each_round() -> None:
            nonlocal rounds
            rounds += 1
            checkpoint(1.0 - 0.9**rounds, progress, cancel)

        detection = detect(course, parameters, each_round)
        rows = detected_rows(detection, VelocitySamples.of(velocity), parameters["surround_s"])
    checkpoint(1.0, progress, cancel)
    return AnalysisResult.measured(
        "velocity_events",
        parameters=parameters,
        columns=columns_of(rows),
        summary=summary_of(rows, course_summary(detection), len(rows)),
        line_period_s=velocity.calibration.line_period_s,
        pixel_size_um=velocity.calibration.pixel_size_um,
        inputs={"velocity": velocity},
    )

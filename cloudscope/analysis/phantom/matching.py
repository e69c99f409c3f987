"""Makes a twin of a recording: takes its measures, draws, takes those of the drawing, corrects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cloudscope.analysis.phantom.course import course_of
from cloudscope.analysis.phantom.pattern import TrainPattern, train_pattern
from cloudscope.analysis.phantom.twin import Phantom, Twin, cells_like
from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.samples import samples_of
from cloudscope.errors import ParameterError

__all__ = ["lines_to_draw", "matched_twin", "stated_sd_um_per_s"]

Measure = Callable[[NDArray[Any], int | None], AnalysisResult]
"""Measures with windows of so many lines, or as the recording was measured."""

Checkpoint = Callable[[float], None]

_LINES_A_WINDOW = 48
"""Least number of windows' lengths in a phantom, where the recording has as many."""

_SPACINGS = 40
"""Cells that should pass, so that the still pattern is not theirs."""

_PART_PIXELS = 2_000_000
_PART_LINES = 40_000
"""What is looked at of a recording, at most."""

_SHORTEST_WINDOW = 16
_AS_MANY = 0.95
"""Share of accepted windows, over that of the measurement, that a shorter window must keep."""

_FASTEST_FADING = 0.5
"""Rate per line at which little of a cell is left two lines on."""

_ROUNDS = 4
_FEWER = 0.03
_AS_HARD = 1.15
"""Stated standard deviation of the recording, over that of its twin, that is taken for equal."""

_PIXELS = 1_000_000
_CLASSIC_WINDOWS = 24


def lines_to_draw(
    recording_lines: int,
    width: int,
    window_lines: int,
    lines_a_spacing: float,
    *,
    classic: bool,
) -> int:
    """Lines of one phantom: enough windows and cells, no more pixels than can be waited for."""
    wanted = max(_LINES_A_WINDOW * window_lines, _SPACINGS * lines_a_spacing, 2048)
    allowed = max(_PIXELS // width, 8 * window_lines)
    if classic:
        # Rotating a window takes some hundred times as long.
        allowed = _CLASSIC_WINDOWS * window_lines
    return int(min(recording_lines, wanted, allowed))


def _scan(result: AnalysisResult, period: float, pixel: float) -> dict[str, Any]:
    """How the line was scanned, as the measurement was told or found out."""
    parameters = result.parameters
    sweep = float(parameters.get("scan_time_s") or 0.0) / period
    how = parameters.get("bidirectional", "no")
    offset: float | None = None
    if how == "given":
        offset = float(parameters.get("bidirectional_offset_px") or 0.0)
    elif how == "estimate":
        found = result.summary.get("bidirectional_offset_px")
        offset = float(found) if found is not None and np.isfinite(found) else 0.0
    angle = float(parameters.get("line_angle_deg") or 0.0)
    return {
        "sweep_fraction": float(np.clip(sweep, 0.0, 1.0)),
        "bidirectional_offset_um": None if offset is None else offset * pixel,
        "along_line_share": float(np.cos(np.deg2rad(angle))),
    }


def _seen_px(
    velocity_um_per_s: NDArray[np.float64],
    scan: Mapping[str, Any],
    width: int,
    period: float,
    pixel: float,
) -> NDArray[np.float64]:
    """Velocity at which the pattern moves over the line as it is scanned (pixels per line)."""
    true = velocity_um_per_s * scan["along_line_share"] * period / pixel
    slowed = np.ones(true.size)
    if scan["bidirectional_offset_um"] is None:
        slowed = np.maximum(1.0 - true * scan["sweep_fraction"] / width, 0.05)
    seen: NDArray[np.float64] = true / slowed
    return seen


def _pattern(
    image: NDArray[Any],
    velocity: NDArray[np.float64],
    scan: Mapping[str, Any],
    result: AnalysisResult,
    checkpoint: Checkpoint,
) -> TrainPattern:
    period, pixel = result.calibration.line_period_s, result.calibration.pixel_size_um
    assert period is not None
    assert pixel is not None
    seen = _seen_px(velocity, scan, image.shape[1], period, pixel)
    offset = scan["bidirectional_offset_um"]
    return train_pattern(
        image, seen, checkpoint, odd_lines_px=0.0 if offset is None else offset / pixel
    )


def _finest_course(
    image: NDArray[Any], part: slice, result: AnalysisResult, measure: Measure
) -> NDArray[np.float64]:
    """Velocity of each line of a part, from windows as short as still measure it well.

    A window hides what the velocity does inside it. Measured with shorter ones the course has
    more of it, as long as most of these are accepted.
    """
    whole = course_of(result, part.stop).velocity_um_per_s[part]
    window = int(result.parameters["window_lines"])
    if result.parameters.get("method") == "classic":
        return whole
    own = samples_of(result).usable.mean()
    for shorter in (window // 4, window // 2):
        if shorter < _SHORTEST_WINDOW:
            continue
        again = measure(image, shorter)
        if samples_of(again).usable.mean() >= _AS_MANY * own:
            return course_of(again, whole.size).velocity_um_per_s
    return whole


def matched_twin(
    kymograph: NDArray[Any],
    result: AnalysisResult,
    *,
    period: float,
    pixel: float,
    blur_sigma_um: float,
    lines: int | None,
    seed: int,
    measure: Measure,
    checkpoint: Checkpoint,
) -> Twin:
    """A twin whose drawings look like `kymograph` to the same measurement.

    Signal-to-noise ratio, cell length and fading come out of the recording a little off, as its
    velocity is known with an error. The same figures are therefore taken from a drawing, with the
    velocity measured in it, and the twin is corrected by what they differ. If the measurement
    still finds the recording harder than the twin, by the standard deviations it states, noise is
    raised: what a train of cells leaves out counts as noise.
    """
    width = kymograph.shape[1]
    part = _middle(kymograph.shape[0], width)
    image = kymograph[part]
    course = _finest_course(image, part, result, measure)
    checkpoint(0.35)
    scan = _scan(result, period, pixel)
    seen = _pattern(image, course, scan, result, lambda d: checkpoint(0.35 + 0.1 * d))
    length, hematocrit, bright = cells_like(seen, pixel, blur_sigma_um)
    window = int(result.parameters["window_lines"])
    speed = float(np.median(np.abs(course)))
    count = lines_to_draw(
        image.shape[0],
        width,
        window,
        length / hematocrit / max(speed * period, 1e-9),
        classic=result.parameters.get("method") == "classic",
    )
    if lines is not None:
        count = min(image.shape[0], max(lines, 2 * window))
    twin = Twin(
        lines=count,
        velocity_um_per_s=course,
        line_period_s=period,
        pixel_size_um=pixel,
        cell_length_um=length,
        hematocrit=hematocrit,
        bright_cells=bright,
        blur_sigma_um=blur_sigma_um,
        streak_sd=seen.streak_sd,
        noise_sd=seen.noise_sd,
        still=seen.still,
        streak_share=seen.streak_share,
        trend=seen.trend,
        dtype=kymograph.dtype,
        **scan,
    )
    drawn = twin.draw(seed)
    checkpoint(0.5)
    like = _pattern_of(drawn, measure(drawn.image, None), scan)
    checkpoint(0.7)
    if like is not None:
        twin = _corrected(twin, seen, like)
    return _as_hard(
        twin,
        result,
        lambda changed: measure(changed.draw(seed).image, None),
        lambda done: checkpoint(0.7 + 0.3 * done),
    )


def _middle(rows: int, width: int) -> slice:
    """The part of a recording that is looked at: all of it, unless it is very large."""
    count = min(rows, max(_PART_PIXELS // width, 4096), _PART_LINES)
    start = (rows - count) // 2
    return slice(start, start + count)


def _corrected(twin: Twin, seen: TrainPattern, like: TrainPattern) -> Twin:
    """The twin, changed by what its own figures differ from those of the recording."""
    snr = twin.snr * float(np.clip(seen.snr / like.snr, 0.5, 2.0))
    longer = float(np.clip(seen.half_width_px / like.half_width_px, 0.7, 1.4))
    fading = float(np.clip(seen.fading_per_line - like.fading_per_line, 0.0, _FASTEST_FADING))
    return _with_snr(twin, snr).with_(
        cell_length_um=twin.cell_length_um * longer, fading_per_line=fading
    )


def _as_hard(
    twin: Twin,
    result: AnalysisResult,
    measured: Callable[[Twin], AnalysisResult],
    checkpoint: Checkpoint,
) -> Twin:
    """The twin with as much noise as makes the measurement state what it does of the recording.

    No more, though, than leaves as many windows accepted.
    """
    wanted, accepted = stated_sd_um_per_s(result), samples_of(result).usable.mean()
    now = measured(twin)
    for n in range(_ROUNDS):
        checkpoint(n / _ROUNDS)
        harder = wanted / max(stated_sd_um_per_s(now), 1e-300)
        if not harder > _AS_HARD:
            break
        noisier = _with_snr(twin, twin.snr / min(harder, 1.6))
        now = measured(noisier)
        if samples_of(now).usable.mean() < accepted - _FEWER:
            break
        twin = noisier
    return twin


def _with_snr(twin: Twin, snr: float) -> Twin:
    """Streaks and noise that share the variance of a pixel anew."""
    total = float(np.hypot(twin.streak_sd, twin.noise_sd))
    one = float(np.hypot(1.0, snr))
    return twin.with_(streak_sd=total * snr / one, noise_sd=total / one)


def stated_sd_um_per_s(result: AnalysisResult) -> float:
    """Median standard deviation of the accepted windows; NaN if there are none."""
    samples = samples_of(result)
    sd = samples.sd[samples.usable & np.isfinite(samples.sd)]
    return float(np.median(sd)) if sd.size else float("nan")


def _pattern_of(
    drawn: Phantom, measured: AnalysisResult, scan: Mapping[str, Any]
) -> TrainPattern | None:
    """Figures of a drawing, taken as those of the recording; ``None`` if it shows too little."""
    try:
        course = course_of(measured, drawn.velocity_um_per_s.size)
        return _pattern(drawn.image, course.velocity_um_per_s, scan, measured, lambda done: None)
    except ParameterError:
        return None

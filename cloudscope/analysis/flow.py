"""Volume flow and wall shear of a vessel: a velocity and a diameter on one clock.

Each window of velocity is taken with the diameter of the same lines. What the flow then is depends
on how velocity falls from the axis to the wall, which a line scan does not show: the profile is a
parameter, and named in the result. See ``docs/methods-flow.md``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np

from cloudscope.analysis.execution import Cancel, Progress, checkpoint
from cloudscope.analysis.hemodynamics.profile import VelocityProfile, velocity_profile
from cloudscope.analysis.hemodynamics.volume import Derived, ScaleErrors, shear_rate, volume_flow
from cloudscope.analysis.hemodynamics.windows import (
    WindowDiameter,
    diameter_of_recording,
    diameter_of_windows,
    window_times,
)
from cloudscope.analysis.parameters import Param, checked_arguments
from cloudscope.analysis.registry import Column, Input, Trace, register
from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.samples import Samples, samples_of
from cloudscope.analysis.streaks.summary import median_interval
from cloudscope.errors import ParameterError

__all__ = ["flow"]

_LARGEST = 1e30
"""Beyond it powers overflow; no blood is that fast."""

_NL_PER_MIN = 0.06
"""Nanolitres a minute in a picolitre a second."""

_COLUMNS = (
    Column("time_s", "s", "centre of the window of velocity, from the first line of its ROI"),
    Column("flow_pl_per_s", "pL/s", "volume flow, with the sign of the velocity"),
    Column("flow_sd_pl_per_s", "pL/s", "one standard deviation, all that is stated included"),
    Column("flow_noise_sd_pl_per_s", "pL/s", "part of it that differs from window to window"),
    Column("shear_rate_per_s", "1/s", "wall shear rate, with the sign of the velocity"),
    Column("shear_rate_sd_per_s", "1/s", "one standard deviation of the wall shear rate"),
    Column("shear_stress_pa", "Pa", "wall shear stress; NaN: no viscosity given"),
    Column("shear_stress_sd_pa", "Pa", "one standard deviation of the wall shear stress"),
    Column("velocity_um_per_s", "µm/s", "measured velocity of the window"),
    Column("mean_velocity_um_per_s", "µm/s", "velocity averaged over the cross-section"),
    Column("diameter_um", "µm", "mean diameter during the window"),
    Column("diameter_sd_um", "µm", "one standard deviation of that mean"),
    Column("diameter_points", "", "points of the diameter averaged; 0: read off between two"),
    Column("status", "", "ok, or what is missing"),
)


@register(
    name="flow",
    title="Volume flow",
    columns=_COLUMNS,
    trace=Trace(value="flow_pl_per_s", title="Flow (pL/s)", color="#b5179e", sd="flow_sd_pl_per_s"),
    headline="flow_median_pl_per_s",
    inputs=(
        Input(
            "velocity",
            ("radon_velocity", "clean_velocity"),
            "Velocity",
            "Of a ROI along the vessel.",
        ),
        Input("diameter", ("diameter",), "Diameter", "Of a ROI across the same vessel."),
    ),
)
def flow(
    velocity: AnalysisResult,
    diameter: AnalysisResult,
    *,
    profile: Annotated[
        Literal["parabolic", "blunt", "plug", "power", "factor"],
        Param(
            "Profile",
            "How velocity falls from the axis to the wall: mean 1/2 of the measured velocity, "
            "1/1.6, all of it, n / (n + 2), or a factor of your own.",
        ),
    ] = "parabolic",
    profile_exponent: Annotated[
        float | None,
        Param(
            "Exponent",
            "n of the power law 1 - (r/R)^n, for profile 'power'; 2 is a parabola.",
            minimum=0.1,
            maximum=1000.0,
            step=0.5,
            when=("profile", ("power",)),
        ),
    ] = None,
    profile_factor: Annotated[
        float | None,
        Param(
            "Factor",
            "Mean velocity of the blood over the measured one, for profile 'factor'.",
            minimum=0.01,
            maximum=2.0,
            step=0.05,
            when=("profile", ("factor",)),
        ),
    ] = None,
    profile_factor_sd: Annotated[
        float,
        Param(
            "Factor sd",
            "How well the factor is known; 0 takes it for exact.",
            minimum=0.0,
            maximum=1.0,
            step=0.01,
        ),
    ] = 0.0,
    pixel_size_sd_percent: Annotated[
        float,
        Param(
            "Pixel size sd",
            "How well the pixel size is known; it enters the flow with its third power.",
            unit="%",
            minimum=0.0,
            maximum=50.0,
            step=0.5,
        ),
    ] = 0.0,
    diameter_over: Annotated[
        Literal["window", "recording"],
        Param(
            "Diameter of",
            "The lines of each window, or the median of all lines where it was not recorded "
            "at the same time.",
        ),
    ] = "window",
    viscosity_mpa_s: Annotated[
        float | None,
        Param(
            "Viscosity",
            "Of the blood at the wall, for the wall shear stress; empty: no stress.",
            unit="mPa s",
            minimum=0.1,
            maximum=100.0,
            step=0.1,
            advanced=True,
        ),
    ] = None,
    viscosity_sd_mpa_s: Annotated[
        float,
        Param(
            "Viscosity sd",
            "How well the viscosity is known.",
            unit="mPa s",
            minimum=0.0,
            maximum=100.0,
            step=0.1,
            advanced=True,
        ),
    ] = 0.0,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> AnalysisResult:
    """Volume flow and wall shear rate, one value a window of velocity.

    Parameters
    ----------
    velocity : AnalysisResult
        Velocity along the vessel, of `radon_velocity` or `clean_velocity`.
    diameter : AnalysisResult
        Diameter of the same vessel. The ROIs may begin at different lines: both are taken by the
        clock of the recording, which begins at its first line.
    profile : {"parabolic", "blunt", "plug", "power", "factor"}
        How velocity falls from the axis, where it was measured, to the wall. The mean over the
        cross-section is 1/2 of the measured velocity for a parabola, 1/1.6 for the blunt profile
        of [1]_, all of it for plug flow, ``n / (n + 2)`` for a power law of exponent n.
    profile_exponent : float, optional
        Exponent n of ``1 - (r / R)**n``, for ``profile="power"``.
    profile_factor : float, optional
        Mean over measured velocity, for ``profile="factor"``.
    profile_factor_sd : float
        One standard deviation of the factor of the profile.
    pixel_size_sd_percent : float
        One standard deviation of the pixel size (%).
    diameter_over : {"window", "recording"}
        Whether the diameter is that of the lines of each window, or the median of the recording;
        then its variation counts as an error of each window.
    viscosity_mpa_s, viscosity_sd_mpa_s : float, optional
        Viscosity at the wall (mPa s) and its standard deviation, for the wall shear stress.
    progress : callable, optional
        Called with the finished share, 0 to 1.
    cancel : object with ``is_set()``, optional
        Asked whether to stop.

    Returns
    -------
    AnalysisResult
        One row a window (see the columns). ``time_s`` counts from the first line of the
        velocity's ROI. Status: ``ok``; ``no velocity`` (that window was not accepted);
        ``no diameter`` (no accepted point during the window); ``no common time`` (the diameter
        was not recorded then). Shear is NaN for plug flow, which has no finite slope at the wall.

    Raises
    ------
    ParameterError
        If a parameter is not allowed, the profile lacks its number, no diameter is usable, or the
        two share no time.
    UnknownNameError
        If one of them is no velocity or diameter.
    AnalysisCancelled
        If `cancel` is set.

    Notes
    -----
    Flow is ``pi / 4 * D**2 * k * v`` with the factor k of the profile, and the wall shear rate
    ``2 (n + 2) k v / D`` with the exponent n of the power law of that factor: ``8 k v / D`` for a
    parabola. Both have the sign of the velocity. The vessel is taken to be round.

    References
    ----------
    .. [1] M. Baker, H. Wayland, "On-line volume flow rate and velocity profile measurement for
       blood in microvessels", Microvascular Research 7 (1974) 131-143.
    .. [2] A. Y. Shih et al., "Two-photon microscopy as a tool to study blood flow and
       neurovascular coupling in the rodent brain", Journal of Cerebral Blood Flow & Metabolism 32
       (2012) 1277-1309.

    Examples
    --------
    >>> from cloudscope import diameter, radon_velocity
    >>> from cloudscope.synthetic import volume_flow_kymograph
    >>> truth = volume_flow_kymograph(2000.0, 12.0, lines=600, seed=1)
    >>> scale = {"line_period_s": truth.line_period_s, "pixel_size_um": truth.pixel_size_um}
    >>> along = radon_velocity(truth.image[:, :64], **scale)
    >>> across = diameter(truth.image[:, 64:], **scale)
    >>> result = flow(along, across)
    >>> bool(abs(result.summary["flow_median_nl_per_min"] / truth.flow_nl_per_min[0] - 1) < 0.05)
    True
    """
    parameters = checked_arguments(flow, locals())
    checkpoint(0.0, progress, cancel)
    chosen = velocity_profile(
        parameters["profile"], parameters["profile_factor"], parameters["profile_exponent"]
    )
    speed = samples_of(velocity, "velocity_um_per_s")
    width = samples_of(diameter, "diameter_um")
    usable = speed.usable & (np.abs(speed.value) < _LARGEST)
    start, stop = window_times(velocity, speed)
    common_sd = diameter.summary.get("diameter_model_sd_um")
    common_sd = float(common_sd) if isinstance(common_sd, (int, float)) else 0.0
    if parameters["diameter_over"] == "recording":
        together = np.ones(usable.size, bool)
        wide = diameter_of_recording(width, common_sd, usable.size)
    else:
        together = _together(start, stop, width)
        wide = diameter_of_windows(width, common_sd, start, stop)
    checkpoint(0.5, progress, cancel)
    status = np.full(usable.size, "ok", dtype="<U14")
    status[~np.isfinite(wide.diameter_um)] = "no diameter"
    status[~together] = "no common time"
    status[~usable] = "no velocity"
    ok = status == "ok"
    v = np.where(usable, speed.value, np.nan)
    v_sd = np.where(usable & (speed.sd < _LARGEST), speed.sd, np.nan)
    errors = ScaleErrors(
        parameters["profile_factor_sd"], 0.01 * parameters["pixel_size_sd_percent"]
    )
    volume = _only(ok, volume_flow(v, v_sd, wide, chosen, errors))
    shear = _only(ok, shear_rate(v, v_sd, wide, chosen, errors))
    stress, stress_sd = _stress(shear, parameters)
    columns = {
        "time_s": np.where(np.isfinite(speed.time_s), speed.time_s, np.nan),
        "flow_pl_per_s": volume.value,
        "flow_sd_pl_per_s": volume.sd,
        "flow_noise_sd_pl_per_s": volume.noise_sd,
        "shear_rate_per_s": shear.value,
        "shear_rate_sd_per_s": shear.sd,
        "shear_stress_pa": stress,
        "shear_stress_sd_pa": stress_sd,
        "velocity_um_per_s": v,
        "mean_velocity_um_per_s": v * chosen.factor,
        "diameter_um": wide.diameter_um,
        "diameter_sd_um": np.where(np.isfinite(wide.diameter_um), wide.sd_um, np.nan),
        "diameter_points": wide.points,
        "status": status,
    }
    checkpoint(1.0, progress, cancel)
    return AnalysisResult.measured(
        "flow",
        parameters=parameters,
        columns=columns,
        summary=_summary(columns, volume, shear, wide, chosen, parameters),
        line_period_s=velocity.calibration.line_period_s,
        pixel_size_um=velocity.calibration.pixel_size_um,
        inputs={"velocity": velocity, "diameter": diameter},
    )


def _together(start: np.ndarray, stop: np.ndarray, width: Samples) -> np.ndarray:
    """Windows during which the diameter was recorded, accepted or not."""
    time = width.time_s[np.isfinite(width.time_s)] + width.clock_offset_s
    half = 0.5 * width.step_s if np.isfinite(width.step_s) else 0.0
    if not time.size:
        return np.zeros(start.size, bool)
    first, last = float(time.min()) - half, float(time.max()) + half
    # Two that only touch share no time, whatever rounding makes of it.
    slack = 1e-6 * half
    together: np.ndarray = (stop > first + slack) & (start < last - slack)
    known = np.isfinite(start) & np.isfinite(stop)
    if known.any() and not together.any():
        raise ParameterError(
            f"velocity covers {start[known].min():.4g} to {stop[known].max():.4g} s of the "
            f"recording and diameter {first:.4g} to {last:.4g} s: choose ROIs that share time, or "
            "diameter_over='recording'"
        )
    return together


def _only(ok: np.ndarray, derived: Derived) -> Derived:
    return Derived(
        np.where(ok, derived.value, np.nan),
        np.where(ok, derived.noise_sd, np.nan),
        np.where(ok, derived.scale_share, np.nan),
    )


def _stress(shear: Derived, parameters: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    viscosity = parameters["viscosity_mpa_s"]
    if viscosity is None:
        nothing = np.full(shear.value.size, np.nan)
        return nothing, nothing.copy()
    stress = shear.value * viscosity * 1e-3
    share = parameters["viscosity_sd_mpa_s"] / viscosity
    return stress, np.hypot(shear.sd * viscosity * 1e-3, stress * share)


def _summary(
    columns: dict[str, np.ndarray],
    volume: Derived,
    shear: Derived,
    wide: WindowDiameter,
    chosen: VelocityProfile,
    parameters: dict[str, Any],
) -> dict[str, Any]:
    status = columns["status"]
    ok = status == "ok"
    nan = float("nan")

    def median(values: np.ndarray) -> float:
        values = values[ok & np.isfinite(values)]
        return float(np.median(values)) if values.size else nan

    def with_interval(derived: Derived) -> tuple[float, float, float]:
        middle, scale = median(derived.value), 1.959964 * median(derived.scale_share)
        low, high = median_interval(derived.value[ok])
        # Windows that vary tell nothing of what they all share.
        below, above = (float(np.hypot(end - middle, scale * middle)) for end in (low, high))
        return middle, middle - below, middle + above

    q, q_low, q_high = with_interval(volume)
    s, s_low, s_high = with_interval(shear)
    accepted = volume.value[ok]
    quartiles = np.quantile(accepted, (0.25, 0.75)) if accepted.size else (nan, nan)
    reasons, counts = np.unique(status[~ok], return_counts=True)
    return {
        "windows": int(ok.size),
        "windows_accepted": int(ok.sum()),
        "accepted_share": float(ok.mean()) if ok.size else nan,
        "flow_median_pl_per_s": q,
        "flow_median_ci95_low_pl_per_s": q_low,
        "flow_median_ci95_high_pl_per_s": q_high,
        "flow_quartile_1_pl_per_s": float(quartiles[0]),
        "flow_quartile_3_pl_per_s": float(quartiles[1]),
        "flow_median_nl_per_min": q * _NL_PER_MIN,
        "flow_common_sd_percent": 100.0 * median(volume.scale_share),
        "shear_rate_median_per_s": s,
        "shear_rate_median_ci95_low_per_s": s_low,
        "shear_rate_median_ci95_high_per_s": s_high,
        "shear_stress_median_pa": median(columns["shear_stress_pa"]),
        "velocity_median_um_per_s": median(columns["velocity_um_per_s"]),
        "diameter_median_um": median(wide.diameter_um),
        "profile": chosen.name,
        "profile_factor": chosen.factor,
        "profile_factor_sd": parameters["profile_factor_sd"],
        "main_rejection": str(reasons[np.argmax(counts)]) if reasons.size else None,
    }

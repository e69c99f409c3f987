"""Vessel diameter from lines across a vessel: a cylinder seen through the microscope, fitted."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cloudscope.analysis.calibration import needed_scale
from cloudscope.analysis.execution import Cancel, Progress, checkpoint
from cloudscope.analysis.lumen import judge
from cloudscope.analysis.lumen.lines import Lines
from cloudscope.analysis.lumen.measure import LumenLines, measure_lumen
from cloudscope.analysis.parameters import Param, checked_arguments
from cloudscope.analysis.registry import Column, Trace, register
from cloudscope.analysis.result import AnalysisResult
from cloudscope.errors import ParameterError

__all__ = ["diameter"]

_MIN_PIXELS = 5

_COLUMNS = (
    Column("time_s", "s", "Time of the line, or of the middle of the averaged lines"),
    Column("row", "lines", "Row of the line, or the first of the averaged lines"),
    Column("diameter_um", "µm", "Diameter of the lumen"),
    Column("diameter_sd_um", "µm", "Standard deviation of the diameter"),
    Column("left_um", "µm", "Wall at the smaller columns, from the outer edge of the first column"),
    Column("right_um", "µm", "Wall at the larger columns, from the outer edge of the first column"),
    Column("quality", "", "Probability that the diameter is within 10 % of the truth, 0 to 1"),
    Column("status", "", "ok, or why the line is not to be used"),
)


@register(
    name="diameter",
    title="Diameter",
    columns=_COLUMNS,
    trace=Trace(
        value="diameter_um",
        title="Diameter (µm)",
        color="#9467bd",
        sd="diameter_sd_um",
        quality="quality",
    ),
    headline="diameter_median_um",
)
def diameter(
    kymograph: ArrayLike,
    *,
    line_period_s: float | None,
    pixel_size_um: float | None,
    method: Annotated[
        Literal["fit", "half_max"],
        Param("Method", help="Fit the profile of a cylinder, or take the width at half maximum"),
    ] = "fit",
    polarity: Annotated[
        Literal["bright", "dark"],
        Param("Lumen", help="Whether the lumen is brighter or darker than the tissue"),
    ] = "bright",
    average_lines: Annotated[
        int,
        Param(
            "Average", help="Lines averaged into one point", unit="lines", minimum=1, maximum=4096
        ),
    ] = 1,
    quality_limit: Annotated[
        float,
        Param(
            "Quality",
            help="Points below are marked 'low quality'",
            minimum=0.0,
            maximum=1.0,
            step=0.05,
        ),
    ] = 0.25,
    psf_sigma_um: Annotated[
        float | None,
        Param(
            "PSF sd",
            help="Lateral spread of the microscope (sd); empty estimates it from the recording",
            unit="µm",
            minimum=0.01,
            maximum=20.0,
            step=0.05,
            advanced=True,
        ),
    ] = None,
    section: Annotated[
        Literal["auto", "thin", "projected"],
        Param(
            "Section",
            help="Optical section: found from the recording, thin, or projected (wide field)",
            advanced=True,
        ),
    ] = "auto",
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> AnalysisResult:
    """Diameter of a vessel on every line of a scan across it.

    The lumen is a round cylinder filled with dye. Its profile, the light of the chord within the
    optical section blurred by the lateral point-spread function and the pixel, is fitted to every
    line; centre, diameter, brightness of lumen and tissue are free. The walls of the fit are where
    the lumen ends, whereas half maximum is right for a thin section only: about 4 % small for a
    usual section and 14 % for a projection.

    Parameters
    ----------
    kymograph : array_like, shape (lines, pixels)
        Rows are lines in time, columns positions across the vessel. Any real type.
    line_period_s, pixel_size_um : float
        Time from line to line (s) and distance from column to column (µm).
    method : {"fit", "half_max"}
        The fit, or width at half maximum between the brightness of tissue and lumen that the fit
        of averaged lines gives.
    polarity : {"bright", "dark"}
        The lumen is brighter (dye) or darker (labelled tissue) than what is around it.
    average_lines : int
        Consecutive lines averaged into one point. A rest that does not fill an average is left out.
    quality_limit : float
        Points of a lower quality keep their number and get the status ``"low quality"``.
    psf_sigma_um : float, optional
        Standard deviation of the lateral point-spread function (µm). If None it is estimated from
        the recording, held near 0.4 µm where the recording cannot tell; the value used is in the
        summary.
    section : {"auto", "thin", "projected"}
        Depth of the optical section: the one of eleven that fits the recording best, a section
        much thinner than the vessel, or the whole vessel projected (wide field).
    progress : callable, optional
        Called with the finished share, 0 to 1.
    cancel : threading.Event, optional
        Checked once a part; raises `AnalysisCancelled`.

    Returns
    -------
    AnalysisResult
        One row a point, NaN where nothing was measured. Columns: `time_s`, `row`, `diameter_um`,
        `diameter_sd_um`, `left_um` and `right_um` (walls, from the outer edge of the first
        column), `quality` (0 to 1) and `status`: ``"ok"``, ``"low quality"``, ``"at the border"``
        (a wall is not on the line), ``"no vessel"`` (nothing stands out of the noise) or
        ``"not finite"`` (NaN or infinite pixels).

    Raises
    ------
    CalibrationError
        If the line period or the pixel size is None.
    ParameterError
        If a parameter or the shape of the array is not allowed.
    AnalysisCancelled
        If `cancel` is set.

    Notes
    -----
    The standard deviation of a point holds the noise of its lines and, in quadrature, what is
    common to all points because another section or point-spread function explains the recording
    nearly as well; the latter alone is ``diameter_model_sd_um`` of the summary, and differences
    between points are free of it.

    Saturated pixels flatten the profile: where a fifth of the height is cut off, the diameter
    comes out 2 % small. ``saturated_share`` of the summary tells how many pixels are at the
    largest number of the recording.

    The recording is read in parts; memory does not grow with its length but for one line in
    sixteen. No number depends on the parts.

    References
    ----------
    .. [1] Shih AY, et al. (2012). Two-photon microscopy as a tool to study blood flow and
       neurovascular coupling in the rodent brain. J Cereb Blood Flow Metab 32:1277-1309.
    .. [2] Golub GH, Pereyra V (1973). The differentiation of pseudo-inverses and nonlinear least
       squares problems whose variables separate. SIAM J Numer Anal 10:413-432.

    Examples
    --------
    >>> from cloudscope.synthetic import diameter_kymograph
    >>> truth = diameter_kymograph(10.0, lines=200, snr=20.0, seed=1)
    >>> result = diameter(truth.image, line_period_s=1e-3, pixel_size_um=0.25, psf_sigma_um=0.375)
    >>> round(result.summary["diameter_median_um"], 1)
    10.0
    """
    parameters = checked_arguments(diameter, locals())
    period = needed_scale("diameter", "line_period_s", line_period_s)
    pixel = needed_scale("diameter", "pixel_size_um", pixel_size_um)
    lines = Lines(
        kymograph, average_lines=parameters["average_lines"], dark=parameters["polarity"] == "dark"
    )
    if lines.pixels < _MIN_PIXELS:
        raise ParameterError(
            f"kymograph has {lines.pixels} columns: diameter needs at least {_MIN_PIXELS}, "
            "a lumen and tissue on both sides"
        )
    psf = parameters["psf_sigma_um"]
    found = measure_lumen(
        lines,
        method=parameters["method"],
        psf_px=None if psf is None else psf / pixel,
        section=parameters["section"],
        pixel_size_um=pixel,
        quality_limit=parameters["quality_limit"],
        progress=progress,
        cancel=cancel,
    )
    checkpoint(1.0, progress, None)
    row = np.arange(lines.count) * lines.average_lines
    width = (found.right - found.left) * pixel
    columns = {
        "time_s": (row + 0.5 * (lines.average_lines - 1)) * period,
        "row": row,
        "diameter_um": width,
        "diameter_sd_um": found.diameter_sd * pixel,
        # Column k reaches from k to k + 1 pixel sizes; its middle is half a pixel in.
        "left_um": (found.left + 0.5) * pixel,
        "right_um": (found.right + 0.5) * pixel,
        "quality": found.quality,
        "status": found.status,
    }
    return AnalysisResult.measured(
        "diameter",
        parameters=parameters,
        columns=columns,
        summary=_summary(found, width, pixel, psf) | {"saturated_share": lines.saturated_share},
        line_period_s=period,
        pixel_size_um=pixel,
    )


def _summary(
    found: LumenLines, width_um: NDArray[np.float64], pixel_um: float, psf_um: float | None
) -> dict[str, Any]:
    accepted = width_um[found.status == judge.OK]
    nan = float("nan")
    quartiles = np.percentile(accepted, (25, 50, 75)) if accepted.size else (nan, nan, nan)
    mean = float(accepted.mean()) if accepted.size else nan
    sd = float(accepted.std(ddof=1)) if accepted.size > 1 else nan
    reasons, counts = np.unique(found.status[found.status != judge.OK], return_counts=True)
    shape = found.shape
    section = shape and (shape.axial_px * pixel_um if np.isfinite(shape.axial_px) else None)
    return {
        "points": int(found.status.size),
        "points_accepted": int(accepted.size),
        "accepted_share": accepted.size / max(found.status.size, 1),
        "diameter_median_um": float(quartiles[1]),
        "diameter_mean_um": mean,
        "diameter_sd_um": sd,
        "diameter_quartile_1_um": float(quartiles[0]),
        "diameter_quartile_3_um": float(quartiles[2]),
        "diameter_cv": sd / mean if accepted.size > 1 else nan,
        "diameter_model_sd_um": shape.diameter_spread * float(quartiles[1]) if shape else nan,
        "snr": found.snr,
        "psf_sigma_um": shape.psf_px * pixel_um if shape else None,
        "psf_source": None if shape is None else "given" if psf_um is not None else "estimated",
        "section_model": None if shape is None else "projected" if section is None else "section",
        "section_sigma_um": section,
        "main_rejection": str(reasons[np.argmax(counts)]) if reasons.size else None,
    }

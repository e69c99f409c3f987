"""Vessel diameter from lines across a vessel: a cylinder seen through the microscope, fitted."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from numpy.typing import ArrayLike

from cloudscope.analysis.calibration import needed_scale
from cloudscope.analysis.execution import Cancel, Progress, checkpoint
from cloudscope.analysis.lumen.lines import Lines
from cloudscope.analysis.lumen.measure import LumenChoice, measure_lumen
from cloudscope.analysis.lumen.table import COLUMNS, summary
from cloudscope.analysis.parameters import Param, checked_arguments
from cloudscope.analysis.registry import Trace, register
from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.working_memory import WorkingMemory
from cloudscope.errors import ParameterError

__all__ = ["diameter"]

_MIN_PIXELS = 5
_SHORTEST_LINE_UM = 0.1


@register(
    name="diameter",
    title="Diameter",
    columns=COLUMNS,
    trace=Trace(
        value="diameter_um",
        title="Diameter (µm)",
        color="#9467bd",
        sd="diameter_sd_um",
        quality="quality",
    ),
    headline="diameter_median_um",
    memory=WorkingMemory(row_bytes=560, lines_a_row="average_lines", pixel_bytes=2.5),
)
def diameter(
    kymograph: ArrayLike,
    *,
    line_period_s: float | None,
    pixel_size_um: float | None,
    method: Annotated[
        Literal["cylinder", "half_max", "gradient", "threshold"],
        Param(
            "Method",
            help="Where a wall is: by the fitted profile of a cylinder, at half of the height, "
            "where brightness changes fastest, or at a level",
        ),
    ] = "cylinder",
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
    threshold_share: Annotated[
        float,
        Param(
            "Level",
            help="Level of the walls, from the tissue (0) to the axis of the lumen (1)",
            minimum=0.02,
            maximum=0.98,
            step=0.05,
            when=("method", ("threshold",)),
        ),
    ] = 0.5,
    threshold_value: Annotated[
        float | None,
        Param(
            "Absolute level",
            help="Level of the walls as a brightness of the recording; empty takes the share",
            unit="counts",
            when=("method", ("threshold",)),
        ),
    ] = None,
    smoothing_um: Annotated[
        float | None,
        Param(
            "Smoothing",
            help="Gaussian along the line (sd) before walls are read off; empty chooses by noise",
            unit="µm",
            minimum=0.0,
            maximum=100.0,
            step=0.05,
            advanced=True,
            when=("method", ("half_max", "gradient", "threshold")),
        ),
    ] = None,
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
    max_diameter_change_um_per_s: Annotated[
        float | None,
        Param(
            "Fastest change",
            help="Points whose diameter changes faster, beyond noise, are marked 'jump'",
            unit="µm/s",
            minimum=0.0,
            maximum=1e6,
            step=10.0,
            advanced=True,
        ),
    ] = None,
    max_centre_change_um_per_s: Annotated[
        float | None,
        Param(
            "Fastest motion",
            help="Points whose centre moves faster, beyond noise, are marked 'jump'",
            unit="µm/s",
            minimum=0.0,
            maximum=1e6,
            step=10.0,
            advanced=True,
        ),
    ] = None,
    temporal_prior: Annotated[
        bool,
        Param(
            "Prior over time",
            help="Neighbouring points inform each other, as far as the vessel holds still",
            advanced=True,
        ),
    ] = False,
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
    method : {"cylinder", "half_max", "gradient", "threshold"}
        The fit; half way between the brightness of tissue and of the axis of the lumen, as the
        fit of averaged lines gives them; the largest slope of each wall; or another level. All but
        the fit read single lines near the walls of the averages.
    polarity : {"bright", "dark"}
        The lumen is brighter (dye) or darker (labelled tissue) than what is around it.
    average_lines : int
        Consecutive lines averaged into one point. A rest that does not fill an average is left out.
    threshold_share : float
        Level of ``"threshold"``: 0 is the tissue, 1 the axis of the lumen.
    threshold_value : float, optional
        That level as a brightness of the recording, the same for all lines.
    smoothing_um : float, optional
        Standard deviation of a Gaussian along the line before walls are read off it. If None the
        least with which noise moves a diameter by less than 2 %, or the one with which it moves
        it least. At least half a pixel for ``"gradient"``.
    quality_limit : float
        Points of a lower quality keep their number and get the status ``"low quality"``.
    psf_sigma_um : float, optional
        Standard deviation of the lateral point-spread function (µm). If None it is estimated from
        the recording, held near 0.4 µm where the recording cannot tell; the value used is in the
        summary.
    max_diameter_change_um_per_s, max_centre_change_um_per_s : float, optional
        Points that are farther from the last good one than this pace and three times the noise
        allow keep their number and get the status ``"jump"``.
    temporal_prior : bool
        Smooth diameter and centre of accepted points over time (Kalman filter and smoother of a
        random walk whose step is learned from the recording). Standard deviations shrink as far
        as that is justified, but neighbouring points are then no longer independent.
    section : {"auto", "thin", "projected"}
        Depth of the optical section: the one that fits the recording best, a section much thinner
        than the vessel, or the whole vessel projected (wide field).
    progress : callable, optional
        Called with the finished share, 0 to 1.
    cancel : threading.Event, optional
        Checked once a part; raises `AnalysisCancelled`.

    Returns
    -------
    AnalysisResult
        One row a point, NaN where nothing was measured. Columns: `time_s`, `row`, `diameter_um`,
        `diameter_sd_um`, `left_um`, `right_um` and `centre_um` (from the outer edge of the first
        column), `quality` (0 to 1) and `status`. With a number: ``"ok"``, ``"low quality"``,
        ``"jump"``, ``"neighbour"`` (another vessel begins within the blur of a wall),
        ``"saturated"`` (full pixels cut the profile off). Without: ``"no crossing"`` (the level is
        not crossed), ``"at the border"`` (a wall is not on the line), ``"no vessel"`` (nothing
        stands out of the noise), ``"not finite"`` (NaN or infinite pixels).

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
    The standard deviation of a point holds the noise of its lines and, for the fit, in quadrature
    what is common to all points because another section or point-spread function explains the
    recording nearly as well; the latter alone is ``diameter_model_sd_um`` of the summary, and
    differences between points are free of it. The other methods measure a width by definition: how
    far that is from the lumen is not in their standard deviation.

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
    .. [3] Canny J (1986). A computational approach to edge detection. IEEE Trans Pattern Anal Mach
       Intell 8:679-698.
    .. [4] Rauch HE, Tung F, Striebel CT (1965). Maximum likelihood estimates of linear dynamic
       systems. AIAA J 3:1445-1450.

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
    if lines.pixels * pixel < _SHORTEST_LINE_UM:
        raise ParameterError(
            f"pixel_size_um={pixel:g} is not allowed with {lines.pixels} columns: a line shorter "
            f"than {_SHORTEST_LINE_UM:g} µm is less than light resolves"
        )
    psf = parameters["psf_sigma_um"]

    def in_pixels(name: str, each: float = 1.0) -> float | None:
        value = parameters[name]
        return None if value is None else value * each / pixel

    point_s = period * lines.average_lines
    choice = LumenChoice(
        method=parameters["method"],
        psf_px=in_pixels("psf_sigma_um"),
        section=parameters["section"],
        pixel_size_um=pixel,
        quality_limit=parameters["quality_limit"],
        smoothing_px=in_pixels("smoothing_um"),
        threshold_share=parameters["threshold_share"],
        threshold_value=parameters["threshold_value"],
        diameter_pace_px=in_pixels("max_diameter_change_um_per_s", point_s),
        centre_pace_px=in_pixels("max_centre_change_um_per_s", point_s),
        temporal_prior=parameters["temporal_prior"],
    )
    found = measure_lumen(lines, choice, progress=progress, cancel=cancel)
    checkpoint(1.0, progress, None)
    row = np.arange(lines.count) * lines.average_lines
    # Column k reaches from k to k + 1 pixel sizes; its middle is half a pixel in.
    centre, width = (found.centre + 0.5) * pixel, found.diameter * pixel
    columns = {
        "time_s": (row + 0.5 * (lines.average_lines - 1)) * period,
        "row": row,
        "diameter_um": width,
        "diameter_sd_um": found.diameter_sd * pixel,
        "left_um": centre - 0.5 * width,
        "right_um": centre + 0.5 * width,
        "centre_um": centre,
        "quality": found.quality,
        "status": found.status,
    }
    return AnalysisResult.measured(
        "diameter",
        parameters=parameters,
        columns=columns,
        summary=summary(found, width, pixel, psf) | {"saturated_share": lines.saturated_share},
        line_period_s=period,
        pixel_size_um=pixel,
    )

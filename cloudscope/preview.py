"""What a measurement would give, a part at a time: for the eye while a hand moves, never kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cloudscope.analysis.parameters import validate_parameters
from cloudscope.analysis.registry import get_analysis
from cloudscope.errors import ParameterError

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage
    from cloudscope.analysis.execution import Cancel
    from cloudscope.analysis.result import AnalysisResult, RoiBounds

__all__ = ["PREVIEWED", "Preview", "measure_preview"]

PREVIEWED = ("radon_velocity", "diameter", "intensity")
"""Analyses of pixels that are quick enough to follow a hand, and sensible on a part."""

_WINDOWS_AROUND = 2  # velocity is judged beside its neighbours
_POINTS_AROUND = 16  # the vessel is located on averages of as many lines
_LINES_AROUND = 4000  # of brightness at rest, beyond what is seen
_FEWEST_LINES = 64
_MOST_JOINED = 4096  # lines from one window to the next, or averaged


@dataclass(frozen=True, eq=False)
class Preview:
    """Numbers of a part of a ROI, or of one that is being moved.

    Attributes
    ----------
    result : AnalysisResult
        Its bounds are the lines and columns measured; it belongs into no recording's results.
    bounds : RoiBounds
        Of the whole ROI.
    every : int
        Of the windows or points that Run measures, how many one of these stands for.
    whole : bool
        Whether these are the numbers of Run, to the last bit.
    hasty : bool
        Whether `points` made it less than it could be.
    """

    result: AnalysisResult
    bounds: RoiBounds
    every: int
    whole: bool
    hasty: bool = False

    @property
    def words(self) -> str:
        """How it differs from what Run gives, in words."""
        if self.whole:
            return "as Run would measure it, not kept"
        some = {
            "radon_velocity": f"one window of {self.every}",
            "diameter": f"{self.every} points averaged to one",
        }.get(self.result.analysis, "")
        of_part = {
            "radon_velocity": "background of these lines",
            "diameter": "profile of these lines",
            "intensity": "baseline of these lines",
        }[self.result.analysis]
        if self.hasty and self.result.parameters.get("section") == "thin":
            of_part = "a thin section assumed, which reads up to 4 % small"
        return ", ".join([*([some] if some and self.every > 1 else []), of_part])


def measure_preview(
    image: AcqImage,
    analysis: str,
    channel: int,
    bounds: RoiBounds,
    parameters: Mapping[str, Any],
    rows: tuple[int, int] | None = None,
    *,
    points: int | None = None,
    like: AnalysisResult | None = None,
    cancel: Cancel | None = None,
) -> Preview:
    """Measure a ROI that need not exist yet, or the part of it that is looked at.

    The callable is the one that Run calls, on the lines around `rows`. Its windows, or averages
    of lines, begin on the lines on which those of the whole ROI begin; with few `points` they are
    some of these windows, or averages of several. What an analysis learns from the whole ROI
    (background, profile of the vessel, baseline) it learns from the lines measured.

    Parameters
    ----------
    image : AcqImage
        Not changed.
    analysis : str
        One of `PREVIEWED`.
    channel : int
    bounds : RoiBounds
        Of the ROI, in the recording.
    parameters : mapping
        Detection parameters; those left out have their defaults.
    rows : tuple of int, optional
        First line and line after the last one looked at; all of the ROI by default.
    points : int, optional
        Windows or points that suffice.
    like : AnalysisResult, optional
        An earlier diameter, whose spread of light and section are taken over where `points` asks
        for haste: to estimate them takes longer than to measure.
    cancel : object with ``is_set()``, optional

    Returns
    -------
    Preview

    Raises
    ------
    ParameterError
        If the analysis is not one of them, or it does not allow the parameters or so small a ROI.
    CalibrationError
        If a scale is not known.
    AnalysisCancelled
        If `cancel` was set.

    Examples
    --------
    >>> from cloudscope import AcqImage
    >>> from cloudscope.synthetic import velocity_kymograph
    >>> truth = velocity_kymograph(500.0, lines=4000, snr=4.0, seed=1)
    >>> image = AcqImage.from_array(truth.image, line_period_s=1e-3, pixel_size_um=0.5)
    >>> bounds = (0, 4000, 0, image.header.pixels)
    >>> part = measure_preview(image, "radon_velocity", 0, bounds, {}, (1000, 2000), points=10)
    >>> part.every > 1, part.result.bounds[0] % 16, len(image.results)
    (True, 0, 0)
    >>> round(part.result.summary["velocity_median_um_per_s"], -1)
    500.0
    """
    if analysis not in PREVIEWED:
        raise ParameterError(
            f"analysis={analysis!r} is not allowed: there are previews of " + ", ".join(PREVIEWED)
        )
    spec = get_analysis(analysis)
    given = validate_parameters(spec.parameters, parameters, owner=analysis)
    start, stop, col_start, col_stop = bounds
    first, last, every, changed = _part(analysis, given, (start, stop), rows, points, image)
    whole = (first, last) == (start, stop) and not changed
    if not whole:
        changed |= _spared(analysis, given)
    hasty = every > 1
    if not whole and points is not None:
        known = _in_haste(analysis, given, like)
        changed |= known
        hasty |= bool(known)
    image.line_scan_bounds(channel, 0)
    pixels = image.frame(channel)[first:last, col_start:col_stop]
    result = spec.function(
        pixels,
        line_period_s=image.header.line_period_s,
        pixel_size_um=image.header.pixel_size_um,
        cancel=cancel,
        **{name: given[name] for name in parameters} | changed,
    ).bound_to(
        channel=channel,
        bounds=(first, last, col_start, col_stop),
        time_axis=image.header.time_axis,
    )
    return Preview(result, bounds, every, whole, hasty)


def _part(
    analysis: str,
    given: Mapping[str, Any],
    roi: tuple[int, int],
    rows: tuple[int, int] | None,
    points: int | None,
    image: AcqImage,
) -> tuple[int, int, int, dict[str, Any]]:
    """First line, line after the last, what a point stands for, and parameters for that."""
    start, stop = roi
    seen = (start, stop) if rows is None else (max(rows[0], start), min(rows[1], stop))
    if seen[0] >= seen[1]:  # the ROI is out of sight: its beginning says more than nothing
        seen = (start, min(stop, start + _FEWEST_LINES))
    if analysis == "intensity":
        period = image.header.line_period_s
        rest_s = given["baseline_window_s"]
        around = _LINES_AROUND
        if rest_s is not None and period:
            around = min(around, round(rest_s / period))
        return max(start, seen[0] - around), min(stop, seen[1] + around), 1, {}
    velocity = analysis == "radon_velocity"
    length = given["window_lines"] if velocity else given["average_lines"]
    name = "step_lines" if velocity else "average_lines"
    step = given[name]
    around = (_WINDOWS_AROUND if velocity else _POINTS_AROUND) * max(length, step)
    needed = max(_FEWEST_LINES, length)
    first = max(start, min(seen[0] - around, stop - needed))
    last = min(stop, max(seen[1] + around, first + needed))
    every = 1
    if points is not None:
        every = max(1, min((seen[1] - seen[0]) // (step * points), _MOST_JOINED // step))
    grid = step * every
    first = start + (first - start) // grid * grid
    changed = {name: grid} if every > 1 else {}
    return first, last, every, changed


def _spared(analysis: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters that spare a part what only the whole needs."""
    wanted = analysis == "radon_velocity" and given["along_line"]
    return {"along_line": False} if wanted else {}


def _in_haste(
    analysis: str, given: Mapping[str, Any], like: AnalysisResult | None
) -> dict[str, Any]:
    """Parameters that say what is known already, or what takes long to find out."""
    known: dict[str, Any] = {}
    if analysis == "radon_velocity":
        # Told that there is no offset, nobody looks whether there may be one, to hint at it.
        if given["bidirectional"] == "no" and not given["scan_time_s"]:
            known = {"bidirectional": "given", "bidirectional_offset_px": 0.0}
        return known
    if analysis != "diameter" or like is None or like.analysis != "diameter":
        return known
    if given["psf_sigma_um"] is None and like.summary.get("psf_sigma_um"):
        known["psf_sigma_um"] = like.summary["psf_sigma_um"]
    if given["section"] == "auto" and like.summary.get("section_model"):
        deep = like.summary["section_model"] == "projected"
        known["section"] = "projected" if deep else "thin"
    return known

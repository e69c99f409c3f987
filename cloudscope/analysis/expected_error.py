"""The error of a velocity measurement, found out on drawn recordings that resemble this one.

The standard deviation that each window states comes from that window alone. `expected_error` asks
the question from outside: recordings with the same sampling, cells, noise, still pattern and course
of the velocity, but a velocity that is known, are measured with the same parameters. See
``docs/methods-expected-error.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.analysis.calibration import needed_scale
from cloudscope.analysis.execution import Cancel, Progress, checkpoint
from cloudscope.analysis.frozen_dict import FrozenDict
from cloudscope.analysis.parameters import declared_parameters
from cloudscope.analysis.phantom.matching import matched_twin, stated_sd_um_per_s
from cloudscope.analysis.phantom.scoring import Measured, Score, score
from cloudscope.analysis.phantom.twin import Phantom, Twin
from cloudscope.analysis.phantom.wording import methods_paragraph
from cloudscope.analysis.radon_velocity import radon_velocity
from cloudscope.analysis.result import AnalysisResult
from cloudscope.errors import ParameterError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["ExpectedError", "expected_error"]

WINDOWS_LINES = (16, 32, 64, 128)
"""Windows that are compared, besides the one that was used."""

_MATCHING = 0.2
"""Share of the progress that matching takes."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ExpectedError:
    """What a measurement of this recording gets wrong, as far as phantoms can tell.

    Attributes
    ----------
    summary : mapping
        Numbers by name, with units in the names; see `expected_error`.
    scores : tuple of Score
        Errors of each window, from the shortest, the one that was used among them.
    methods_paragraph : str
        Ready to print, with references.
    twin : Twin
        What the phantoms share with the recording; ``twin.draw(seed)`` draws one to look at.
    software : str
        Name and version that found it out.
    """

    summary: Mapping[str, Any]
    scores: tuple[Score, ...] = field(repr=False)
    methods_paragraph: str = field(repr=False)
    twin: Twin = field(repr=False)
    software: str

    @property
    def table(self) -> pd.DataFrame:
        """One row a window width: its time, bias, spread, shares and what it does not show.

        ``bias`` and ``spread`` are also in per cent of the median speed. ``hidden_um_per_s`` is
        the standard deviation of the velocity inside a window, which its mean does not show:
        what a longer window gains in spread it may lose here.
        """
        import pandas as pd

        period = self.twin.line_period_s
        used = self.summary["window_lines"]
        rows = []
        for one in self.scores:
            percent = 100.0 / one.speed_um_per_s if one.speed_um_per_s > 0 else float("nan")
            rows.append(
                {
                    "window_lines": one.window_lines,
                    "window_s": one.window_lines * period,
                    "used": one.window_lines == used,
                    "windows": one.windows,
                    "accepted_share": one.accepted_share[0],
                    **_three("bias", "_um_per_s", one.bias_um_per_s),
                    "bias_percent": percent * one.bias_um_per_s[0],
                    **_three("spread", "_um_per_s", one.spread_um_per_s),
                    "spread_percent": percent * one.spread_um_per_s[0],
                    "rms_um_per_s": one.rms_um_per_s,
                    "stated_sd_um_per_s": one.sd_um_per_s,
                    "hidden_um_per_s": one.hidden_um_per_s,
                    **_three("within_10_percent_share", "", one.right_share),
                    **_three("within_2_sd_share", "", one.covered_share),
                }
            )
        return pd.DataFrame(rows)


def _three(name: str, unit: str, values: tuple[float, float, float]) -> dict[str, float]:
    return {
        f"{name}{unit}": values[0],
        f"{name}_ci95_low{unit}": values[1],
        f"{name}_ci95_high{unit}": values[2],
    }


def expected_error(
    kymograph: Any,
    result: AnalysisResult,
    *,
    windows_lines: Sequence[int] = WINDOWS_LINES,
    phantoms: int = 6,
    lines: int | None = None,
    blur_sigma_um: float = 0.4,
    seed: int = 0,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> ExpectedError:
    """Error to expect of a velocity measurement, on phantoms matched to the recording.

    Parameters
    ----------
    kymograph : array_like, shape (lines, width)
        The pixels that were measured.
    result : AnalysisResult
        What `radon_velocity` measured in them; its parameters are used again on the phantoms.
    windows_lines : sequence of int
        Other widths of the window to compare (lines); the step changes with the window.
    phantoms : int
        How many to draw, each with its own cells, noise and stretch of the course.
    lines : int, optional
        Lines of one phantom, at most those of the recording. By default as many as give 48
        windows and let 40 cells pass, but no more than a million pixels.
    blur_sigma_um : float
        Standard deviation of the microscope's blur (µm), which cannot be told from the length of
        cells.
    seed : int
        Another seed draws other phantoms.
    progress : callable, optional
        Called with the finished share, 0 to 1.
    cancel : object with ``is_set()``, optional
        Asked several times a second whether to stop.

    Returns
    -------
    ExpectedError
        ``summary`` has, for accepted windows of the width that was used: ``bias``, ``spread``
        and ``rms`` (µm/s, and in per cent of the median speed), ``within_10_percent_share``,
        ``within_2_sd_share``, ``accepted_share``, with their 95 % intervals; what the phantoms
        were given (``phantom_...``); and ``stated_sd_ratio``, the median standard deviation
        stated in the recording over that in the phantoms. Where it is far above 1 the recording
        is harder than its phantoms, and its errors are larger than theirs.

    Raises
    ------
    ParameterError
        If the result is not one of these pixels, too few of its windows were accepted, or a
        parameter is not allowed.
    CalibrationError
        If the result has no line period or no pixel size.
    AnalysisCancelled
        If `cancel` is set.

    Notes
    -----
    Phantoms are trains of rigid cells in single file. Cells of a vessel deform, turn and pass each
    other; part of this is in the noise that phantoms are given, since noise is all that does not
    move with the cells.

    Examples
    --------
    >>> from cloudscope.synthetic import velocity_kymograph
    >>> truth = velocity_kymograph(600.0, lines=3000, pixels=40, seed=1)
    >>> scales = {"line_period_s": 1e-3, "pixel_size_um": 0.5}
    >>> measured = radon_velocity(truth.image, **scales)
    >>> expected = expected_error(truth.image, measured, windows_lines=(32,), phantoms=2)
    >>> expected.table["window_lines"].tolist()
    [32, 64]
    >>> expected.summary["within_10_percent_share"] > 0.95
    True
    """
    image = _checked(kymograph, result)
    period = needed_scale("expected_error", "line_period_s", result.calibration.line_period_s)
    pixel = needed_scale("expected_error", "pixel_size_um", result.calibration.pixel_size_um)
    _check_counts(windows_lines, phantoms, lines, blur_sigma_um)
    parameters = _parameters(result)

    def tell(done: float) -> None:
        checkpoint(done, progress, cancel)

    def measure(drawn: NDArray[Any], window: int | None) -> AnalysisResult:
        changed = dict(parameters)
        if window is not None:
            scale = window / changed["window_lines"]
            changed["step_lines"] = max(round(changed["step_lines"] * scale), 1)
            changed["window_lines"] = window
        return radon_velocity(
            drawn, line_period_s=period, pixel_size_um=pixel, cancel=cancel, **changed
        )

    tell(0.0)
    twin = matched_twin(
        image,
        result,
        period=period,
        pixel=pixel,
        blur_sigma_um=blur_sigma_um,
        lines=lines,
        seed=seed,
        measure=measure,
        checkpoint=lambda done: tell(_MATCHING * done),
    )
    used = int(parameters["window_lines"])
    # A phantom of fewer than four windows says nothing of them.
    compared = sorted({used, *(int(w) for w in windows_lines if 4 * w <= twin.lines)})
    found: dict[int, list[Measured]] = {window: [] for window in compared}
    for number in range(phantoms):
        drawn = twin.draw(seed + 1 + number)
        for place, window in enumerate(compared):
            done = (number + place / len(compared)) / phantoms
            tell(_MATCHING + (1.0 - _MATCHING) * done)
            measured = measure(drawn.image, window)
            found[window].append(_beside(measured, drawn, window, pixel, period))
    tell(1.0)
    scores = tuple(score(each, window, seed) for window, each in found.items())
    own = scores[compared.index(used)]
    from cloudscope import __version__

    return ExpectedError(
        summary=FrozenDict(_summary(result, twin, own, phantoms)),
        scores=scores,
        methods_paragraph=methods_paragraph(
            result, (image.shape[0], image.shape[1]), twin, phantoms, scores
        ),
        twin=twin,
        software=f"cloudscope {__version__}",
    )


def _beside(
    measured: AnalysisResult, drawn: Phantom, window: int, pixel: float, period: float
) -> Measured:
    # The quarter of a pixel that a stall may be off, over a whole window.
    return Measured.of(measured, drawn, 0.25 * pixel / (window * period))


def _checked(kymograph: Any, result: AnalysisResult) -> NDArray[Any]:
    if result.analysis != "radon_velocity":
        raise ParameterError(
            f"result is one of {result.analysis}: give one of radon_velocity, measured in these "
            "pixels"
        )
    image = np.asarray(kymograph)
    if image.ndim != 2 or image.dtype.kind not in "buif" or image.size == 0:
        raise ParameterError(
            f"kymograph has shape {image.shape} and type {image.dtype}: give one channel of real "
            "numbers as (lines, columns)"
        )
    stop = result.columns["row_stop"]
    last = int(stop[-1]) if stop.size else 0
    inside = result.bounds
    wrong = inside is not None and image.shape != (inside[1] - inside[0], inside[3] - inside[2])
    if wrong or not last <= image.shape[0]:
        raise ParameterError(
            f"kymograph has shape {image.shape}, and result is of other pixels: give those that "
            "were measured"
        )
    if image.dtype.kind == "f" and not np.isfinite(image).all():
        raise ParameterError(
            "kymograph has pixels that are not finite (NaN or infinite): choose lines and columns "
            "without them, or fill them"
        )
    return image.astype(np.uint8) if image.dtype.kind == "b" else image


def _check_counts(
    windows_lines: Sequence[int], phantoms: int, lines: int | None, blur_sigma_um: float
) -> None:
    declared = {p.name: p for p in declared_parameters(radon_velocity)}
    for window in windows_lines:
        declared["window_lines"].validate(window)
    if not 1 <= phantoms <= 1000 or phantoms != int(phantoms):
        raise ParameterError(
            f"phantoms={phantoms!r} is not allowed: give a whole number from 1 to 1000"
        )
    if lines is not None and (lines < 1 or lines != int(lines)):
        raise ParameterError(f"lines={lines!r} is not allowed: give a positive whole number")
    if not 0 <= blur_sigma_um < np.inf:
        raise ParameterError(
            f"blur_sigma_um={blur_sigma_um!r} is not allowed: give 0 or a positive number"
        )


def _parameters(result: AnalysisResult) -> dict[str, Any]:
    """Those of the measurement that the present version knows, but for options that only report."""
    known = {p.name: p.default for p in declared_parameters(radon_velocity)}
    parameters = {name: result.parameters.get(name, known[name]) for name in known}
    if "along_line" in parameters:
        parameters["along_line"] = False
    return parameters


def _summary(result: AnalysisResult, twin: Twin, expected: Score, phantoms: int) -> dict[str, Any]:
    speed = expected.speed_um_per_s
    percent = 100.0 / speed if speed > 0 else float("nan")
    recorded = stated_sd_um_per_s(result)
    return {
        "window_lines": expected.window_lines,
        **_three("bias", "_um_per_s", expected.bias_um_per_s),
        "bias_percent": percent * expected.bias_um_per_s[0],
        **_three("spread", "_um_per_s", expected.spread_um_per_s),
        "spread_percent": percent * expected.spread_um_per_s[0],
        "rms_um_per_s": expected.rms_um_per_s,
        **_three("within_10_percent_share", "", expected.right_share),
        **_three("within_2_sd_share", "", expected.covered_share),
        **_three("accepted_share", "", expected.accepted_share),
        "recording_accepted_share": result.summary.get("accepted_share"),
        "stated_sd_um_per_s": recorded,
        "stated_sd_ratio": recorded / max(expected.sd_um_per_s, 1e-300),
        "hidden_um_per_s": expected.hidden_um_per_s,
        "phantoms": phantoms,
        "phantom_lines": twin.lines,
        "phantom_snr": twin.snr,
        "phantom_fading_per_line": twin.fading_per_line,
        "phantom_cell_length_um": twin.cell_length_um,
        "phantom_cell_spacing_um": twin.cell_spacing_um,
        "phantom_hematocrit": twin.hematocrit,
        "phantom_bright_cells": int(twin.bright_cells),
        "phantom_speed_um_per_s": speed,
    }

"""A paragraph for the methods section: what was done, with what, and how far it can be trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cloudscope.analysis.phantom.scoring import Score
from cloudscope.analysis.phantom.twin import Twin
from cloudscope.analysis.result import AnalysisResult

__all__ = ["methods_paragraph"]

_CITED = {
    "drew": (
        "Drew et al. 2010",
        "Drew PJ, Blinder P, Cauwenberghs G, Shih AY, Kleinfeld D (2010). Rapid determination of "
        "particle velocity from space-time images using the Radon transform. J Comput Neurosci "
        "29:5-11.",
    ),
    "padfield": (
        "Padfield 2012",
        "Padfield D (2012). Masked object registration in the Fourier domain. IEEE Trans Image "
        "Process 21:2706-2718.",
    ),
    "forney": (
        "Forney 1973",
        "Forney GD (1973). The Viterbi algorithm. Proc IEEE 61:268-278.",
    ),
    "efron": (
        "Efron and Stein 1981",
        "Efron B, Stein C (1981). The jackknife estimate of variance. Ann Statist 9:586-596.",
    ),
    "bootstrap": (
        "Efron 1979",
        "Efron B (1979). Bootstrap methods: another look at the jackknife. Ann Statist 7:1-26.",
    ),
    "rauch": (
        "Rauch et al. 1965",
        "Rauch HE, Tung F, Striebel CT (1965). Maximum likelihood estimates of linear dynamic "
        "systems. AIAA J 3:1445-1450.",
    ),
    "wilson": (
        "Wilson 1927",
        "Wilson EB (1927). Probable inference, the law of succession, and statistical inference. "
        "J Am Stat Assoc 22:209-212.",
    ),
}


def _number(value: float, digits: int = 3) -> str:
    """`value` to some digits, without an exponent."""
    if value == 0 or value != value:
        return f"{value:g}"
    text = f"{value:.{digits}g}"
    return f"{float(text):.0f}" if "e" in text else text


def _percent(value: float) -> str:
    return f"{100 * value:.3g} %"


def _interval(values: tuple[float, float, float], unit: str, scale: float = 1.0) -> str:
    value, low, high = (scale * v for v in values)
    return f"{_number(value)} {unit} (95 % interval {_number(low)} to {_number(high)})"


class _Citations:
    """Short forms in the text; whole ones at the end, in the order of the alphabet."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def __call__(self, *names: str) -> str:
        self._used |= set(names)
        return "; ".join(_CITED[name][0] for name in names)

    def references(self) -> str:
        return " ".join(sorted(_CITED[name][1] for name in self._used))


def _method(parameters: Mapping[str, Any], cite: _Citations) -> list[str]:
    if parameters.get("method", "correlation") == "classic":
        return [
            "In each window the velocity follows from the angle at which the Radon transform "
            f"varies most ({cite('drew')})."
        ]
    sentences = [
        "In each window the velocity is that of the ray along which the space-time correlation of "
        "the lines is largest, which is the Radon method "
        f"({cite('drew')}) with a correlation normalised by the pixels that overlap at each shift "
        f"({cite('padfield')})."
    ]
    if parameters.get("tracking", 0):
        sentences.append(
            f"Among the best rays of each window the path over all windows was chosen by Viterbi's "
            f"algorithm ({cite('forney')}; weight {parameters['tracking']:g})."
        )
    sentences.append(f"Standard deviations are from a jackknife over time ({cite('efron')}).")
    if parameters.get("smoother", "none") == "rts":
        sentences.append(
            "Velocities were smoothed over time by their uncertainties "
            f"(Rauch-Tung-Striebel smoother, {cite('rauch')})."
        )
    return sentences


def _preparation(parameters: Mapping[str, Any]) -> str:
    done = []
    background = parameters.get("background", "record")
    if background == "record":
        done.append("the mean of each column over the recording was taken off")
    elif background == "moving":
        seconds = parameters.get("background_window_s")
        done.append(f"the running mean of each column over {seconds:g} s was taken off")
    if parameters.get("bleaching", "fit") == "fit" and background != "none":
        done.append("the slow course of the brightness was divided out")
    if parameters.get("bidirectional", "no") != "no":
        done.append("the offset of lines scanned backwards was undone")
    if parameters.get("scan_time_s"):
        done.append(
            f"the {1e3 * parameters['scan_time_s']:g} ms that the beam takes along the line were "
            "allowed for"
        )
    if parameters.get("line_angle_deg"):
        done.append(
            f"velocities were divided by the cosine of {parameters['line_angle_deg']:g} degrees "
            "between line and vessel"
        )
    if not done:
        return ""
    text = done[0] if len(done) == 1 else ", ".join(done[:-1]) + " and " + done[-1]
    return text[0].upper() + text[1:] + "."


def _limits(parameters: Mapping[str, Any]) -> str:
    limits = []
    for name, word in (("minimum_speed_um_per_s", "below"), ("maximum_speed_um_per_s", "above")):
        if parameters.get(name) is not None:
            limits.append(f"speeds {word} {parameters[name]:g} µm/s")
    if parameters.get("direction", "either") != "either":
        other = {"positive": "smaller", "negative": "larger"}[parameters["direction"]]
        limits.append(f"flow towards {other} columns")
    return f"Not considered were {' and '.join(limits)}. " if limits else ""


def _cells(twin: Twin) -> str:
    """What moves in the phantoms."""
    kind = "bright cells" if twin.bright_cells else "dark cells"
    if twin.fading_per_line > 0:
        return f"{kind} in single file that change as fast as those of the recording"
    return f"rigid {kind} in single file"


def _errors(expected: Score, percent: float, cite: _Citations) -> str:
    bias, spread, covered = expected.bias_um_per_s, expected.spread_um_per_s, expected.covered_share
    if bias[0] != bias[0]:
        return "No window of them was accepted, so that no error can be stated."
    within = f"{_interval(expected.right_share, '%', 100)} of them were within 10 % of the truth"
    if covered[0] == covered[0]:
        within += f" and {_interval(covered, '%', 100)} within two stated standard deviations"
    return (
        f"There the bias of accepted windows was {_interval(bias, 'µm/s')}, that is "
        f"{_number(percent * bias[0], 2)} % of the median speed; their spread (standard "
        f"deviation, from the median distance) was {_interval(spread, 'µm/s')}, that is "
        f"{_number(percent * spread[0], 2)} %; {within} (Wilson intervals for shares, "
        f"{cite('wilson')}; bootstrap for the others, {cite('bootstrap')})."
    )


def methods_paragraph(
    result: AnalysisResult,
    shape: tuple[int, int],
    twin: Twin,
    phantoms: int,
    scores: Sequence[Score],
) -> str:
    """Sentences with the parameters that were used and the errors that were found, ready to print.

    Parameters
    ----------
    result : AnalysisResult
        The measurement.
    shape : tuple of int
        Lines and columns of the recording.
    twin : Twin
        What the phantoms had in common with it.
    phantoms : int
        How many were drawn.
    scores : sequence of Score
        The window of `result` among them.
    """
    cite = _Citations()
    parameters, summary = result.parameters, result.summary
    period_ms = 1e3 * twin.line_period_s
    window, step = int(parameters["window_lines"]), int(parameters["step_lines"])
    accepted, all_windows = summary.get("windows_accepted"), summary.get("windows")
    text = [
        f"Red cell velocity was measured in a line scan of {shape[0]} lines of {shape[1]} pixels "
        f"(line period {_number(period_ms, 4)} ms, pixel size {_number(twin.pixel_size_um, 4)} µm) "
        f"with {result.software or 'cloudscope'} in windows of {window} lines "
        f"({_number(window * period_ms)} ms), one every {step} lines ({_number(step * period_ms)} "
        "ms).",
        _preparation(parameters),
        *_method(parameters, cite),
        _limits(parameters).strip(),
    ]
    if accepted is not None and all_windows:
        text.append(
            f"{accepted} of {all_windows} windows ({_percent(accepted / all_windows)}) were "
            "accepted."
        )
    expected = next(one for one in scores if one.window_lines == window)
    speed = expected.speed_um_per_s
    percent = 100.0 / speed if speed > 0 else float("nan")
    text.append(
        f"The error to expect was determined with the same parameters on {phantoms} drawn "
        f"recordings of {twin.lines} lines whose velocity is known ({_cells(twin)}), matched to "
        "this one in sampling, still pattern, course of the velocity (median speed "
        f"{_number(speed)} µm/s), cell length ({_number(twin.cell_length_um, 2)} µm), line "
        f"hematocrit ({twin.hematocrit:.2f}) and signal-to-noise ratio ({_number(twin.snr, 2)})."
    )
    text.append(_errors(expected, percent, cite))
    others = [
        f"{_number(percent * one.bias_um_per_s[0], 2)} ± "
        f"{_number(percent * one.spread_um_per_s[0], 2)} % for {one.window_lines} lines"
        for one in scores
        if one is not expected and one.bias_um_per_s[0] == one.bias_um_per_s[0]
    ]
    if others:
        text.append(f"With other windows bias and spread were {', '.join(others)}.")
    return " ".join(part for part in text if part) + f" References: {cite.references()}"

"""What a result says, in lines of name and value for a panel."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Any

from cloudscope.analysis.registry import analysis_names, get_analysis
from cloudscope.widgets.fact_titles import LEFT_OUT, TITLES
from cloudscope.widgets.wording import measured_text, number_text

if TYPE_CHECKING:
    from cloudscope.analysis.result import AnalysisResult

__all__ = ["facts_html", "headline_facts", "parameter_facts", "summary_facts", "unit_of"]

_SINGULAR = {"lines": "line", "pixels": "pixel", "counts": "count"}
_UNITS = (
    ("_um_per_s", "µm/s"),
    ("_pl_per_s", "pL/s"),
    ("_nl_per_min", "nL/min"),
    ("_cells_per_s", "cells/s"),
    ("_cells_per_mm", "cells/mm"),
    ("_per_min", "/min"),
    ("_per_s", "/s"),
    ("_bpm", "bpm"),
    ("_um", "µm"),
    ("_px", "px"),
    ("_ms", "ms"),
    ("_s", "s"),
    ("_hz", "Hz"),
    ("_pa", "Pa"),
    ("_percent", "%"),
)
_LEAST_PROBABILITY = 1e-4  # less than that is told as less


def unit_of(name: str) -> tuple[str, str]:
    """Name without its unit, in words, and the unit.

    Examples
    --------
    >>> unit_of("velocity_median_um_per_s"), unit_of("points")
    (('velocity median', 'µm/s'), ('points', ''))
    """
    for ending, unit in _UNITS:
        if name.endswith(ending):
            return name.removesuffix(ending).replace("_", " "), unit
    return name.replace("_", " "), ""


def summary_facts(result: AnalysisResult) -> list[tuple[str, str]]:
    """Every number of the summary, in words: the headline first, shares with their total.

    Parameters
    ----------
    result : AnalysisResult

    Returns
    -------
    list of (name, value)
    """
    summary = {name: value for name, value in result.summary.items() if name not in LEFT_OUT}
    facts: list[tuple[str, str]] = []
    headline = ""
    if result.analysis in analysis_names():
        headline = get_analysis(result.analysis).headline
    if headline in summary:
        facts.append(_fact(headline, summary.pop(headline)))
        stem = headline.replace("_median", "").replace("_mean", "")
        facts += _spread(summary, stem)
        facts += _intervals(summary, headline)
    for total in [name for name in summary if f"{name}_accepted" in summary]:
        accepted, all_of_them = summary.pop(f"{total}_accepted"), summary.pop(total)
        facts.append((f"accepted {total}", f"{accepted:,} of {all_of_them:,}"))
        summary.pop("accepted_share", None)  # the same, said again
    for name, value in list(summary.items()):
        if name in summary and _says_something(value):
            interval = _intervals(summary, name.replace("_ci95_low", ""))
            facts += [_fact(name, value)] if name in summary else []
            facts += interval
    return facts


def headline_facts(result: AnalysisResult) -> list[tuple[str, str]]:
    """What a summary beside the form shows: the headline, its spread, and what was accepted."""
    facts = summary_facts(result)
    last = next((i for i, (name, _) in enumerate(facts) if name.startswith("accepted ")), 3)
    return facts[: last + 1]


def _title(name: str) -> str:
    return TITLES.get(name) or unit_of(name)[0]


def _says_something(value: Any) -> bool:
    return value is not None and not (isinstance(value, float) and math.isnan(value))


def _fact(name: str, value: Any) -> tuple[str, str]:
    words, unit = _title(name), unit_of(name)[1]
    if isinstance(value, str) or value is None:
        return words, value or "–"
    if isinstance(value, bool):
        return words, "yes" if value else "no"
    if name.endswith("_probability") and value < _LEAST_PROBABILITY:
        return words, f"less than {_LEAST_PROBABILITY:.4f}"
    if name.endswith("_share") and _says_something(value):
        return words, f"{number_text(100.0 * value, 3)} %"
    tail = f" {unit}" if unit and _says_something(value) else ""
    return words, number_text(value) + tail


def _spread(summary: dict[str, Any], stem: str) -> list[tuple[str, str]]:
    """Interval, mean ± sd and quartiles of the headline's quantity, taken out of `summary`."""
    _, unit = unit_of(stem)
    base = stem.removesuffix(next((e for e, _ in _UNITS if stem.endswith(e)), ""))
    ending = stem.removeprefix(base)
    facts = []
    ends = [f"{base}_median_ci95_{end}{ending}" for end in ("low", "high")]
    if all(end in summary for end in ends):
        facts.append(("95 % interval", _span(summary, ends, unit)))
    mean, sd = f"{base}_mean{ending}", f"{base}_sd{ending}"
    if mean in summary and sd in summary:
        facts.append(("mean ± sd", measured_text(summary.pop(mean), summary.pop(sd), unit)))
    for low, high in (("q25", "q75"), ("quartile_1", "quartile_3")):
        ends = [f"{base}_{low}{ending}", f"{base}_{high}{ending}"]
        if all(end in summary for end in ends):
            facts.append(("middle half", _span(summary, ends, unit)))
    return facts


def _intervals(summary: dict[str, Any], name: str) -> list[tuple[str, str]]:
    """The 95 % interval of a number, taken out of `summary`; none where there is none."""
    ending = next((ending for ending, _ in _UNITS if name.endswith(ending)), "")
    words, unit = _title(name), unit_of(name)[1]
    for base, tail in ((name.removesuffix(ending), ending), (name, "")):
        ends = [f"{base}_ci95_{end}{tail}" for end in ("low", "high")]
        if all(end in summary for end in ends):
            return [(f"{words}, 95 %", _span(summary, ends, unit))]
    return []


def _span(summary: dict[str, Any], names: list[str], unit: str) -> str:
    low, high = (summary.pop(name) for name in names)
    if not (_says_something(low) and _says_something(high)):
        return "–"
    return f"{number_text(low)} … {number_text(high)} {unit}".rstrip()


def parameter_facts(result: AnalysisResult) -> list[tuple[str, str]]:
    """The detection parameters a result was measured with, with their titles and units.

    Examples
    --------
    >>> import numpy as np
    >>> from cloudscope.acq_image import AcqImage
    >>> image = AcqImage.from_array(np.zeros((99, 20)), line_period_s=0.001, pixel_size_um=0.5)
    >>> parameter_facts(image.analyze("diameter"))[2]
    ('Average', '1 line')
    """
    declared = {}
    if result.analysis in analysis_names():
        declared = {p.name: p.param for p in get_analysis(result.analysis).parameters}
    facts = []
    for name, value in result.parameters.items():
        param = declared.get(name)
        text = "auto" if value is None else str(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            text = f"{value:g}".replace("-", "−")
        unit = param.unit if param is not None and value is not None else ""
        if value == 1:
            unit = _SINGULAR.get(unit, unit)
        facts.append((param.title if param else name, f"{text} {unit}".rstrip()))
    return facts


def facts_html(facts: list[tuple[str, str]]) -> str:
    """Names and values as a list; all text is escaped.

    Examples
    --------
    >>> facts_html([("a", "7 of 9")])
    '<div class="cs-facts"><div><span class="cs-name">a</span> <span>7 of 9</span></div></div>'
    """
    rows = "".join(
        f'<div><span class="cs-name">{escape(name)}</span> <span>{escape(value)}</span></div>'
        for name, value in facts
    )
    return f'<div class="cs-facts">{rows}</div>'

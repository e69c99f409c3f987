"""The Results panel: every result of a recording, with how it came about."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets
import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.analysis.registry import analysis_names, get_analysis
from cloudscope.analysis.result import AnalysisResult, ResultKey
from cloudscope.errors import UnknownNameError
from cloudscope.roi import WHOLE_RECORDING
from cloudscope.widgets.result_facts import facts_html, parameter_facts, summary_facts
from cloudscope.widgets.theme import error_html, heading_html, theme_style
from cloudscope.widgets.wording import number_text

__all__ = ["ResultsPanel"]


class ResultsPanel(ipywidgets.VBox):
    """List of results and the chosen one in full: numbers, parameters, provenance.

    Parameters
    ----------
    image : AcqImage, optional

    Examples
    --------
    >>> import numpy as np
    >>> panel = ResultsPanel(AcqImage.from_array(np.zeros((50, 8))))
    >>> panel.chosen is None
    True
    """

    image = traitlets.Instance(AcqImage, allow_none=True)
    """The recording; assign another to show that."""

    chosen = traitlets.Any(None)
    """Key of the result shown in full, or ``None``."""

    def __init__(self, image: AcqImage | None = None) -> None:
        super().__init__()
        self._showing = False
        self.list = ipywidgets.Select(options=[], rows=6, layout={"width": "auto"})
        self.list.add_class("cs-list")
        self._hint = ipywidgets.HTML()
        self._hint.add_class("cs-hint")
        top = ipywidgets.VBox([ipywidgets.HTML(heading_html("Results")), self.list, self._hint])
        top.add_class("cs-section")
        self._detail = ipywidgets.HTML()
        self._detail.add_class("cs-section")
        self.children = (theme_style(), top, self._detail)
        self.add_class("cs-panel")
        self.add_class("cs-results")
        self.list.observe(self._picked, "value")
        self.observe(self._take_image, "image")
        self.observe(lambda _: self._show(), "chosen")
        self.image = image
        self._show()

    def _take_image(self, change: Any) -> None:
        names = ["rois", "results", "header", "dirty"]
        if change["old"] is not None:
            change["old"].unobserve(self._model_changed, names)
        if change["new"] is not None:
            change["new"].observe(self._model_changed, names)
        self._show()

    def _model_changed(self, change: Any) -> None:
        self._show()

    def _picked(self, change: Any) -> None:
        if not self._showing:
            self.chosen = change["new"]

    def _show(self) -> None:
        image = self.image
        keys = () if image is None else sorted(image.results, key=lambda k: (k[2], k[1], k[0]))
        self._showing = True
        try:
            options = [(_line(image, key), key) for key in keys] if image is not None else []
            if list(self.list.options) != options:
                self.list.options = options
            if self.chosen not in keys:
                self.chosen = keys[0] if keys else None
            self.list.value = self.chosen
        finally:
            self._showing = False
        self.list.layout.display = "" if keys else "none"
        if image is None:
            hint = "Choose a recording."
        elif not keys:
            hint = "Nothing is measured yet: see Measure."
        elif image.dirty:
            hint = "Not saved yet: Save writes the tables beside the recording."
        else:
            hint = f"Saved beside the recording as {image.name}.json and one CSV an analysis."
        self._hint.value = escape(hint)
        self._detail.value = ""
        self._detail.layout.display = "none"
        if image is not None and self.chosen is not None:
            self._detail.value = _detail(image, image.results[self.chosen])
            self._detail.layout.display = ""

    def __repr__(self) -> str:
        return f"ResultsPanel({len(self.list.options)} results)"


def _title(analysis: str) -> str:
    return get_analysis(analysis).title if analysis in analysis_names() else analysis


def _where(image: AcqImage, key: ResultKey) -> str:
    _, channel, roi_id = key
    if roi_id == WHOLE_RECORDING:
        words = "whole recording"
    else:
        try:
            words = f"ROI {image.roi(roi_id).title}"
        except UnknownNameError:
            words = f"ROI {roi_id} (deleted)"
    if image.header.channels > 1:
        words += f", channel {image.header.channel_title(channel)}"
    return words


def _line(image: AcqImage, key: ResultKey) -> str:
    result = image.results[key]
    words = f"{_title(key[0])} · {_where(image, key)}"
    facts = summary_facts(result)
    if facts:
        words += f" · {facts[0][1]}"
    return words + (" · stale" if image.stale_reason(result) else "")


def _detail(image: AcqImage, result: AnalysisResult) -> str:
    stale = image.stale_reason(result)
    parts = [heading_html(f"{_title(result.analysis)} · {_where(image, result.key)}")]
    if stale:
        parts.append(f'<p class="cs-stale">Stale: {escape(stale)}. Run it again to renew it.</p>')
    accepted = result.summary.get("windows_accepted", result.summary.get("points_accepted"))
    if accepted == 0:
        parts.append(error_html("No sample was accepted: the values say nothing."))
    parts.append(facts_html(summary_facts(result)))
    parts.append(heading_html("Measured with"))
    parts.append(facts_html(parameter_facts(result) + _provenance(result)))
    return "".join(parts)


def _provenance(result: AnalysisResult) -> list[tuple[str, str]]:
    facts = []
    if result.bounds is not None:
        row_start, row_stop, col_start, col_stop = result.bounds
        facts.append(("lines", f"{row_start:,} to {row_stop:,}"))
        facts.append(("pixels", f"{col_start:,} to {col_stop:,}"))
    period, size = result.calibration.line_period_s, result.calibration.pixel_size_um
    if period is not None:
        facts.append(("line period", f"{number_text(period * 1000)} ms"))
    if size is not None:
        facts.append(("pixel size", f"{number_text(size)} µm"))
    if result.created_at:
        facts.append(("measured", result.created_at.replace("T", " ").replace("+00:00", " UTC")))
    if result.software:
        facts.append(("by", result.software))
    return facts

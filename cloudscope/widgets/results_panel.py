"""The Results panel: every result of a recording, with how it came about."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets
import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.analysis.registry import analysis_names, get_analysis
from cloudscope.analysis.result import AnalysisResult, ResultKey
from cloudscope.errors import UnknownNameError
from cloudscope.roi import WHOLE_RECORDING
from cloudscope.widgets.form_field import FormField
from cloudscope.widgets.python_code import analysis_code
from cloudscope.widgets.result_facts import facts_html, parameter_facts, summary_facts
from cloudscope.widgets.status_line import StatusLine
from cloudscope.widgets.theme import error_html, heading_html, theme_style
from cloudscope.widgets.wording import number_text

__all__ = ["ResultsPanel"]


_SORTS = (
    ("ROI", "roi"),
    ("analysis", "analysis"),
    ("time measured, newest first", "newest"),
    ("stale first", "stale"),
)
_COPIES = (
    ("Copy numbers", "Summary and parameters, as two columns for a spreadsheet", "numbers"),
    ("Copy table", "Every window, line or event, for a spreadsheet", "table"),
    ("Copy as Python", "The lines that measure this again", "python"),
)


class ResultsPanel(ipywidgets.VBox):
    """List of results and the chosen one in full: numbers, parameters, provenance.

    Parameters
    ----------
    image : AcqImage, optional
    copy : callable, optional
        Puts text on the user's clipboard; without it there is nothing to copy with.
    status : StatusLine, optional
        Told what was copied.

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

    def __init__(
        self,
        image: AcqImage | None = None,
        *,
        copy: Callable[[str], None] | None = None,
        status: StatusLine | None = None,
    ) -> None:
        super().__init__()
        self._showing = False
        self._copy, self._status = copy, status or StatusLine()
        self.sort = ipywidgets.Dropdown(description="Sort by", options=_SORTS)
        self._sort_field = FormField(self.sort)
        self.list = ipywidgets.Select(
            options=[], rows=6, description="Results", layout={"width": "auto"}
        )
        self.list.add_class("cs-list")
        self.list.add_class("cs-name-unseen")
        self._hint = ipywidgets.HTML()
        self._hint.add_class("cs-hint")
        top = ipywidgets.VBox(
            [ipywidgets.HTML(heading_html("Results")), self._sort_field, self.list, self._hint]
        )
        top.add_class("cs-section")
        self._detail = ipywidgets.HTML()
        self._detail.add_class("cs-section")
        self._copies = ipywidgets.HBox(
            [self._copy_button(*words) for words in _COPIES], _dom_classes=["cs-row", "cs-section"]
        )
        self.children = (theme_style(), top, self._detail, self._copies)
        self.add_class("cs-panel")
        self.add_class("cs-results")
        self.list.observe(self._picked, "value")
        self.sort.observe(lambda _: self._show(), "value")
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
        keys = () if image is None else _sorted(image, self.sort.value)
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
        self._sort_field.layout.display = "" if len(keys) > 1 else "none"
        can_copy = self._copy is not None and self.chosen is not None
        self._copies.layout.display = "" if can_copy else "none"
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

    def _copy_button(self, title: str, tooltip: str, what: str) -> ipywidgets.Button:
        button = ipywidgets.Button(description=title, tooltip=tooltip)
        button.on_click(self._status.guarded("Copy", lambda _: self.copy_chosen(what)))
        return button

    def copy_chosen(self, what: str) -> None:
        """Put the result chosen on the clipboard: ``"numbers"``, ``"table"`` or ``"python"``."""
        image = self.image
        if image is None or self.chosen is None or self._copy is None:
            return
        result = image.results[self.chosen]
        if what == "table":
            text = result.table.to_csv(sep="\t", index=False)
        elif what == "python":
            text = analysis_code(
                image,
                result.analysis,
                channel=result.channel or 0,
                roi_id=result.roi_id or WHOLE_RECORDING,
                parameters={
                    **result.parameters,
                    **{name: record.key for name, record in result.inputs.items()},
                },
            )
        else:
            lines = [("recording", image.name), ("result", _line(image, self.chosen))]
            lines += [(name, "" if v is None else str(v)) for name, v in result.summary.items()]
            lines += [(f"parameter.{name}", str(v)) for name, v in result.parameters.items()]
            text = "".join(f"{name}\t{value}\n" for name, value in lines)
        self._copy(text)
        self._status.say(f"{what.capitalize()} copied", "ok")

    def __repr__(self) -> str:
        return f"ResultsPanel({len(self.list.options)} results)"


def _sorted(image: AcqImage, by: str) -> list[ResultKey]:
    names = analysis_names()
    turn = {name: place for place, name in enumerate(names)}
    keys = sorted(image.results, key=lambda k: (k[2], k[1], turn.get(k[0], len(turn)), k[0]))
    if by == "analysis":
        keys.sort(key=lambda k: turn.get(k[0], len(turn)))
    elif by == "newest":
        keys.sort(key=lambda k: image.results[k].created_at or "", reverse=True)
    elif by == "stale":
        keys.sort(key=lambda k: image.stale_reason(image.results[k]) is None)
    return keys


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
    parts.append(facts_html(parameter_facts(result) + _provenance(image, result)))
    return "".join(parts)


def _provenance(image: AcqImage, result: AnalysisResult) -> list[tuple[str, str]]:
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
    if result.created_at and not image.blinded:  # days tell groups apart
        facts.append(("measured", result.created_at.replace("T", " ").replace("+00:00", " UTC")))
    if result.software:
        facts.append(("by", result.software))
    return facts

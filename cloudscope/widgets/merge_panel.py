"""Two people's changes of one recording, put together: what clashes is decided one by one."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets

from cloudscope.acq_image import AcqImage
from cloudscope.analysis.result import AnalysisResult
from cloudscope.blinding import refuse_blind
from cloudscope.merged_image import MergeClash, MergeReport, Side
from cloudscope.roi import Roi
from cloudscope.widgets.status_line import StatusLine
from cloudscope.widgets.wording import number_text

__all__ = ["MergePanel", "value_text"]

MOST_SHOWN = 12
"""Clashes decided one by one; of more than these, mine or theirs is taken for all the rest."""


def value_text(value: Any) -> str:
    """A value of a clash in words.

    Examples
    --------
    >>> value_text(None), value_text(True), value_text(0.31), value_text("vein")
    ('nothing', 'yes', '0.3100', 'vein')
    >>> value_text((0, 200, 4, 20))
    'lines 0–200, columns 4–20'
    """
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, Roi):
        return f"{value.title}: {value_text(value.bounds)}"
    if isinstance(value, tuple) and len(value) == 4:
        return f"lines {value[0]}–{value[1]}, columns {value[2]}–{value[3]}"
    if isinstance(value, AnalysisResult):
        return _result_text(value)
    return str(value)[:120]


def _result_text(result: AnalysisResult) -> str:
    from cloudscope.analysis.registry import get_analysis

    name = get_analysis(result.analysis).headline
    value = result.summary.get(name)
    number = number_text(value) if isinstance(value, int | float) else "no number"
    when = (result.created_at or "").replace("T", " ")[:16]
    return f"{number} ({name}{', measured ' + when if when else ''})"


class MergePanel(ipywidgets.VBox):
    """What both sides changed, with a choice for each clash.

    Parameters
    ----------
    image : AcqImage
    status : StatusLine
        Told what was merged.
    on_done : callable
        Called when it is over, with whether the recording was merged.
    """

    def __init__(
        self, image: AcqImage, status: StatusLine, on_done: Callable[[bool], None]
    ) -> None:
        refuse_blind([image], "Merging")
        super().__init__()
        self.image = image
        self._status = status
        self._on_done = on_done
        self.report: MergeReport = image.preview_merge()
        shown = self.report.clashes[:MOST_SHOWN]
        self.choices = {clash.where: _choice(clash) for clash in shown}
        self.rest = ipywidgets.RadioButtons(
            options=[("Mine", "mine"), ("Theirs", "theirs")],
            description=f"the other {len(self.report.clashes) - len(shown)}",
        )
        self.rest.layout.display = "" if len(self.report.clashes) > len(shown) else "none"
        self.apply_button = ipywidgets.Button(
            description="Merge", tooltip="Put both sides' changes together; Save then keeps them"
        )
        self.apply_button.add_class("cs-primary")
        self.cancel_button = ipywidgets.Button(description="Cancel")
        self.apply_button.on_click(status.guarded("Merge", lambda _: self.apply()))
        self.cancel_button.on_click(lambda _: self._on_done(False))
        self.children = (
            ipywidgets.HTML(f"<div>{escape(_introduction(self.report))}</div>"),
            *self.choices.values(),
            self.rest,
            ipywidgets.HBox([self.apply_button, self.cancel_button]),
        )
        for button in (self.apply_button, self.cancel_button):
            button.add_class("cs-button")
        self.add_class("cs-app-merge")

    def apply(self) -> None:
        """Merge as chosen; say what came of it."""
        choices: dict[str, Side] = {where: box.value for where, box in self.choices.items()}
        report = self.image.merge_saved(self.rest.value, choices=choices)
        self._status.say(f"{self.image.name}: {report}. Save keeps it, Undo takes it back", "ok")
        self._on_done(True)


_VERDICTS = {True: "accepted", False: "rejected", None: "not judged"}


def _choice(clash: MergeClash) -> ipywidgets.RadioButtons:
    judged = clash.where == "accepted"
    words = _VERDICTS.__getitem__ if judged else value_text
    choice = ipywidgets.RadioButtons(
        options=[
            (f"Mine: {words(clash.mine)}", "mine"),
            (f"Theirs: {words(clash.theirs)}", "theirs"),
        ],
        description="verdict" if judged else clash.where,
        tooltip=f"It was {words(clash.base)} before",
    )
    choice.add_class("cs-app-merge-choice")
    return choice


def _introduction(report: MergeReport) -> str:
    count = len(report.clashes)
    things = "one thing" if count == 1 else f"{count} things"
    rest = MergeReport(from_theirs=report.from_theirs, from_mine=report.from_mine)
    others = "" if str(rest) == "nothing differs" else f" Taken as they are: {rest}."
    return f"Both sides changed {things}: choose whose holds.{others}"

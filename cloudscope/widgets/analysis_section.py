"""One analysis in the Measure panel: its parameters, Run, Run on all, progress and Cancel."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets
import traitlets

from cloudscope.analysis.registry import get_analysis
from cloudscope.widgets.background_run import BackgroundRun, in_words
from cloudscope.widgets.input_choice import InputChoice
from cloudscope.widgets.parameter_form import ParameterForm
from cloudscope.widgets.theme import error_html, heading_html

__all__ = ["AnalysisSection", "BatchChoice"]


class BatchChoice(ipywidgets.VBox):
    """What "Run on all…" will do, said before it is done."""

    def __init__(self) -> None:
        super().__init__()
        self.where = ipywidgets.Dropdown(
            options=[("every ROI", "all"), ("the whole recording", "whole")],
            description="Measure",
            layout={"width": "auto"},
            style={"description_width": "60px"},
        )
        self.save = ipywidgets.Checkbox(
            True, description="save each when it is measured", indent=False
        )
        self.words = ipywidgets.HTML()
        self.words.add_class("cs-hint")
        self.start = ipywidgets.Button(description="Run")
        self.start.add_class("cs-primary")
        self.dismiss = ipywidgets.Button(description="Not now")
        self.children = (
            self.where,
            self.save,
            self.words,
            ipywidgets.HBox([self.start, self.dismiss]),
        )
        self.add_class("cs-batch")
        self.layout.display = "none"

    def show(self, on: bool) -> None:
        """Open or close it."""
        self.layout.display = "" if on else "none"


class AnalysisSection(ipywidgets.VBox):
    """Form and buttons of one analysis; says in place why it cannot run.

    Parameters
    ----------
    analysis : str
        A registered name.
    opened : bool
        Whether form and buttons are shown at first.
    """

    blocked = traitlets.Unicode("")
    """Why nothing can be measured now, or ``""``; written by Python."""

    stale = traitlets.Unicode("")
    """Why the result shown is stale, or ``""``; written by Python."""

    opened = traitlets.Bool(True)
    """Whether form and buttons are shown below the heading; written by both."""

    def __init__(self, analysis: str, *, opened: bool = True) -> None:
        super().__init__()
        spec = get_analysis(analysis)
        self.analysis = analysis
        self.title = spec.title
        self._form: ParameterForm | None = None
        self.inputs = InputChoice(spec)
        self._heading = ipywidgets.HTML()
        self._fold = ipywidgets.ToggleButton(True)
        self._fold.add_class("cs-quiet")
        self._fold.add_class("cs-fold")
        top = ipywidgets.HBox([self._fold, self._heading])
        top.add_class("cs-section-top")
        self.run_button = ipywidgets.Button(
            description="Run", tooltip=f"Measure {self.title.lower()} here"
        )
        self.run_button.add_class("cs-primary")
        self.all_button = ipywidgets.Button(
            description="Run on all…", tooltip="Measure every recording of the folder"
        )
        self.copy_button = ipywidgets.Button(
            description="Copy as Python",
            tooltip="Python that gives these numbers, on the clipboard",
        )
        self.copy_button.add_class("cs-quiet")
        self._why_not = ipywidgets.HTML()
        self.fix_button = ipywidgets.Button(description="Set…")
        self._refusal = ipywidgets.HBox([self._why_not, self.fix_button])
        self._refusal.add_class("cs-refusal")
        self.batch = BatchChoice()
        self._bar = ipywidgets.FloatProgress(min=0.0, max=1.0, layout={"width": "100%"})
        self._bar.add_class("cs-progress")
        self._words = ipywidgets.HTML()
        self._words.add_class("cs-dim")
        self.cancel_button = ipywidgets.Button(description="Cancel")
        self.cancel_button.add_class("cs-quiet")
        line = ipywidgets.HBox([self._words, self.cancel_button])
        line.add_class("cs-progress-line")
        self._running = ipywidgets.VBox([self._bar, line])
        self._running.layout.display = "none"
        self._outcome = ipywidgets.HTML()
        buttons = ipywidgets.HBox([self.run_button, self.all_button, self.copy_button])
        buttons.add_class("cs-row")
        self._buttons = buttons
        self.children = (
            top,
            self.inputs,
            buttons,
            self._refusal,
            self.batch,
            self._running,
            self._outcome,
        )
        self.add_class("cs-section")
        self.add_class(f"cs-analysis-{analysis}")
        self._busy = False
        self._count: Callable[[float], str] | None = None
        self.observe(lambda _: self._show(), ("blocked", "stale"))
        traitlets.link((self, "opened"), (self._fold, "value"))
        self.observe(lambda _: self._show_opened(), "opened")
        self.opened = opened
        self._show_opened()
        self._show()

    @property
    def form(self) -> ParameterForm:
        """The detection parameters; made when first wanted, for a form is hundreds of widgets."""
        if self._form is None:
            self._form = ParameterForm(self.analysis)
            self._form.observe(lambda _: self._show(), "error")
            self._form.layout.display = "" if self.opened else "none"
            before = list(self.children)
            before.insert(before.index(self._buttons), self._form)
            self.children = tuple(before)
        return self._form

    @property
    def error(self) -> str:
        """What is wrong in the form, or ``""``."""
        return "" if self._form is None else str(self._form.error)

    def clear(self) -> None:
        """Take back what was said of the last run."""
        if self._form is not None:
            self._form.clear_errors()
        self.say("")

    @property
    def values(self) -> dict[str, Any]:
        """Detection parameters and results chosen, as ``image.analyze`` takes them."""
        return {**self.form.values, **self.inputs.values}

    def follow(self, run: BackgroundRun, count: Callable[[float], str] | None = None) -> None:
        """Show the progress of a run here; `count` says how far a share is, in things done."""
        self._count = count
        self._outcome.value = ""
        self._progress(run)

    def show_progress(self, run: BackgroundRun, here: bool) -> None:
        """Mirror a run: its progress if it is this section's, else only that one must wait."""
        self._busy = run.running
        self._running.layout.display = "" if run.running and here else "none"
        self.cancel_button.disabled = run.cancelling
        self.all_button.disabled = self.batch.start.disabled = run.running
        self._show()
        if run.running and here:
            self._progress(run)

    def _progress(self, run: BackgroundRun) -> None:
        self._bar.value = run.fraction
        done = self._count(run.fraction) if self._count else f"{run.fraction:.0%}"
        if run.cancelling:
            words = "stopping…"
        elif run.seconds_left is not None:
            words = f"{done} · {in_words(run.seconds_left)} left"
        else:
            words = done
        self._words.value = f'<span role="status">{escape(words)}</span>'

    def say(self, text: str, failures: list[str] | None = None) -> None:
        """Say what became of a run, with the failures one below the other."""
        listed = "".join(error_html(failure) for failure in failures or [])
        self._outcome.value = f'<div class="cs-hint">{escape(text)}</div>{listed}' if text else ""

    def _show_opened(self) -> None:
        self._fold.description = "▾" if self.opened else "▸"
        self._fold.tooltip = f"{'Hide' if self.opened else 'Show'} how {self.title} is measured"
        if self.opened:
            self.form.layout.display = ""
        elif self._form is not None:
            self._form.layout.display = "none"
        self._buttons.layout.display = "" if self.opened else "none"
        self.inputs.layout.display = "" if self.opened and self.inputs.fields else "none"
        if not self.opened:
            self.batch.show(False)
        self._show()

    def _show(self) -> None:
        pills = [self.analysis, *(["stale"] if self.stale else [])]
        heading = heading_html(self.title, pills[0])
        if self.stale:
            pill = f'<span class="cs-pill cs-warn" title="{escape(self.stale)}">stale</span>'
            heading = heading.replace("</div>", f"{pill}</div>")
        self._heading.value = heading
        self._refusal.layout.display = "" if self.blocked and self.opened else "none"
        self._why_not.value = error_html(self.blocked)
        self.run_button.disabled = bool(self._busy or self.blocked or self.error)
        self.run_button.tooltip = self.blocked or f"Measure {self.title.lower()} here"

    def __repr__(self) -> str:
        return f"AnalysisSection({self.analysis!r})"

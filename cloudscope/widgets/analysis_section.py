"""One analysis in the Measure panel: its parameters, Run, Run on all, progress and Cancel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import ipywidgets
import traitlets

from cloudscope.analysis.registry import get_analysis
from cloudscope.widgets.background_run import BackgroundRun, in_words
from cloudscope.widgets.input_choice import InputChoice
from cloudscope.widgets.parameter_form import ParameterForm
from cloudscope.widgets.preset_choice import PresetChoice
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
        self.analysis = analysis
        self.title = get_analysis(analysis).title
        self._body: _Body | None = None
        self._when_built: list[Callable[[], object]] = []
        self._heading = ipywidgets.HTML(heading_html(self.title, analysis))
        self._fold = ipywidgets.ToggleButton(
            opened,
            description=self._sign(opened),
            tooltip=self._fold_words(opened),
            _dom_classes=["cs-quiet", "cs-fold"],
        )
        self._top = ipywidgets.HBox([self._fold, self._heading], _dom_classes=["cs-section-top"])
        self._busy = False
        self._lock: tuple[str, Mapping[str, Any]] = ("", {})
        self._count: Callable[[float], str] | None = None
        super().__init__(
            [self._top], opened=opened, _dom_classes=["cs-section", f"cs-analysis-{analysis}"]
        )
        self.observe(lambda _: self._show(), ("blocked", "stale"))
        traitlets.link((self, "opened"), (self._fold, "value"))
        self.observe(lambda _: self._show_opened(), "opened")
        self._show_opened()

    # ------------------------------------------------------------------ the body

    @property
    def built(self) -> bool:
        """Whether form and buttons are there; they are made when they are first wanted."""
        return self._body is not None

    def when_built(self, callback: Callable[[], object]) -> None:
        """Call `callback` once form and buttons are there: now, or when they are made."""
        if self.built:
            callback()
        else:
            self._when_built.append(callback)

    @property
    def body(self) -> _Body:
        """Form and buttons; a closed section does without, for they are hundreds of widgets."""
        if self._body is None:
            self._body = _Body(self.analysis, self.title)
            self._body.form.observe(lambda _: self._show(), "error")
            self._body.layout.display = "" if self.opened else "none"
            self.children = [self._top, self._body]
            if self._lock[0]:
                self.lock(*self._lock)
            waiting, self._when_built = self._when_built, []
            for callback in waiting:
                callback()
            self._show()
        return self._body

    @property
    def form(self) -> ParameterForm:
        """The detection parameters."""
        return self.body.form

    @property
    def inputs(self) -> InputChoice:
        """The results to work on."""
        return self.body.inputs

    @property
    def presets(self) -> PresetChoice:
        """Parameters under a name."""
        return self.body.presets

    @property
    def batch(self) -> BatchChoice:
        """What "Run on all…" will do."""
        return self.body.batch

    @property
    def error(self) -> str:
        """What is wrong in the form, or ``""``."""
        return "" if self._body is None else str(self._body.form.error)

    @property
    def values(self) -> dict[str, Any]:
        """Detection parameters and results chosen, as ``image.analyze`` takes them."""
        return {**self.form.values, **self.inputs.values}

    # ------------------------------------------------------------------ what is shown

    def clear(self) -> None:
        """Take back what was said of the last run."""
        if self._body is not None:
            self._body.form.clear_errors()
            self._body.outcome.value = ""

    def lock(self, reason: str, values: Mapping[str, Any]) -> None:
        """Fix the detection parameters, and say why; without a reason they are free again.

        Parameters
        ----------
        reason : str
        values : mapping
            What they are fixed to.
        """
        self._lock = (reason, values)
        if self._body is not None:
            if reason:
                self._body.form.load(values)
            self._body.form.locked = reason
            self._body.copy_button.disabled = bool(reason)  # code names the file

    def follow(self, run: BackgroundRun, count: Callable[[float], str] | None = None) -> None:
        """Show the progress of a run here; `count` says how far a share is, in things done."""
        self._count = count
        self.body.outcome.value = ""
        self._progress(run)

    def show_progress(self, run: BackgroundRun, here: bool) -> None:
        """Mirror a run: its progress if it is this section's, else only that one must wait."""
        self._busy = run.running
        body = self._body
        if body is not None:
            body.running.layout.display = "" if run.running and here else "none"
            body.cancel_button.disabled = run.cancelling
            body.all_button.disabled = body.batch.start.disabled = run.running
            self._show()
        if run.running and here:
            self._progress(run)

    def _progress(self, run: BackgroundRun) -> None:
        done = self._count(run.fraction) if self._count else f"{run.fraction:.0%}"
        if run.cancelling:
            words = "stopping…"
        elif run.seconds_left is not None:
            words = f"{done} · {in_words(run.seconds_left)} left"
        else:
            words = done
        self.body.bar.value = run.fraction
        self.body.words.value = f'<span role="status">{escape(words)}</span>'

    def say(self, text: str, failures: list[str] | None = None) -> None:
        """Say what became of a run, with the failures one below the other."""
        listed = "".join(error_html(failure) for failure in failures or [])
        said = f'<div class="cs-hint">{escape(text)}</div>{listed}' if text else ""
        self.body.outcome.value = said

    def _show_opened(self) -> None:
        self._fold.description = self._sign(self.opened)
        self._fold.tooltip = self._fold_words(self.opened)
        if self.opened:
            self.body.layout.display = ""
        elif self._body is not None:
            self._body.layout.display = "none"
            self._body.batch.show(False)
        self._show()

    @staticmethod
    def _sign(opened: bool) -> str:
        return "▾" if opened else "▸"

    def _fold_words(self, opened: bool) -> str:
        return f"{'Hide' if opened else 'Show'} how {self.title} is measured"

    def _show(self) -> None:
        pills = [self.analysis, *(["stale"] if self.stale else [])]
        heading = heading_html(self.title, pills[0])
        if self.stale:
            pill = f'<span class="cs-pill cs-warn" title="{escape(self.stale)}">stale</span>'
            heading = heading.replace("</div>", f"{pill}</div>")
        self._heading.value = heading
        body = self._body
        if body is not None:
            body.refusal.layout.display = "" if self.blocked else "none"
            body.why_not.value = error_html(self.blocked)
            body.run_button.disabled = bool(self._busy or self.blocked or self.error)
            body.run_button.tooltip = self.blocked or f"Measure {self.title.lower()} here"

    def __repr__(self) -> str:
        return f"AnalysisSection({self.analysis!r})"


class _Body(ipywidgets.VBox):
    """Everything of a section below its heading."""

    def __init__(self, analysis: str, title: str) -> None:
        super().__init__()
        self.inputs = InputChoice(get_analysis(analysis))
        self.form = ParameterForm(analysis)
        self.presets = PresetChoice(self.form)
        self.run_button = ipywidgets.Button(
            description="Run", tooltip=f"Measure {title.lower()} here"
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
        self.why_not = ipywidgets.HTML()
        self.fix_button = ipywidgets.Button(description="Set…")
        self.refusal = ipywidgets.HBox([self.why_not, self.fix_button])
        self.refusal.add_class("cs-refusal")
        self.batch = BatchChoice()
        self.bar = ipywidgets.FloatProgress(min=0.0, max=1.0, layout={"width": "100%"})
        self.bar.add_class("cs-progress")
        self.words = ipywidgets.HTML()
        self.words.add_class("cs-dim")
        self.cancel_button = ipywidgets.Button(description="Cancel")
        self.cancel_button.add_class("cs-quiet")
        line = ipywidgets.HBox([self.words, self.cancel_button])
        line.add_class("cs-progress-line")
        self.running = ipywidgets.VBox([self.bar, line])
        self.running.layout.display = "none"
        self.outcome = ipywidgets.HTML()
        buttons = ipywidgets.HBox([self.run_button, self.all_button, self.copy_button])
        buttons.add_class("cs-row")
        self.children = (
            self.inputs,
            self.presets,
            self.form,
            buttons,
            self.refusal,
            self.batch,
            self.running,
            self.outcome,
        )
        self.layout.overflow = "visible"

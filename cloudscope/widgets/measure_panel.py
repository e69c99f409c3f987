"""The Measure panel: where to measure, one section an analysis, summary, and the Python for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import partial
from html import escape
from typing import Any

import ipywidgets
import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.analysis.registry import analysis_names
from cloudscope.analysis.result import AnalysisResult
from cloudscope.batch import BatchItem, BatchOutcome, BatchReport, plan_batch, run_batch
from cloudscope.errors import CloudscopeError, ParameterError
from cloudscope.roi import WHOLE_RECORDING
from cloudscope.widgets.analysis_section import AnalysisSection
from cloudscope.widgets.background_run import BackgroundRun, Job
from cloudscope.widgets.form_field import FormField
from cloudscope.widgets.planned_words import lines_of, named, planned_html
from cloudscope.widgets.python_code import analysis_code
from cloudscope.widgets.readiness import lacks_scale, what_is_missing
from cloudscope.widgets.result_facts import facts_html, headline_facts
from cloudscope.widgets.status_line import StatusLine
from cloudscope.widgets.theme import heading_html, theme_style

__all__ = ["MeasurePanel"]

_MOST_LISTED = 12  # failures of a batch shown in place; the table has them all


OPENED_SECTIONS = 2
"""Analyses whose forms are open at first: more would push the summary out of sight."""


class MeasurePanel(ipywidgets.VBox):
    """Measure the recording shown, or the whole folder, without blocking the page.

    Parameters
    ----------
    status : StatusLine
        Told what happens.
    copy : callable
        Puts text on the user's clipboard.
    analyses : iterable of str, optional
        Registered names; all by default.
    """

    image = traitlets.Instance(AcqImage, allow_none=True)
    """The recording measured."""

    folder = traitlets.Instance(AcqImageList, allow_none=True)
    """The recordings that "Run on all" measures."""

    channel = traitlets.Int(0)
    """Channel measured; link it to a viewer's."""

    selected_roi_id = traitlets.Int(None, allow_none=True)
    """ROI measured, ``None`` for the whole recording; link it to a viewer's."""

    def __init__(
        self, status: StatusLine, copy: Callable[[str], None], analyses: Iterable[str] | None = None
    ) -> None:
        super().__init__()
        self.run = BackgroundRun()
        self._status, self._copy = status, copy
        self._running_in: AnalysisSection | None = None
        self._showing = False
        self.where = ipywidgets.Dropdown(description="Where")
        self.channels = ipywidgets.Dropdown(description="Channel")
        self._channel_field = FormField(self.channels)
        target = ipywidgets.VBox([FormField(self.where), self._channel_field])
        target.add_class("cs-section")
        target.add_class("cs-target")
        self.sections = {
            name: AnalysisSection(name, opened=place < OPENED_SECTIONS)
            for place, name in enumerate(analyses or analysis_names())
        }
        for section in self.sections.values():
            section.when_built(partial(self._connect, section))
        self._summary = ipywidgets.HTML()
        self._summary.add_class("cs-section")
        self._code = ipywidgets.HTML()
        self._code.add_class("cs-section")
        self._code.layout.display = "none"
        self.children = (
            theme_style(),
            target,
            *self.sections.values(),
            self._summary,
            self._code,
        )
        self.add_class("cs-panel")
        self.add_class("cs-measure")
        self.where.observe(self._where_picked, "value")
        self.channels.observe(self._channel_picked, "value")
        self.observe(self._take_image, "image")
        self.observe(self._take_folder, "folder")
        self.observe(lambda _: self._show(), ("channel", "selected_roi_id"))
        self.run.observe(
            lambda _: self._show_run(), ("running", "fraction", "seconds_left", "cancelling")
        )
        self._show()

    @property
    def roi_id(self) -> int:
        """ROI measured, 0 for the whole recording."""
        return self.selected_roi_id or WHOLE_RECORDING

    def _connect(self, section: AnalysisSection) -> None:
        def guard(doing: str, action: Callable[..., Any]) -> Callable[..., None]:
            return self._status.guarded(doing, action)

        title, body = section.title, section.body
        body.run_button.on_click(guard(title, lambda _: self.measure(section.analysis)))
        body.cancel_button.on_click(guard(title, lambda _: self.run.cancel()))
        body.copy_button.on_click(guard("Copy as Python", lambda _: self.copy_code(section)))
        body.all_button.on_click(guard(title, lambda _: self._offer_batch(section)))
        section.batch.where.observe(guard(title, lambda _: self._describe_batch(section)), "value")
        section.batch.dismiss.on_click(lambda _: section.batch.show(False))
        section.batch.start.on_click(guard(title, lambda _: self.measure_folder(section.analysis)))
        self._offer_presets(section)
        self._ready(section)

    # ------------------------------------------------------------------ following the model

    def _take_folder(self, change: Any) -> None:
        for section in self.sections.values():
            if section.built:
                self._offer_presets(section)

    def _offer_presets(self, section: AnalysisSection) -> None:
        if self.folder is not None:
            section.presets.offer(self.folder.settings)

    def _take_image(self, change: Any) -> None:
        names = ["rois", "results", "header"]
        if change["old"] is not None:
            change["old"].unobserve(self._model_changed, names)
        if change["new"] is not None:
            change["new"].observe(self._model_changed, names)
        for section in self.sections.values():
            section.clear()
        self._show()

    def _model_changed(self, change: Any) -> None:
        self._show()

    def _where_picked(self, change: Any) -> None:
        if not self._showing:
            self.selected_roi_id = change["new"] or None

    def _channel_picked(self, change: Any) -> None:
        if not self._showing and change["new"] is not None:
            self.channel = change["new"]

    def _show(self) -> None:
        image = self.image
        self._showing = True
        try:
            rois = () if image is None else image.rois
            self.where.options = [
                ("whole recording", WHOLE_RECORDING),
                *((f"ROI {roi.title}", roi.roi_id) for roi in rois),
            ]
            there = {roi.roi_id for roi in rois} | {WHOLE_RECORDING}
            self.where.value = self.roi_id if self.roi_id in there else WHOLE_RECORDING
            channels = 1 if image is None else image.header.channels
            self.channels.options = [
                (str(c) if image is None else image.header.channel_title(c), c)
                for c in range(channels)
            ]
            self.channels.value = min(self.channel, channels - 1)
            self._channel_field.layout.display = "" if channels > 1 else "none"
        finally:
            self._showing = False
        for section in self.sections.values():
            if section.built:
                self._ready(section)
            result = self._result(section.analysis)
            section.stale = (image.stale_reason(result) or "") if image and result else ""
        self._show_summary()
        if self._code.layout.display != "none":
            self._code.layout.display = "none"  # it spoke of what was shown before

    def _ready(self, section: AnalysisSection) -> None:
        """Offer what a section may work on, and say what it lacks."""
        section.inputs.offer(self.image, self.channel, self.roi_id)
        section.blocked = what_is_missing(self.image) or section.inputs.missing
        fix = section.body.fix_button
        fix.layout.display = "" if lacks_scale(self.image) else "none"

    def _result(self, analysis: str) -> AnalysisResult | None:
        if self.image is None:
            return None
        return self.image.result(analysis, self.channel, self.roi_id)

    def _show_summary(self) -> None:
        results = [r for name in self.sections if (r := self._result(name)) is not None]
        where = "whole recording" if self.roi_id == WHOLE_RECORDING else f"ROI {self.roi_id}"
        if not results:
            self._summary.value = ""
            self._summary.layout.display = "none"
            return
        facts = [fact for result in results for fact in headline_facts(result)]
        self._summary.value = heading_html(f"Summary · {where}") + facts_html(facts)
        self._summary.layout.display = ""

    # ------------------------------------------------------------------ measuring

    def measure(self, analysis: str) -> None:
        """Measure the recording shown, in the background; the result appears when it is there."""
        image, section = self.image, self.sections[analysis]
        if image is None or section.error:
            return
        section.form.clear_errors()
        items = plan_batch(
            [image],
            analysis,
            channel=self.channel,
            rois=[self.roi_id],
            parameters=section.values,
        )
        lines, where = lines_of(items), (self.channel, self.roi_id)

        def finished(report: BatchReport) -> None:
            (outcome,) = report.outcomes
            if outcome.status == "failed":
                section.form.show_error(CloudscopeError(outcome.error))
                self._status.say(f"{section.title} of {image.name}: {outcome.error}", "bad")
            elif outcome.status == "cancelled":
                self._status.say(f"{section.title} of {image.name} was cancelled; nothing changed")
            elif image.result(analysis, *where) is None:
                self._status.say(
                    f"{section.title} of {image.name}: the ROI was deleted meanwhile; nothing kept"
                )
            else:
                self._status.say(f"{section.title} of {image.name} measured", "ok")

        self._start(
            section,
            f"{section.title} of {image.name}",
            items,
            finished,
            count=lambda share: f"{round(share * lines):,} of {lines:,} lines" if lines else "",
        )

    def measure_folder(self, analysis: str) -> None:
        """Measure every recording of the folder, in the background, as the section says."""
        section = self.sections[analysis]
        items = self._folder_items(section)
        save = bool(section.batch.save.value)
        section.batch.show(False)
        waiting: dict[int, int] = {}
        for item in items:
            waiting[id(item.image)] = waiting.get(id(item.image), 0) + 1
        unsaved: list[str] = []

        def settled(outcome: BatchOutcome) -> None:
            image = outcome.item.image
            waiting[id(image)] -= 1
            if waiting[id(image)]:
                return
            if save and image.dirty and outcome.status != "cancelled":
                try:
                    image.save()
                except CloudscopeError as error:
                    unsaved.append(f"{image.name}: measured, not saved: {error}")
            if image is not self.image:
                image.release_pixels()

        def finished(report: BatchReport) -> None:
            failures = [named(o.item.image, str(o.error)) for o in report.failed] + unsaved
            words = f"{len(report.done):,} of {len(items):,} measured"
            if report.cancelled:
                words += f", {len(report.cancelled):,} cancelled"
            if failures:
                words += f", {len(failures):,} with a problem"
            more = len(failures) - _MOST_LISTED
            listed = failures[:_MOST_LISTED] + ([f"… and {more:,} more"] if more > 0 else [])
            section.say(words, listed)
            self._status.say(f"{section.title}: {words}", "bad" if failures else "ok")

        self._start(
            section,
            f"{section.title} of the folder",
            items,
            finished,
            on_outcome=settled,
            count=lambda share: f"{int(share * len(items) + 1e-9):,} of {len(items):,}",
            # One core stays free for the page and the kernel.
            workers=max(1, (os.cpu_count() or 1) - 1) if len(items) > 3 else 1,
        )

    def _start(
        self,
        section: AnalysisSection,
        title: str,
        items: list[BatchItem],
        finished: Callable[[BatchReport], None],
        *,
        count: Callable[[float], str],
        on_outcome: Callable[[BatchOutcome], None] | None = None,
        workers: int = 1,
    ) -> None:
        def work(job: Job) -> BatchReport:
            return run_batch(
                items,
                workers=workers,
                progress=job.progress,
                cancel=job.cancel,
                deliver=lambda image, result: job.hand_over(_store, image, result),
                on_outcome=None if on_outcome is None else lambda o: job.hand_over(on_outcome, o),
            )

        self._running_in = section
        section.follow(self.run, count)
        self.run.start(
            title,
            work,
            on_done=finished,
            on_failed=lambda error: self._status.fail(error, title),
        )

    def forget(self) -> None:
        """Take back what was said of earlier runs, for all recordings."""
        for section in self.sections.values():
            section.clear()
            if section.built:
                section.batch.show(False)
        self._code.value = self._summary.value = ""
        self._code.layout.display = "none"
        self._show()

    def _show_run(self) -> None:
        for section in self.sections.values():
            section.show_progress(self.run, section is self._running_in)

    # ------------------------------------------------------------------ run on all

    def _folder_items(self, section: AnalysisSection) -> list[BatchItem]:
        if self.folder is None:
            return []
        if section.error:
            raise ParameterError(section.error)
        return plan_batch(
            self.folder.images,
            section.analysis,
            channel=self.channel,
            rois=section.batch.where.value,
            parameters=dict(section.form.values),
        )

    def _offer_batch(self, section: AnalysisSection) -> None:
        opening = section.batch.layout.display == "none"
        if opening:
            self._describe_batch(section)
        section.batch.show(opening)

    def _describe_batch(self, section: AnalysisSection) -> None:
        every = section.batch.where.value == "all"
        items = self._folder_items(section)
        section.batch.words.value, ready = planned_html(items, self.channel, every_roi=every)
        section.batch.start.description = f"Run on {ready:,}"
        section.batch.start.disabled = not ready or self.run.running

    # ------------------------------------------------------------------ copy as Python

    def copy_code(self, section: AnalysisSection) -> None:
        """Show the Python that gives these numbers, and put it on the clipboard."""
        if self.image is None:
            return
        code = analysis_code(
            self.image,
            section.analysis,
            channel=self.channel,
            roi_id=self.roi_id,
            parameters=section.values,
        )
        self._code.value = (
            heading_html("As Python", "copied") + f'<pre class="cs-code">{escape(code)}</pre>'
        )
        self._code.layout.display = ""
        self._copy(code)
        self._status.say("copied as Python", "ok")

    def __repr__(self) -> str:
        return f"MeasurePanel({', '.join(self.sections)})"


def _store(image: AcqImage, result: AnalysisResult) -> None:
    # The user may have deleted the ROI while it was being measured.
    if result.roi_id in {WHOLE_RECORDING, *(roi.roi_id for roi in image.rois)}:
        image.store(result)

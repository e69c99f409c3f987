"""The Review panel: judge one recording after the other, by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets
import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.reviewing import next_to_review, review_progress
from cloudscope.widgets.form_field import FormField
from cloudscope.widgets.result_facts import facts_html, headline_facts
from cloudscope.widgets.session_code import session_code
from cloudscope.widgets.status_line import StatusLine
from cloudscope.widgets.table import FileTable
from cloudscope.widgets.theme import heading_html, theme_style

__all__ = ["ReviewPanel"]

_VERDICTS = {True: ("accepted", "ok"), False: ("rejected", "bad"), None: ("undecided", "")}
_MOST_FACTS = 24
_MOST_LINES = 60  # of code shown; the clipboard has them all


class ReviewPanel(ipywidgets.VBox):
    """Progress, results and verdict of the recording shown, and on to the next.

    The order is that of the table as it is sorted and filtered. Accepting and rejecting are the
    app's own (A and X), also with the buttons here; each is one step of undo of its recording.

    Parameters
    ----------
    table : FileTable
        Gives the order.
    status : StatusLine
        Told what happens.
    judge : callable
        Given True, False or ``None``: the verdict on the recording shown.
    show : callable
        Given the recording to show.
    copy : callable
        Puts text on the user's clipboard.
    """

    image = traitlets.Instance(AcqImage, allow_none=True)
    """The recording judged."""

    folder = traitlets.Instance(AcqImageList, allow_none=True)
    """All recordings: what the progress counts."""

    children: tuple[ipywidgets.Widget, ...]

    advance = traitlets.Bool(True)
    """Whether a verdict goes on to the next recording by itself."""

    def __init__(
        self,
        table: FileTable,
        status: StatusLine,
        judge: Callable[[bool | None], None],
        show: Callable[[AcqImage], None],
        copy: Callable[[str], None],
    ) -> None:
        super().__init__(_dom_classes=["cs-panel", "cs-review"])
        self._table, self._status, self._judge, self._show_image = table, status, judge, show
        self._copy = copy
        self._showing = False
        self.which = ipywidgets.Dropdown(
            options=[
                ("those without a verdict", "undecided"),
                ("of these, the freshly measured", "measured"),
                ("all", "all"),
            ],
            description="Go through",
        )
        self.onward = ipywidgets.Checkbox(
            True, description="go on by itself after a verdict", indent=False
        )
        traitlets.link((self, "advance"), (self.onward, "value"))
        self._bar = ipywidgets.FloatProgress(
            min=0.0, max=1.0, layout={"width": "100%"}, _dom_classes=["cs-progress"]
        )
        self._progress = ipywidgets.HTML(_dom_classes=["cs-dim"])
        self._facts = ipywidgets.HTML()
        self.accept = self._button("Accept", "Accept (A)", lambda: self._judge(True))
        self.accept.add_class("cs-primary")
        self.reject = self._button("Reject", "Reject (X)", lambda: self._judge(False))
        self.undecide = self._button(
            "Undecided", "Take the verdict back", lambda: self._judge(None)
        )
        self.back = self._button("‹ Before", "The one before", self.go_back)
        self.onto = self._button("Next ›", "The next one to judge (N)", self.go_on)
        self.code_one = self._button(
            "This recording", "Python that does again what was done to it", self.copy_one
        )
        self.code_all = self._button(
            "All in the table", "The same for every recording in the table", self.copy_all
        )
        self._code = ipywidgets.HTML()
        self.note = FormField(
            ipywidgets.Textarea(
                description="Note", rows=3, continuous_update=False,
                placeholder="kept with the experimental metadata (W to write)",
            )
        )  # fmt: skip
        self.children = (
            theme_style(),
            ipywidgets.VBox(
                [
                    ipywidgets.HTML(heading_html("Review")),
                    FormField(self.which),
                    self.onward,
                    self._bar,
                    self._progress,
                ],
                _dom_classes=["cs-section"],
            ),
            ipywidgets.VBox(
                [
                    self._facts,
                    self.note,
                    ipywidgets.HBox(
                        [self.accept, self.reject, self.undecide], _dom_classes=["cs-row"]
                    ),
                    ipywidgets.HBox([self.back, self.onto], _dom_classes=["cs-row"]),
                ],
                _dom_classes=["cs-section"],
            ),
        )
        self.children = (
            *self.children,
            ipywidgets.VBox(
                [
                    ipywidgets.HTML(heading_html("What was done, as Python")),
                    ipywidgets.HBox([self.code_one, self.code_all], _dom_classes=["cs-row"]),
                    self._code,
                ],
                _dom_classes=["cs-section"],
            ),
        )
        self.note.control.observe(status.guarded("Note", self._noted), "value")
        self.observe(self._take_image, "image")
        self.observe(lambda _: self._show(), "folder")
        self._show()

    # ------------------------------------------------------------------ what can be done

    def go_on(self) -> None:
        """Show the next recording to judge; says so where there is none."""
        self._go(backward=False)

    def go_back(self) -> None:
        """Show the one before it."""
        self._go(backward=True)

    def write(self) -> None:
        """Put the cursor into the note."""
        self.note.control.focus()

    def copy_one(self) -> None:
        """Copy, and show, Python for all that was done to the recording shown."""
        self._copy_code(() if self.image is None else (self.image,))

    def copy_all(self) -> None:
        """The same for all recordings in the table."""
        self._copy_code(self._table.images_shown)

    def _copy_code(self, images: tuple[AcqImage, ...]) -> None:
        code = session_code(images)
        self._copy(code)
        lines = code.splitlines()
        shown = "\n".join(lines[:_MOST_LINES])
        more = f"\n… {len(lines) - _MOST_LINES:,} more lines" if len(lines) > _MOST_LINES else ""
        self._code.value = f'<pre class="cs-code">{escape(shown + more)}</pre>'
        self._status.say(f"copied {len(lines):,} lines of Python", "ok")

    def _go(self, *, backward: bool) -> None:
        images = self._table.images_shown
        found = next_to_review(images, self.image, self.which.value, backward=backward)
        if found is not None:
            self._show_image(found)
        else:
            left = "no other recording" if self.which.value == "all" else "none left to judge"
            self._status.say(f"{left} among the {len(images):,} in the table", "ok")

    # ------------------------------------------------------------------ following the model

    def _take_image(self, change: Any) -> None:
        self._code.value = ""  # it spoke of what was shown before
        names = ["accepted", "results", "experiment", "rois", "header"]
        if change["old"] is not None:
            change["old"].unobserve(self._edited, names)
        if change["new"] is not None:
            change["new"].observe(self._edited, names)
        self._show()

    def _edited(self, change: Any) -> None:
        self._show()
        judged = change["name"] == "accepted" and change["old"] is None
        if judged and self.advance and change["owner"] is self.image:
            self._go(backward=False)

    def _noted(self, change: Any) -> None:
        if self.image is not None and not self._showing:
            self.image.edit_experiment(note=change["new"])

    def _show(self) -> None:
        image = self.image
        progress = review_progress(() if self.folder is None else self.folder.images)
        self._bar.value = progress.share
        self._progress.value = f'<span role="status">{escape(str(progress))}</span>'
        for button in (self.accept, self.reject, self.undecide):
            button.disabled = image is None
        self.note.control.disabled = image is None
        self._showing = True
        try:
            self.note.control.value = "" if image is None else image.experiment.note
        finally:
            self._showing = False
        if image is None:
            self._facts.value = '<div class="cs-hint">Choose a recording.</div>'
            return
        verdict, tone = _VERDICTS[image.accepted]
        facts: list[tuple[str, str]] = []
        stale = 0
        for result in image.results.values():
            facts += headline_facts(result)
            stale += image.stale_reason(result) is not None
        hint = "" if facts else '<div class="cs-hint">Nothing is measured here yet.</div>'
        if stale:
            hint = f'<div class="cs-hint">{stale} of these results stale</div>'
        self._facts.value = (
            heading_html(image.name, verdict, tone=tone) + facts_html(facts[:_MOST_FACTS]) + hint
        )

    def _button(self, text: str, tooltip: str, act: Callable[[], None]) -> ipywidgets.Button:
        button = ipywidgets.Button(description=text, tooltip=tooltip)
        button.on_click(self._status.guarded("Review", lambda _button: act()))
        return button

    def __repr__(self) -> str:
        return f"ReviewPanel({None if self.image is None else self.image.name!r})"

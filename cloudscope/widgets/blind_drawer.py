"""The drawer in which a blinded reading is started, looked up, and ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import ipywidgets
import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.blinding import Blinding, new_seed
from cloudscope.errors import BlindingError
from cloudscope.metadata import Stamp
from cloudscope.widgets.closing import close_all
from cloudscope.widgets.form_field import FormField
from cloudscope.widgets.save_or_download import download_link
from cloudscope.widgets.status_line import StatusLine
from cloudscope.widgets.theme import error_html, heading_html
from cloudscope.widgets.wording import counted

__all__ = ["BlindDrawer"]

_MOST_ENTRIES = 12

WHAT_IS_HIDDEN = (
    "Hidden until it is ended: names, folders, dates and all metadata of the recordings, and what "
    "groups them. The order is shuffled, and the parameters of every analysis are locked as they "
    "are in the Measure panel. You can judge, draw, measure, review events and write notes; "
    "Metadata, Pool, Figure, Export and Copy as Python are closed. Whoever opens the folder reads "
    "blind, and what is done is written into its log."
)


class BlindDrawer(ipywidgets.VBox):
    """Starts a blinded reading, shows its log, looks behind a code, and ends it.

    Parameters
    ----------
    status : StatusLine
        Told what goes wrong.
    parameters : callable
        Returns the detection parameters to lock, by analysis.
    """

    children: tuple[ipywidgets.Widget, ...]

    folder = traitlets.Instance(AcqImageList, allow_none=True)
    """The recordings; written by Python."""

    image = traitlets.Instance(AcqImage, allow_none=True)
    """The recording shown: what is looked behind at first."""

    shown = traitlets.Bool(False, read_only=True)
    """Whether the drawer is open."""

    def __init__(
        self, status: StatusLine, parameters: Callable[[], Mapping[str, Mapping[str, Any]]]
    ) -> None:
        super().__init__(_dom_classes=["cs-app-drawer", "cs-blind"])
        self._status, self._parameters = status, parameters
        self.layout.display = "none"
        self._problem = ipywidgets.HTML()
        self._found = ipywidgets.HTML(_dom_classes=["cs-hint"])

    def toggle(self) -> None:
        """Open or close it; each time it says how things stand now."""
        if self.shown:
            self.hide()
            return
        self.set_trait("shown", True)
        self.layout.display = ""
        self.refresh()

    def hide(self) -> None:
        """Close it, and forget what was looked behind."""
        self.set_trait("shown", False)
        self.layout.display = "none"
        self._clear()

    def refresh(self) -> None:
        """Say how things stand, where the drawer is open."""
        if not self.shown:
            return
        self._clear()
        if self.folder is None or self.folder.folder is None:
            content = [_words("Only the recordings of a folder can be read blind: open one.")]
        elif self.folder.blinded:
            content = self._running(self.folder)
        else:
            content = self._beginning(self.folder)
        panel = ipywidgets.VBox(
            [ipywidgets.HTML(heading_html("Read blind")), *content, self._problem],
            _dom_classes=["cs-panel"],
        )
        self.children = (panel,)
        first = next((c.control for c in content if isinstance(c, FormField)), None)
        if first is not None:
            first.focus()

    def _clear(self) -> None:
        for part in (self._problem, self._found):
            part.value = ""
        content, self.children = self.children, ()
        for panel in content:
            _take_out(panel, (self._problem, self._found))
            close_all(panel)

    # ------------------------------------------------------------------ before

    def _beginning(self, folder: AcqImageList) -> list[ipywidgets.Widget]:
        reader = folder.settings.user or Stamp.now("reader").by
        self.reader = FormField(ipywidgets.Text(reader, description="Who reads"))
        self.seed = FormField(
            ipywidgets.Text(
                str(new_seed()),
                description="Seed",
                tooltip="The same seed and recordings give the same codes and order",
            )
        )
        self.start_button = self._button(
            "Start", "Hide the names, until the reading is ended", self.start
        )
        self.start_button.add_class("cs-primary")
        content: list[ipywidgets.Widget] = [
            _words(WHAT_IS_HIDDEN),
            self.reader,
            self.seed,
            _words(_still_shown(folder)),
            self._buttons(self.start_button),
        ]
        if folder.blinding is not None:
            content += self._ended(folder.blinding)
        return content

    def _ended(self, blinding: Blinding) -> list[ipywidgets.Widget]:
        table = blinding.to_dataframe().to_csv(index=False).encode("utf-8")
        link = download_link("blinding-codes.csv", table)
        return [
            ipywidgets.HTML(heading_html("The last blinded reading", "ended")),
            _log(blinding),
            ipywidgets.HTML(f"<div>Which code is which recording: {link}</div>"),
            _words("The table of recordings has the codes too: column Code."),
        ]

    def start(self) -> None:
        """Start with the reader and the seed of the form."""
        assert self.folder is not None
        text = self.seed.control.value.strip()
        self.reader.error = self.seed.error = ""
        if not self.reader.control.value.strip():
            self.reader.error = "Say who reads the recordings: it is kept in the log"
            return
        if not text.isdecimal():
            self.seed.error = f"{text!r} is no seed: give a whole number"
            return
        self.folder.start_blinding(
            self.reader.control.value, seed=int(text), parameters=self._parameters()
        )
        count = len(self.folder.images)
        self._status.say(f"{counted(count, 'recordings')} are read blind from now on", "ok")

    # ------------------------------------------------------------------ while it runs

    def _running(self, folder: AcqImageList) -> list[ipywidgets.Widget]:
        blinding = folder.blinding
        assert blinding is not None
        code = "" if self.image is None else self.image.blind_code
        self.code = FormField(ipywidgets.Text(code, description="Code"))
        self.why = FormField(ipywidgets.Text("", description="Reason"))
        self.look_button = self._button(
            "Look behind it", "Show which recording this is; it is logged", self.look
        )
        self.reason = FormField(ipywidgets.Text("", description="Reason"))
        self.by = FormField(ipywidgets.Text("", description="By", placeholder="this account"))
        self.end_button = self._button(
            "End…", "Show the names of all recordings again; it is logged", self.end
        )
        self.sure_button = self._button(
            "Yes, show all names", "This cannot be taken back", self.end_surely
        )
        self.sure_button.add_class("cs-danger")
        self.sure_button.layout.display = "none"
        look = ipywidgets.VBox(
            [
                ipywidgets.HTML(heading_html("Look behind one code")),
                self.code,
                self.why,
                self._row(self.look_button),
                self._found,
            ]
        )
        end = ipywidgets.VBox(
            [
                ipywidgets.HTML(heading_html("End the blinded reading")),
                self.reason,
                self.by,
                self._row(self.end_button, self.sure_button),
            ]
        )
        return [
            _words(
                f"{counted(len(blinding.codes), 'files')} are read blind by {blinding.reader} "
                f"since {blinding.started_at[:16].replace('T', ' ')}."
            ),
            _log(blinding),
            ipywidgets.HBox([look, end], _dom_classes=["cs-blind-pair"]),
            self._buttons(),
        ]

    def look(self) -> None:
        """Show what is behind the code of the form, once that is logged."""
        assert self.folder is not None
        self._found.value = ""
        if not self._said(self.why):
            return
        code = self.code.control.value.strip().upper()
        path = self.folder.look_behind(code, self.why.control.value)
        self._found.value = f'<div role="status">{escape(code)} is {escape(path)}</div>'
        self._status.say(f"looked behind {code}: it is in the log")

    def end(self) -> None:
        """Ask whether all names are to be shown."""
        self.sure_button.layout.display = "" if self._said(self.reason) else "none"

    def end_surely(self) -> None:
        """Show all names again, once that is logged."""
        assert self.folder is not None
        if not self._said(self.reason):
            return
        self.folder.unblind(self.reason.control.value, by=self.by.control.value.strip())
        self._status.say("unblinded: the names are shown, and the log says so", "ok")

    @staticmethod
    def _said(field: FormField) -> bool:
        said = bool(field.control.value.strip())
        field.error = "" if said else "Say why: it is kept in the log"
        return said

    # ------------------------------------------------------------------ parts

    def _buttons(self, *buttons: ipywidgets.Button) -> ipywidgets.HBox:
        close = self._button("Close", "Close this (B or Esc)", self.hide)
        close.add_class("cs-quiet")
        return self._row(*buttons, close)

    @staticmethod
    def _row(*buttons: ipywidgets.Button) -> ipywidgets.HBox:
        return ipywidgets.HBox(list(buttons), _dom_classes=["cs-row"])

    def _button(self, text: str, tooltip: str, act: Callable[[], None]) -> ipywidgets.Button:
        button = ipywidgets.Button(description=text, tooltip=tooltip)

        def pressed() -> None:
            self._problem.value = ""
            try:
                act()
            except BlindingError as error:  # said where the button is, too
                self._problem.value = error_html(str(error))
                raise

        button.on_click(self._status.guarded("Blind", lambda _button: pressed()))
        return button

    def close(self) -> None:
        """Close its parts too: one may say what is behind a code."""
        self._clear()
        for part in (self._problem, self._found):
            part.close()
        super().close()

    def __repr__(self) -> str:
        return f"BlindDrawer({'shown' if self.shown else 'hidden'})"


def _take_out(box: ipywidgets.Widget, keep: tuple[ipywidgets.Widget, ...]) -> None:
    """Take out of a box, and of the boxes in it, what is shown again later."""
    if isinstance(box, ipywidgets.Box):
        for part in box.children:
            _take_out(part, keep)
        if any(part in keep for part in box.children):
            box.children = tuple(part for part in box.children if part not in keep)


def _words(text: str) -> ipywidgets.HTML:
    return ipywidgets.HTML(f'<p class="cs-hint">{escape(text)}</p>' if text else "")


def _log(blinding: Blinding) -> ipywidgets.HTML:
    entries = [escape(str(entry)) for entry in blinding.log]
    earlier = len(entries) - _MOST_ENTRIES
    lead = f"<li>… {earlier:,} before these, see the file</li>" if earlier > 0 else ""
    items = "".join(f"<li>{entry}</li>" for entry in entries[-_MOST_ENTRIES:])
    return ipywidgets.HTML(f'<ul class="cs-blind-log" aria-label="Log">{lead}{items}</ul>')


def _still_shown(folder: AcqImageList) -> str:
    """What people wrote and is not hidden: only they know whether it tells anything."""
    notes = sum(bool(image.experiment.note) for image in folder)
    named = sum(any(roi.name or roi.note for roi in image.rois) for image in folder)
    parts = [f"the note of {counted(notes, 'recordings')}"] if notes else []
    parts += [f"ROI names and notes of {counted(named, 'recordings')}"] if named else []
    if not parts:
        return ""
    return f"Not hidden, as people wrote them: {' and '.join(parts)}. See that they tell nothing."

"""The Export panel: recordings and results in the formats of others, in the background."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets
import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.errors import CloudscopeError, ExportError
from cloudscope.export.folder import ExportOutcome, ExportReport, export_recordings
from cloudscope.export.formats import EXPORT_FORMATS, ExportFormat
from cloudscope.widgets.background_run import BackgroundRun, Job, in_words
from cloudscope.widgets.export_code import export_code
from cloudscope.widgets.folder_drawer import ROOT_VARIABLE
from cloudscope.widgets.folder_picker import FolderPicker
from cloudscope.widgets.form_field import FormField
from cloudscope.widgets.status_line import StatusLine
from cloudscope.widgets.theme import error_html, heading_html, theme_style
from cloudscope.widgets.wording import counted

if TYPE_CHECKING:
    from cloudscope.widgets.table import FileTable

__all__ = ["ExportPanel"]

_MOST_LISTED = 12
_CHOICES = {
    "layout": (("acqstore, CloudScope", "acqstore"), ("KymFlow", "kymflow")),
    "version": (("0.5 (Zarr 3)", "0.5"), ("0.4 (Zarr 2)", "0.4")),
    "pixels": (("with pixels", True), ("without pixels", False)),
    "figures": (("with figures", True), ("without figures", False)),
}
_TITLES = {"layout": "Layout", "version": "Version", "pixels": "Pixels", "figures": "Figures"}


class _Some:
    """Recordings of a folder, with their paths in it, as an export wants them."""

    def __init__(self, images: tuple[AcqImage, ...], folder: AcqImageList | None) -> None:
        self._images, self._list = images, folder
        self.folder = None if folder is None else folder.folder

    def __iter__(self) -> Iterator[AcqImage]:
        return iter(self._images)

    def relative_path(self, image: AcqImage) -> str:
        return image.name if self._list is None else self._list.relative_path(image)


class ExportPanel(ipywidgets.VBox):
    """Choose what, in which format and where to; the page stays free while it is written.

    Parameters
    ----------
    status : StatusLine
        Told what happens.
    copy : callable
        Puts text on the user's clipboard.
    table : FileTable, optional
        Whose selected rows are "selected recordings".
    """

    image = traitlets.Instance(AcqImage, allow_none=True)
    """The recording shown."""

    folder = traitlets.Instance(AcqImageList, allow_none=True)
    """The recordings that "the whole folder" means."""

    def __init__(
        self, status: StatusLine, copy: Callable[[str], None], table: FileTable | None = None
    ) -> None:
        super().__init__()
        self.run = BackgroundRun()
        self._status, self._copy, self._table = status, copy, table
        self._typed = False
        self.what = ipywidgets.Dropdown(description="What")
        self.accepted = ipywidgets.Checkbox(
            False, description="only what is accepted", indent=False
        )
        self.format = ipywidgets.Dropdown(
            options=[(f.title, f.name) for f in EXPORT_FORMATS.values()], description="Format"
        )
        self._about = ipywidgets.HTML(_dom_classes=["cs-hint"])
        self.options = {
            name: ipywidgets.Dropdown(options=choices, description=_TITLES[name])
            for name, choices in _CHOICES.items()
        }
        self._option_fields = {name: FormField(box) for name, box in self.options.items()}
        self.target = ipywidgets.Text(description="To", continuous_update=False)
        self._target_field = FormField(self.target)
        self.choose_button = _button("Choose…", "Pick a folder on the machine of the kernel")
        self.choose_button.add_class("cs-quiet")
        self._picker = ipywidgets.VBox()
        self.overwrite = ipywidgets.Checkbox(
            False, description="replace what an earlier export wrote", indent=False
        )
        self.export_button = _button("Export", "Write the files")
        self.export_button.add_class("cs-primary")
        self.copy_button = _button("Copy as Python", "Python that writes the same")
        self.copy_button.add_class("cs-quiet")
        self.cancel_button = _button("Cancel", "What is finished stays")
        self.cancel_button.add_class("cs-quiet")
        self._bar = ipywidgets.FloatProgress(min=0.0, max=1.0, layout={"width": "100%"})
        self._bar.add_class("cs-progress")
        self._words = ipywidgets.HTML(_dom_classes=["cs-dim"])
        line = ipywidgets.HBox([self._words, self.cancel_button], _dom_classes=["cs-progress-line"])
        self._running = ipywidgets.VBox([self._bar, line])
        self._running.layout.display = "none"
        self.outcome = ipywidgets.HTML()
        self._code = ipywidgets.HTML(_dom_classes=["cs-section"])
        self._code.layout.display = "none"
        form = ipywidgets.VBox(
            [
                ipywidgets.HTML(heading_html("Export")),
                FormField(self.what),
                self.accepted,
                FormField(self.format),
                self._about,
                *self._option_fields.values(),
                self._target_field,
                ipywidgets.HBox([self.choose_button], _dom_classes=["cs-row"]),
                self._picker,
                self.overwrite,
                ipywidgets.HBox([self.export_button, self.copy_button], _dom_classes=["cs-row"]),
                self._running,
                self.outcome,
            ],
            _dom_classes=["cs-section"],
        )
        self.children = (theme_style(), form, self._code)
        self.add_class("cs-panel")
        self.add_class("cs-export")
        self._connect()
        self._show()

    def _connect(self) -> None:
        guarded = self._status.guarded
        self.export_button.on_click(guarded("Export", lambda _: self.export()))
        self.copy_button.on_click(guarded("Copy as Python", lambda _: self.copy_code()))
        self.cancel_button.on_click(guarded("Export", lambda _: self.run.cancel()))
        self.choose_button.on_click(guarded("Choose", lambda _: self._toggle_picker()))
        for box in (self.what, self.accepted, self.format):
            box.observe(guarded("Export", lambda _: self._show_choice()), "value")
        self.target.observe(lambda _: self._target_typed(), "value")
        self.observe(lambda _: self._show(), ("image", "folder"))
        if self._table is not None:
            self._table.observe(lambda _: self._show(), "selected_images")
        self.run.observe(
            lambda _: self._show_run(), ("running", "fraction", "seconds_left", "cancelling")
        )

    # ------------------------------------------------------------------ what is chosen

    @property
    def chosen(self) -> ExportFormat:
        """The format."""
        return EXPORT_FORMATS[self.format.value]

    @property
    def images(self) -> tuple[AcqImage, ...]:
        """The recordings that would be written."""
        found: tuple[AcqImage, ...] = ()
        if self.what.value == "this":
            found = () if self.image is None else (self.image,)
        elif self.what.value == "selected" and self._table is not None:
            wanted = {id(image) for image in self._table.selected_images}
            found = tuple(i for i in (self.folder or ()) if id(i) in wanted)
        elif self.folder is not None:
            found = self.folder.images
        return tuple(i for i in found if i.accepted) if self.accepted.value else found

    @property
    def settings(self) -> dict[str, Any]:
        """Options of the format that differ from what it does without them."""
        return {
            name: box.value
            for name, box in self.options.items()
            if name in self.chosen.options and box.value != _CHOICES[name][0][1]
        }

    def target_folder(self) -> Path:
        """The folder to write into.

        Raises
        ------
        ExportError
            If it is outside what this app may reach.
        """
        text = self.target.value.strip()
        if not text:
            raise ExportError("give a folder to write into")
        root = _root(self.folder)
        path = (_start(self.folder) / Path(text).expanduser()).resolve()
        if not path.is_relative_to(root):
            raise ExportError(f"{path} is outside {root}; choose a folder inside it")
        return path

    def _default_target(self) -> Path:
        start, root = _start(self.folder), _root(self.folder)
        beside = start.with_name(f"{start.name}-{self.chosen.name}")
        # beside the folder, so that it is not listed among the recordings next time
        if beside.is_relative_to(root) and start != root:
            return beside
        return start / f"export-{self.chosen.name}"

    def _target_typed(self) -> None:
        self._typed = self.target.value not in ("", str(self._default_target()))
        try:
            self.target_folder()
            self._target_field.error = ""
        except ExportError as error:
            self._target_field.error = str(error)

    # ------------------------------------------------------------------ what is shown

    def _show(self) -> None:
        total = 0 if self.folder is None else len(self.folder)
        selected = 0 if self._table is None else len(self._table.selected_images)
        options = [("this recording", "this")] if self.image is not None else []
        if selected > 1:
            options.append((f"selected recordings ({selected:,})", "selected"))
        options.append((f"the whole folder ({total:,})", "folder"))
        before = [value for _, value in self.what.options]
        if list(self.what.options) != options:
            value = self.what.value
            offered = [value for _, value in options]
            self.what.options = options
            # the recording shown is meant first, once there is one
            keep = value in offered and ("this" in before or self.image is None)
            self.what.value = value if keep else offered[0]
        self._show_choice()

    def _show_choice(self) -> None:
        chosen = self.chosen
        for name, field in self._option_fields.items():
            field.layout.display = "" if name in chosen.options else "none"
        lacks = chosen.missing or self._lacks()
        about = f"{chosen.help[0].upper()}{chosen.help[1:]}."
        self._about.value = f"<div>{escape(about)}</div>" + error_html(lacks)
        if not self._typed:
            self.target.value = str(self._default_target())
        count = len(self.images)
        self.export_button.description = f"Export {count:,}" if count > 1 else "Export"
        self.export_button.disabled = bool(not count or chosen.missing or self.run.running)
        self._code.layout.display = "none"

    def _lacks(self) -> str:
        """What the recording shown lacks for the format, before somebody waits for it."""
        if self.chosen.name != "nwb" or self.what.value != "this" or self.image is None:
            return ""
        from cloudscope.export.nwb_subject import session_of

        try:
            session_of(self.image)
        except ExportError as error:
            return str(error)
        return ""

    def _toggle_picker(self) -> None:
        if self._picker.children:
            self._picker.children = ()
            return
        root = _root(self.folder)
        start = _start(self.folder)
        picker = FolderPicker(root, start if start.is_relative_to(root) else root)
        picker.open_button.description = "Write here"

        def taken(change: Any) -> None:
            self.target.value = str(Path(change["new"], f"export-{self.chosen.name}"))
            self._picker.children = ()

        picker.observe(self._status.guarded("Choose", taken), "chosen")
        self._picker.children = (picker,)

    def _show_run(self) -> None:
        run = self.run
        self._running.layout.display = "" if run.running else "none"
        self.cancel_button.disabled = run.cancelling
        self.export_button.disabled = bool(run.running or not self.images or self.chosen.missing)
        left = "" if run.seconds_left is None else f" · {in_words(run.seconds_left)} left"
        words = "stopping…" if run.cancelling else f"{run.fraction:.0%}{left}"
        self._bar.value = run.fraction
        self._words.value = f'<span role="status">{escape(words)}</span>'

    # ------------------------------------------------------------------ exporting

    def export(self) -> None:
        """Write what is chosen, in the background; the outcome is said file by file."""
        images, chosen = self.images, self.chosen
        target = self.target_folder()
        some, settings, overwrite = _Some(images, self.folder), self.settings, self.overwrite.value
        title = f"{chosen.title} of {counted(len(images), 'recordings')}"
        self.outcome.value = ""

        def work(job: Job) -> ExportReport:
            return export_recordings(
                some,
                chosen.name,
                target,
                overwrite=overwrite,
                progress=job.progress,
                cancel=job.cancel,
                **settings,
            )

        self.run.start(title, work, on_done=self._done, on_failed=self._failed)

    def _done(self, report: ExportReport) -> None:
        written, failed = report.written, report.failed
        words = f"{len(written):,} of {len(report.outcomes):,} written"
        if report.cancelled:
            words += f", {len(report.cancelled):,} cancelled"
        if failed:
            words += f", {len(failed):,} with a problem"
        lines = [f'<div class="cs-hint">{escape(words)} to {escape(str(report.folder))}</div>']
        lines += [error_html(_sentence(outcome)) for outcome in failed[:_MOST_LISTED]]
        if len(failed) > _MOST_LISTED:
            lines.append(error_html(f"… and {len(failed) - _MOST_LISTED:,} more"))
        names = [escape(str(o.path.relative_to(report.folder))) for o in written[:_MOST_LISTED]]
        if len(written) > _MOST_LISTED:
            names.append(f"… and {len(written) - _MOST_LISTED:,} more")
        lines += [f'<div class="cs-hint">{name}</div>' for name in names]
        self.outcome.value = f'<div role="status">{"".join(lines)}</div>'
        tone = "bad" if failed else "" if report.cancelled else "ok"
        self._status.say(f"{self.run.title}: {words}", tone)

    def _failed(self, error: Exception) -> None:
        said = str(error) if isinstance(error, CloudscopeError) else ""
        self.outcome.value = error_html(said)
        self._status.fail(error, self.run.title)

    def copy_code(self) -> None:
        """Show the Python that writes the same, and put it on the clipboard."""
        code = export_code(
            self.images,
            self.folder,
            self.chosen.name,
            self.target_folder(),
            overwrite=self.overwrite.value,
            options=self.settings,
        )
        self._code.value = (
            heading_html("As Python", "copied") + f'<pre class="cs-code">{escape(code)}</pre>'
        )
        self._code.layout.display = ""
        self._copy(code)
        self._status.say("copied as Python", "ok")

    def close(self) -> None:
        """Stop what runs."""
        self.run.cancel()
        super().close()

    def __repr__(self) -> str:
        return f"ExportPanel({self.format.value!r}, {counted(len(self.images), 'recordings')})"


def _button(description: str, tooltip: str) -> ipywidgets.Button:
    return ipywidgets.Button(description=description, tooltip=tooltip)


def _start(folder: AcqImageList | None) -> Path:
    here = None if folder is None else folder.folder
    return (here or Path.cwd()).resolve()


def _root(folder: AcqImageList | None) -> Path:
    """Top of what may be written to: what "Open…" may reach."""
    return Path(os.environ.get(ROOT_VARIABLE) or _start(folder).anchor).resolve()


def _sentence(outcome: ExportOutcome) -> str:
    words = outcome.error.replace(
        "give overwrite=True to replace it", "tick “replace” or choose another folder"
    )
    return words if outcome.name in words else f"{outcome.name}: {words}"

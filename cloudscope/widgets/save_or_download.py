"""Where a file goes that a panel makes: a path on the server, or the browser's own downloads."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets

from cloudscope.errors import CloudscopeError, ExportError
from cloudscope.widgets.background_run import BackgroundRun, Job
from cloudscope.widgets.form_field import FormField
from cloudscope.widgets.status_line import StatusLine, sentence

__all__ = ["SaveOrDownload", "download_link"]

_LARGEST_DOWNLOAD = 40_000_000  # bytes: a link holds the whole file, as text

_TYPES = {
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".pdf": "application/pdf",
    ".csv": "text/csv",
}

Write = Callable[[Path, bool], Any]
"""Writes a file to a path; the flag says whether one that is there may be replaced."""


def download_link(name: str, data: bytes) -> str:
    """A link that saves `data` under `name`; the name is escaped, and the type never runs.

    Examples
    --------
    >>> download_link('a"b.csv', b"1")[:64]
    '<a class="cs-download" download="a&quot;b.csv" href="data:text/c'
    """
    kind = _TYPES.get(Path(name).suffix.lower(), "application/octet-stream")
    size = f"{len(data) / 1000:,.0f} kB" if len(data) >= 1000 else f"{len(data)} bytes"
    text = base64.b64encode(data).decode("ascii")
    return (
        f'<a class="cs-download" download="{escape(name)}" href="data:{kind};base64,{text}">'
        f"Save {escape(name)} ({size})</a>"
    )


class SaveOrDownload(ipywidgets.VBox):
    """A path, a button to save there, and one for a download; nothing is replaced unasked.

    Parameters
    ----------
    status : StatusLine
        Told what was written.
    prepare : callable
        Called when a button is pressed; returns the `Write` of what is on the screen now, which
        then runs off the loop.
    noun : str
        What is written, for example ``"figure"``.
    """

    def __init__(self, status: StatusLine, prepare: Callable[[], Write], noun: str) -> None:
        self._status, self._prepare, self._noun = status, prepare, noun
        self._run = BackgroundRun()
        self.path = ipywidgets.Text(description="File", continuous_update=False)
        self.save_button = ipywidgets.Button(
            description="Save", tooltip=f"Write the {noun} to this path"
        )
        self.replace_button = ipywidgets.Button(
            description="Replace it", tooltip="Write over the file that is there"
        )
        self.replace_button.add_class("cs-danger")
        self.replace_button.layout.display = "none"
        self.download_button = ipywidgets.Button(
            description="Download…", tooltip=f"Make a link that saves the {noun} on your computer"
        )
        self.words = ipywidgets.HTML(_dom_classes=["cs-save-words"])
        row = ipywidgets.HBox(
            [self.save_button, self.replace_button, self.download_button],
            _dom_classes=["cs-row"],
        )
        super().__init__([FormField(self.path), row, self.words], _dom_classes=["cs-save"])
        guard = status.guarded
        self.save_button.on_click(guard("Saving", lambda _: self.save()))
        self.replace_button.on_click(guard("Saving", lambda _: self.save(replace=True)))
        self.download_button.on_click(guard("Download", lambda _: self.download()))
        self.path.observe(lambda _: self.forget(), "value")

    def forget(self) -> None:
        """Take back what was said and linked: it was of another state."""
        self.words.value = ""
        self.replace_button.layout.display = "none"

    def suggest(self, path: Path) -> None:
        """Put a path into the field."""
        self.path.value = str(path)

    def save(self, *, replace: bool = False) -> None:
        """Write to the path; one that is there is asked about first."""
        if not self.path.value.strip():
            raise ExportError("File is empty: give a path to save to")
        target = Path(self.path.value.strip()).expanduser()
        self.forget()
        if target.exists() and not replace:
            self.replace_button.layout.display = ""
            self._say(f"{target.name} is there already.", "cs-warn-words")
            return
        write = self._prepare()

        def done(_: Any) -> None:
            self._say(f"Saved {target}.", "cs-ok")
            self._status.say(f"saved {target.name}", "ok")

        self._start(lambda _: write(target, replace), done)

    def download(self) -> None:
        """Make the file and offer it as a link."""
        name = Path(self.path.value.strip() or f"{self._noun}.png").name
        self.forget()
        write = self._prepare()

        def work(_: Job) -> bytes:
            with tempfile.TemporaryDirectory() as folder:
                made = Path(folder) / name
                write(made, False)
                if made.stat().st_size > _LARGEST_DOWNLOAD:
                    raise ExportError(
                        f"{name} has {made.stat().st_size / 1e6:,.0f} MB, which is too much for a "
                        "download: save it to a path, or show a shorter stretch"
                    )
                return made.read_bytes()

        def done(data: bytes) -> None:
            self.words.value = download_link(name, data)

        self._start(work, done)

    def _start(self, work: Callable[[Job], Any], done: Callable[[Any], None]) -> None:
        if self._run.running:
            raise ExportError(f"the last {self._noun} is still being written: wait for its end")
        self._say("Writing…", "cs-hint")
        self._run.start(f"Writing the {self._noun}", work, on_done=done, on_failed=self._failed)

    def _failed(self, error: Exception) -> None:
        self._say(sentence(error), "cs-error", role="alert")
        if not isinstance(error, CloudscopeError):
            self._status.fail(error, "Writing")

    def _say(self, words: str, kind: str, role: str = "status") -> None:
        self.words.value = f'<div class="{kind}" role="{role}">{escape(words)}</div>'

    def __repr__(self) -> str:
        return f"SaveOrDownload({self.path.value!r})"

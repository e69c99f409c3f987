"""The centre of the app: the recording and its traces on one time axis, or why there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from typing import Any

import ipywidgets
import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.veil import hide_names
from cloudscope.widgets.background_run import BackgroundRun, Job
from cloudscope.widgets.merge_panel import MergePanel
from cloudscope.widgets.status_line import StatusLine, sentence
from cloudscope.widgets.streak_probe import StreakProbePanel
from cloudscope.widgets.stretch_panel import StretchPanel
from cloudscope.widgets.trace_stack import TraceStack
from cloudscope.widgets.traces import TracePlot
from cloudscope.widgets.viewer import KymographViewer

__all__ = ["RecordingView"]

AT_ONCE_PIXELS = 4_000_000
"""Recordings up to this size are read in place; larger ones by a worker thread."""

_FRAME_PX = 520  # height of a frame, which stands alone


class RecordingView(ipywidgets.VBox):
    """Viewer and traces of one recording; pixels are read off the loop before it is shown.

    Parameters
    ----------
    status : StatusLine
        Told what goes wrong.
    analyses : iterable of str, optional
        Registered names with a trace each; all by default.
    height_px, trace_px : int
        Height of the picture, and of a trace.
    copy : callable, optional
        Puts text on the user's clipboard.
    """

    image = traitlets.Instance(AcqImage, allow_none=True)
    """The recording to show; the viewer has it once its pixels are read."""

    def __init__(
        self,
        status: StatusLine,
        analyses: Iterable[str] | None = None,
        *,
        height_px: int = 240,
        trace_px: int = 150,
        copy: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__()
        self._status = status
        self._loading = BackgroundRun()
        self._height_px = height_px
        self.viewer = KymographViewer(height_px=height_px)
        self.stack = TraceStack(self.viewer, analyses, trace_px=trace_px)
        self.probe = StreakProbePanel(self.viewer, status)
        self._notice = ipywidgets.HTML()
        self._notice.add_class("cs-app-notice")
        self.reload_button = ipywidgets.Button(
            description="Reload from disk",
            tooltip="Take the saved state and give up the edits here",
        )
        self.aside_button = ipywidgets.Button(
            description="Set it aside", tooltip="Rename the sidecar, so that a new one can be saved"
        )
        self.copy_button = ipywidgets.Button(
            description="Save mine as a copy",
            tooltip="Write the edits here beside the saved state, which stays as it is",
        )
        self.merge_button = ipywidgets.Button(
            description="Merge both",
            tooltip="Put the edits here and the saved state together; what clashes is asked",
        )
        self.merge_panel: MergePanel | None = None
        self._notice_bar = ipywidgets.HBox(
            [
                *(self._notice, self.merge_button, self.copy_button),
                *(self.reload_button, self.aside_button),
            ]
        )
        self._notice_bar.add_class("cs-app-notice-bar")
        for button in self._notice_bar.children[1:]:
            button.add_class("cs-button")
        self._message = ipywidgets.HTML()
        self._message.add_class("cs-app-centre-message")
        self._content = ipywidgets.VBox([self.viewer, self.stack, self.probe, self.stack.foot])
        self._content.add_class("cs-app-content")
        self._arrange()
        self.add_class("cs-app-centre")
        self.stack.observe(self._picked, "picked_s")
        self.stretch: StretchPanel | None = None
        self._copy = copy
        self.stack.observe(self._brushed, "brush")
        self.observe(self._take_image, "image")
        self.reload_button.on_click(status.guarded("Reload", lambda _: self._reload()))
        self.merge_button.on_click(status.guarded("Merge", lambda _: self._merge()))
        self.copy_button.on_click(status.guarded("Save a copy", lambda _: self._save_copy()))
        self.aside_button.on_click(status.guarded("Set aside", lambda _: self._set_aside()))
        self.show_message("Choose a recording on the left.")
        self._show_notice()

    @property
    def loading(self) -> bool:
        """Whether pixels are being read."""
        return self._loading.running

    @property
    def traces(self) -> dict[str, TracePlot]:
        """The traces made so far, by name of the analysis."""
        return self.stack.traces

    @property
    def cutoff(self) -> ipywidgets.BoundedFloatText:
        """Quality below which samples are set aside on the screen."""
        return self.stack.cutoff

    def show_message(self, message: str, detail: str = "") -> None:
        """Show words instead of a recording, for example why a file cannot be read."""
        message, detail = hide_names(message), hide_names(detail)
        more = f"<p>{escape(detail)}</p>" if detail else ""
        self._message.value = f'<div role="status"><b>{escape(message)}</b>{more}</div>'
        self._message.layout.display = ""
        self._content.layout.display = "none"

    def offer_reload(self, reason: str) -> None:
        """Say that the saved state is another one; offer to take it, or to keep both."""
        self._show_notice(reason, conflict=True)

    def say_unsaved(self, reason: str = "") -> None:
        """Say in full why the recording could not be saved; nothing once it is saved."""
        self._show_notice(reason)

    # ------------------------------------------------------------------ opening

    def _take_image(self, change: Any) -> None:
        old, new = change["old"], change["new"]
        if isinstance(old, AcqImage):
            old.unobserve(self._problems_changed, "problems")
        if new is not None:
            new.observe(self._problems_changed, "problems")
        self._show_notice()
        if not self._loading.running:  # else the end of the present one sees to it
            self._open()

    def _open(self) -> None:
        image = self.image
        if image is None:
            self._put(None)
            return
        if image.header.lines * image.header.pixels <= AT_ONCE_PIXELS:
            # The viewer reads it as fast as a thread could start, and the next line of a cell
            # finds it there.
            self._put(image)
            return
        channel = min(self.viewer.channel, image.header.channels - 1)

        def work(job: Job) -> AcqImage:
            image.frame(channel)
            return image

        self._loading.start(
            f"Opening {image.name}", work, on_done=self._opened, on_failed=self._not_opened
        )

    def _opened(self, image: AcqImage) -> None:
        if image is self.image:
            self._put(image)
        else:  # the user has moved on meanwhile
            image.release_pixels()
            self._open()

    def _not_opened(self, error: Exception) -> None:
        self._put(None)
        if self.image is not None:
            self.show_message(f"{self.image.name} cannot be shown", sentence(error))
        self._status.fail(error)

    def _put(self, image: AcqImage | None) -> None:
        previous = self.viewer.image
        self.viewer.image = image
        if previous is not None and previous is not image:
            previous.release_pixels()
        line_scan = image is not None and image.header.frames == 1
        # A frame has no traces below it: the picture takes their place.
        self.viewer.height_px = self._height_px if line_scan or image is None else _FRAME_PX
        self.stack.image = image if line_scan else None
        self.stack.foot.layout.display = None if line_scan else "none"
        if image is None:
            return
        if self.viewer.problem:  # the file went bad after its header was read
            self.show_message(f"{image.name} cannot be shown", self.viewer.problem)
            self._status.say(self.viewer.problem, "bad")
            return
        self._message.layout.display = "none"
        self._content.layout.display = ""
        if image.rois:
            self.viewer.selected_roi_id = image.rois[0].roi_id
        self.stack.target()

    # ------------------------------------------------------------------ what is shown

    def _brushed(self, change: Any) -> None:
        if self.stretch is None and change["new"] is not None:  # made when first wanted
            self.stretch = StretchPanel(self.viewer, self.stack, self._status, self._copy)
            shown = [self.viewer, self.stack, self.stretch, self.probe, self.stack.foot]
            self._content.children = shown

    def _picked(self, change: Any) -> None:
        if change["new"] is not None:
            self.probe.pick(change["new"])
            change["owner"].picked_s = None  # so that the same place can be picked again

    def _problems_changed(self, change: Any) -> None:
        self._show_notice()

    def _show_notice(self, reason: str = "", *, conflict: bool = False) -> None:
        problems = () if self.image is None else self.image.problems
        words = [*([reason] if reason else []), *problems]
        self._notice.value = "".join(f"<div>{escape(hide_names(one))}</div>" for one in words)
        for button in (self.merge_button, self.copy_button, self.reload_button):
            button.layout.display = "" if conflict else "none"
        broken = self.image is not None and self.image.sidecar_unreadable
        self.aside_button.layout.display = "" if broken else "none"
        self._notice_bar.layout.display = "" if words else "none"

    def _arrange(self, *asked: ipywidgets.Widget) -> None:
        """What stands above each other, a question right below what it is about."""
        self.children = (self._notice_bar, *asked, self._message, self._content)

    def _merge(self) -> None:
        """Put both sides together at once where nothing clashes; else ask."""
        if self.image is None:
            return
        panel = MergePanel(self.image, self._status, self._merged)
        if not panel.report.clashes:
            panel.apply()
            return
        self.merge_panel = panel
        self._arrange(panel)

    def _merged(self, done: bool) -> None:
        self.merge_panel = None
        self._arrange()
        if done:
            self._show_notice()

    def _reload(self) -> None:
        if self.image is not None:
            self.image.reload()
            self._status.say(f"{self.image.name} is as it was saved", "ok")
        self._show_notice()

    def _save_copy(self) -> None:
        if self.image is not None:
            copy = self.image.save_copy()
            self._status.say(
                f"written to {copy.name}; Reload from disk takes the saved state", "ok"
            )

    def _set_aside(self) -> None:
        if self.image is not None:
            aside = self.image.set_aside_sidecar()
            self._status.say(f"renamed to {aside.name}; a new one can be saved", "ok")
        self._show_notice()

    def __repr__(self) -> str:
        return f"RecordingView({None if self.image is None else self.image.name!r})"

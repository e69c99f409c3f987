"""What a picture and a velocity rest on: the pixels that were measured, the streak, the place."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import traitlets

from cloudscope.errors import CloudscopeError
from cloudscope.veil import hide_names
from cloudscope.widgets.image_tiles import PlaneStatistics, TilePyramid
from cloudscope.widgets.viewer_look import ViewerLook
from cloudscope.widgets.viewer_moving import MovingPicture, Wish
from cloudscope.widgets.viewer_planes import ShownPlane, ShownPlanes
from cloudscope.widgets.viewer_reference import may_have_reference, reference_of
from cloudscope.widgets.viewer_streak import Streak

__all__ = ["ViewerEvidence"]


class ViewerEvidence(ViewerLook):
    """The part of a viewer that shows evidence beside and instead of the channels."""

    selected_roi_id = traitlets.Int(None, allow_none=True).tag(sync=True)
    """ROI with handles, or ``None``. Written by both sides."""

    background_removed = traitlets.Bool(False).tag(sync=True)
    """Whether the pixels of the ROI selected, or of the whole recording, are shown as the velocity
    sees them, by `cloudscope.moving_pixels`. Written by both sides."""

    show_reference = traitlets.Bool(False).tag(sync=True)
    """Whether the frame that the line was drawn on, where the file holds one, lies in a corner
    of the picture, with the line on it. Written by both sides."""

    _streak = traitlets.Dict().tag(sync=True)
    _moving = traitlets.Dict().tag(sync=True)
    _reference = traitlets.Dict().tag(sync=True)

    def _begin_evidence(self) -> None:
        self._planes = ShownPlanes()
        self._channels: dict[int, ShownPlane] = {}
        self._picture = MovingPicture(self._moving_ready)
        self._lit: Streak | None = None

    def show_streak(self, streak: Streak | None) -> None:
        """Light a window of lines up, with lines of a slope through it; ``None`` ends it."""
        self._lit = streak
        self._streak = {} if streak is None else streak.to_dict()

    @traitlets.observe("background_removed", "selected_roi_id")
    def _show_moving(self, change: Any = None) -> None:
        """Have the pixels that the velocity sees, if they are to be shown."""
        image = self.image
        if not self.background_removed or image is None or not self._channels:
            self._moving = {}
            return
        try:
            self._picture.ask(Wish.of(image, self.channel, self.selected_roi_id))
        except CloudscopeError as error:  # no line scan
            self._moving = {"problem": hide_names(str(error))}

    @traitlets.observe("image", "show_reference")
    def _show_reference(self, change: Any = None) -> None:
        if self.image is None or not self.show_reference:
            self._reference = {"possible": may_have_reference(self.image)}
        else:
            self._reference = {"possible": True} | reference_of(self.image)

    def _moving_ready(
        self, name: Hashable, found: tuple[TilePyramid, PlaneStatistics] | str
    ) -> None:
        if not self.background_removed:
            return
        if isinstance(found, str):
            self._moving = {"problem": found}
            return
        shown = self._planes.add(name, *found)
        self._moving = shown.brightness() | shown.histogram()

"""How the viewer shows channels: one alone or several together, in step with `image.display`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import anywidget
import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.display import AUTOMATIC, ChannelDisplay
from cloudscope.errors import UnknownNameError
from cloudscope.widgets.colormaps import COLORMAPS

if TYPE_CHECKING:
    from cloudscope.widgets.viewer_planes import ShownPlane

__all__ = ["ViewerLook"]

_LOOK = ("lut", "contrast", "gamma", "automatic")


class ViewerLook(anywidget.AnyWidget):
    """The part of a viewer that is about colours; they are kept in ``image.display``.

    Examples
    --------
    >>> import numpy as np
    >>> from cloudscope import AcqImage, KymographViewer
    >>> viewer = KymographViewer(AcqImage.from_array(np.zeros((2, 100, 20))))
    >>> viewer.composite = True
    >>> viewer.show_channel(1, color="cyan")
    >>> viewer.image.display[1].color
    'cyan'
    """

    image = traitlets.Instance(AcqImage, allow_none=True)
    """The recording shown; ``None`` shows an empty frame. Written by Python."""

    channel = traitlets.Int(0, min=0).tag(sync=True)
    """Channel shown, from 0; among several that are shown together, the one whose contrast is
    at hand. Written by both sides."""

    composite = traitlets.Bool(False).tag(sync=True)
    """Whether channels are shown together, each in a colour of its own, added up; `show_channel`
    chooses which. Written by both sides."""

    lut = traitlets.Enum(COLORMAPS, "gray").tag(sync=True)
    """Colour map of a channel alone, one of `cloudscope.widgets.colormaps.COLORMAPS`. Written by
    both sides."""

    contrast = cast(
        "traitlets.TraitType[tuple[float, float] | None, Any]",
        traitlets.Tuple(
            traitlets.Float(), traitlets.Float(), default_value=None, allow_none=True
        ).tag(sync=True),
    )
    """Values of the first and the last colour; ``None`` is automatic. It and the colours are kept
    in ``image.display`` for each channel. Written by both sides."""

    automatic = traitlets.Enum(AUTOMATIC, "percentiles").tag(sync=True)
    """How contrast is chosen where it is ``None``, one of `cloudscope.display.AUTOMATIC`: the 0.5
    and 99.5 percentiles of the channel, its full range, or the range of what is in view. Written
    by both sides."""

    gamma = traitlets.Float(1.0, min=0.1, max=10.0).tag(sync=True)
    """Exponent on the share of `contrast`; below 1 lifts the dark. Written by both sides."""

    _layers: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)

    def show_channel(
        self, channel: int, *, visible: bool | None = None, color: str | None = None
    ) -> None:
        """Choose whether a channel is seen among others, and in which colour; one undo step.

        Parameters
        ----------
        channel : int
        visible : bool, optional
        color : str, optional
            One of `cloudscope.display.COLORS`, ``"#rrggbb"``, or ``""`` for the channel's turn.

        Raises
        ------
        UnknownNameError
            If there is no such channel.
        ParameterError
            If the colour is none.
        """
        if self.image is None or not 0 <= channel < self.image.header.channels:
            raise UnknownNameError(f"there is no channel {channel} to show")
        given = {"visible": visible, "color": color}
        changes: dict[str, Any] = {k: v for k, v in given.items() if v is not None}
        display = self.image.display
        shown = replace(display.get(channel, ChannelDisplay()), **changes)
        self.image.display = {**display, channel: shown}

    def look_of(self, channel: int) -> ChannelDisplay:
        """How a channel is shown now, also where nothing of it is kept."""
        display = {} if self.image is None else self.image.display
        look = display.get(channel, ChannelDisplay())
        if channel != self.channel:
            return look
        return replace(look, **{name: getattr(self, name) for name in _LOOK})

    def _seen_channels(self) -> tuple[int, ...]:
        """Channels whose pixels are drawn."""
        if self.image is None or not self.composite:
            return (self.channel,)
        channels = range(self.image.header.channels)
        return tuple(c for c in channels if self.look_of(c).visible)

    def _describe_layers(self, planes: Mapping[int, ShownPlane]) -> None:
        """Tell the browser of the channels shown together."""
        layers: list[dict[str, Any]] = []
        if self.image is not None and self.composite:
            header = self.image.header
            for channel in range(header.channels):
                look = self.look_of(channel)
                layer = look.to_dict() | {
                    "channel": channel,
                    "title": header.channel_title(channel),
                    "color": look.color_of(channel),
                }
                if look.visible and channel in planes:
                    layer |= planes[channel].brightness()
                layers.append(layer)
        self._layers = layers

    def _begin_look(self) -> None:
        self._looks: dict[int, dict[str, Any]] = {}  # of channels of which nothing is kept
        self._taking_look = True  # what a viewer is made with is no edit of its recording

    def _leave_channel(self, channel: int) -> None:
        self._looks[channel] = {"contrast": self.contrast, "automatic": self.automatic}

    def _take_look(self, *, together: bool = False) -> None:
        """Show the channel as its recording was last shown; colours stay where it never was."""
        display = {} if self.image is None else self.image.display
        shown = display.get(self.channel)
        before, self._taking_look = self._taking_look, True
        try:
            with self.hold_sync():
                if together or display:
                    self.composite = any(one.composite for one in display.values())
                if shown is None:
                    left = self._looks.get(self.channel, {})
                    self.contrast = left.get("contrast")
                    self.automatic = left.get("automatic", "percentiles")
                else:
                    self.contrast = shown.contrast
                    self.automatic = shown.automatic
                    self.lut = shown.lut if shown.lut in COLORMAPS else "gray"
                    self.gamma = shown.gamma
        finally:
            self._taking_look = before

    @traitlets.observe(*_LOOK)
    def _look_changed(self, change: Any) -> None:
        if not self._taking_look and self.image is not None:
            self.image.display = {**self.image.display, self.channel: self.look_of(self.channel)}

    @traitlets.observe("composite")
    def _composite_changed(self, change: Any) -> None:
        if self._taking_look or self.image is None:
            return
        # of all of them, so that each says by itself how it was seen
        self.image.display = {
            channel: replace(self.look_of(channel), composite=change["new"])
            for channel in range(self.image.header.channels)
        }

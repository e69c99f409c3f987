"""`KymographViewer`: look at a recording and mark regions, bound both ways to an `AcqImage`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.analysis.result import AnalysisResult, RoiBounds
from cloudscope.errors import CloudscopeError, LoadError
from cloudscope.roi import WHOLE_RECORDING
from cloudscope.veil import hide_names
from cloudscope.widgets.thumbnail import viewer_png, with_picture
from cloudscope.widgets.viewer_axes import ViewerAxes
from cloudscope.widgets.viewer_evidence import ViewerEvidence
from cloudscope.widgets.viewer_marks import Marks, measured_marks, previewed_marks, serves
from cloudscope.widgets.viewer_planes import plane_description
from cloudscope.widgets.viewer_requests import answer, send_tile

__all__ = ["KymographViewer"]

_OF_IMAGE = (
    "contrast",
    "composite",
    "selected_roi_id",
    "time_range",
    "position_range",
    "cursor_s",
    "background_removed",
    "show_reference",
)
_MARGIN = 0.05  # of a ROI's size, left free around it by `show_roi`


class KymographViewer(ViewerEvidence):
    """Show a recording, time running to the right, and edit its ROIs with the mouse or keys.

    The image is sent in pieces, only those on the screen and no finer than the screen; contrast,
    colours, pan and zoom need no Python. ROIs are those of ``image.rois``: change them there and
    the handles move, drag a handle and ``image.rois`` changes, as one undo step.

    Parameters
    ----------
    image : AcqImage, optional
        May be replaced later, also by ``None``.
    channel : int
    height_px : int
        Height of the picture itself.
    **traits
        Any trait below.

    Notes
    -----
    For tests and style sheets the root element is ``.cs-viewer`` and carries ``data-ready``
    ("true" once the picture is drawn), ``data-crisp`` ("true" once it is drawn at the resolution
    of the screen), ``data-tiles`` (tiles held), ``data-renderer`` ("webgl2" or "canvas"),
    ``data-tool``, ``data-time-range`` and ``data-position-range`` ("start,stop"),
    ``data-selected`` and ``data-rois`` (count). ROIs are ``.cs-roi[data-roi-id]`` with a
    ``.cs-roi-label``; the picture is ``.cs-plot``, with 64 px to its left and 12 px to its right.

    Examples
    --------
    >>> import numpy as np
    >>> from cloudscope import AcqImage
    >>> image = AcqImage.from_array(np.zeros((100, 20)), line_period_s=0.001, pixel_size_um=0.5)
    >>> viewer = KymographViewer(image)
    >>> viewer
    KymographViewer(array, 100 x 20)
    >>> viewer.time_range, viewer.position_range
    ((0.0, 0.1), (0.0, 10.0))
    """

    _esm = Path(__file__).parents[1] / "static" / "viewer.js"

    frame = traitlets.Int(0, min=0).tag(sync=True)
    """Frame shown where a file holds several, from 0. Written by both sides."""

    time_range = traitlets.Tuple(traitlets.Float(), traitlets.Float(), default_value=(0.0, 1.0))
    time_range.tag(sync=True)
    """Visible time in seconds from the first line (in lines if uncalibrated), kept within the
    recording. For frames the rows, in µm or px. Written by both sides."""

    position_range = traitlets.Tuple(
        traitlets.Float(), traitlets.Float(), default_value=(0.0, 1.0)
    ).tag(sync=True)
    """Visible positions in µm (px if uncalibrated). Written by both sides."""

    cursor_s = traitlets.Float(None, allow_none=True).tag(sync=True)
    """Time under the pointer, seconds (lines if uncalibrated), ``None`` when it is elsewhere;
    setting it draws the cursor line. Written by both sides."""

    tool = traitlets.Enum(("select", "draw", "pan"), "select").tag(sync=True)
    """What dragging does. Written by both sides."""

    scale_bar = traitlets.Bool(True).tag(sync=True)
    """Whether a scale bar lies in the corner. Written by both sides."""

    show_marks = traitlets.Bool(True).tag(sync=True)
    """Whether walls and events that were measured are drawn on the picture. Written by both
    sides."""

    height_px = traitlets.Int(260, min=80, max=4000).tag(sync=True)
    """Height of the picture in CSS pixels. Written by Python."""

    renderer = traitlets.Enum(("auto", "canvas"), "auto").tag(sync=True)
    """``"auto"`` is WebGL2 where there is one; ``"canvas"`` never. Written by Python."""

    dragged = cast(
        "traitlets.TraitType[tuple[int | None, RoiBounds] | None, Any]",
        traitlets.Tuple(default_value=None, allow_none=True),
    )
    """ROI under the hand while it is dragged or nudged: its id, ``None`` for one being drawn, and
    its bounds so far, which ``image.rois`` gets when the hand lets go; else ``None``. Written by
    the browser, as often as Python keeps up."""

    previewed_walls = cast(
        "traitlets.TraitType[tuple[int | None, AnalysisResult] | None, Any]",
        traitlets.Tuple(default_value=None, allow_none=True),
    )
    """ROI, ``None`` for one being drawn, and a diameter that is not kept: its walls are drawn
    dashed, in place of those measured there; else ``None``. Written by Python."""

    problem = traitlets.Unicode("", read_only=True).tag(sync=True)
    """Why the pixels cannot be shown, a sentence, or ``""``. Read-only."""

    _plane = traitlets.Dict().tag(sync=True)
    _rois: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    _undo: traitlets.List[Any] = traitlets.List([None, None]).tag(sync=True)
    _marks = traitlets.Dict().tag(sync=True)
    _preview_marks = traitlets.Dict().tag(sync=True)

    def __init__(self, image: AcqImage | None = None, **traits: Any) -> None:
        unknown = [name for name in traits if not self.has_trait(name)]
        if unknown:
            raise TypeError(f"KymographViewer has no trait {unknown[0]!r}")
        self._begin_look()
        self._begin_evidence()
        self._axes = ViewerAxes.of(None)
        self._found = self._previewed = Marks()
        self._page_listens = False
        # A new image resets these or is needed for them, so they are set after it: what a
        # constructor sets at once is told to observers in any order.
        of_image = {name: traits.pop(name) for name in _OF_IMAGE if name in traits}
        traits.setdefault("layout", {"width": "100%", "min_width": "0"})
        super().__init__(image=image, **traits)
        self.on_msg(answer)
        with self.hold_sync():
            for name, value in of_image.items():
                setattr(self, name, value)
        self._taking_look = False

    def __repr__(self) -> str:
        if self.image is None:
            return "KymographViewer(no recording)"
        header = self.image.header
        return f"KymographViewer({self.image.name}, {header.lines} x {header.pixels})"

    def close(self) -> None:
        """Close the widget and stop following the image."""
        self.image = None
        super().close()

    # ------------------------------------------------------------------ the view

    def fit(self) -> None:
        """Show the whole recording."""
        with self.hold_sync():
            self.time_range = (0.0, self._axes.rows.length)
            self.position_range = (0.0, self._axes.cols.length)

    def show_roi(self, roi_id: int) -> None:
        """Select a ROI and zoom to it; 0 is the whole recording.

        Raises
        ------
        UnknownNameError
            If there is no such ROI.
        """
        if roi_id == WHOLE_RECORDING or self.image is None:
            self.fit()
            return
        roi = self.image.roi(roi_id)
        rows, cols = self._axes.rows.scale, self._axes.cols.scale
        along, across = _MARGIN * roi.lines, _MARGIN * roi.pixels
        with self.hold_sync():
            self.selected_roi_id = roi_id
            self.time_range = ((roi.row_start - along) * rows, (roi.row_stop + along) * rows)
            self.position_range = ((roi.col_start - across) * cols, (roi.col_stop + across) * cols)

    @traitlets.validate("time_range", "position_range")
    def _inside(self, proposal: Any) -> tuple[float, float]:
        axis = self._axes.rows if proposal["trait"].name == "time_range" else self._axes.cols
        return axis.inside(*proposal["value"])

    @traitlets.validate("channel", "frame")
    def _exists(self, proposal: Any) -> int:
        number = int(proposal["value"])
        name = proposal["trait"].name
        there = 1
        if self.image is not None:
            header = self.image.header
            there = header.channels if name == "channel" else header.frames
        if self.image is not None and number >= there:
            raise traitlets.TraitError(
                f"{self.image.name} has no {name} {number}; it has {there}, counted from 0"
            )
        return number

    # ------------------------------------------------------------------ following the image

    @traitlets.observe("image")
    def _image_changed(self, change: Any) -> None:
        if isinstance(change["old"], AcqImage):
            change["old"].unobserve(self._model_changed)
        image = change["new"]
        # what the browser would ask for first is sent at once, where a page is there to take it
        at_once = self._page_listens and not self._holding_sync
        with self.hold_sync():
            self._looks.clear()
            self._planes.forget()
            self._picture.clear()
            self.selected_roi_id = None
            self.cursor_s = self.dragged = None
            self._take_look()
            if image is not None:
                self.channel = min(self.channel, image.header.channels - 1)
                self.frame = min(self.frame, image.header.frames - 1)
                self.composite = False
                image.observe(
                    self._model_changed,
                    ["rois", "results", "header", "display", "undo_label", "redo_label"],
                )
                self._take_look()
            self._read_plane(keep_view=False, coming=at_once)
            self._mirror()
            self._find_marks()
        if at_once and self.channel in self._channels and not self.composite:
            shown = self._channels[self.channel]
            send_tile(self, shown.key, shown.pyramid.overview)

    def _model_changed(self, change: Any) -> None:
        with self.hold_sync():
            if change["name"] == "header":
                old, new = change["old"], change["new"]
                same = (old.lines, old.pixels, old.time_axis) == (
                    new.lines,
                    new.pixels,
                    new.time_axis,
                )
                if same:
                    self._describe(keep_view=True)
                else:
                    self._planes.forget()
                    self._read_plane(keep_view=False)
            if change["name"] in ("rois", "results", "header"):
                self._find_marks()
            self._mirror()
            if change["name"] == "display":
                self._take_look(together=True)
                self._show_layers()
            else:
                self._show_moving()

    def _find_marks(self) -> None:
        """Take up what is measured in the channel shown."""
        self._found = measured_marks(self.image, self.channel)
        self._marks = {}
        self._send_marks()

    @traitlets.observe("time_range", "show_marks")
    def _send_marks(self, change: Any = None) -> None:
        if not self.show_marks:
            return
        start, stop = (end / self._axes.rows.scale for end in self.time_range)
        if self._found and not serves(self._marks, start, stop):
            self._marks = self._found.around(start, stop)
        if self._previewed and not serves(self._preview_marks, start, stop):
            self._preview_marks = self._previewed.around(start, stop)

    @traitlets.observe("previewed_walls")
    def _preview_walls(self, change: Any) -> None:
        self._previewed = Marks() if change["new"] is None else previewed_marks(*change["new"])
        with self.hold_sync():
            self._preview_marks = {}
            self._send_marks()

    def _mirror(self) -> None:
        image = self.image
        self._rois = [] if image is None else [roi.to_dict() for roi in image.rois]
        self._undo = [None, None] if image is None else [image.undo_label, image.redo_label]
        if self.selected_roi_id not in {roi["roi_id"] for roi in self._rois}:
            self.selected_roi_id = None

    @traitlets.observe("channel")
    def _channel_changed(self, change: Any) -> None:
        if self.image is None or change["old"] is traitlets.Undefined:
            return
        with self.hold_sync():
            self._leave_channel(change["old"])
            self._take_look()
            self._read_plane(keep_view=True)
            self._find_marks()
            self._show_moving()

    @traitlets.observe("frame")
    def _frame_changed(self, change: Any) -> None:
        if self.image is not None:
            self._read_plane(keep_view=True)

    @traitlets.observe("composite")
    def _together_changed(self, change: Any) -> None:
        self._show_layers()

    @traitlets.observe("contrast", "gamma", "automatic")
    def _layer_changed(self, change: Any) -> None:
        if self._layers:
            self._describe_layers(self._channels)

    def _show_layers(self) -> None:
        """Read what is newly seen of several channels, and tell the browser of all."""
        if self._channels.keys() != {self.channel, *self._seen_channels()}:
            self._read_plane(keep_view=True)
        self._describe_layers(self._channels)

    def _read_plane(self, *, keep_view: bool, coming: bool = False) -> None:
        problem = ""
        try:
            wanted = {self.channel, *self._seen_channels()}
            self._channels = self._planes.show(self.image, sorted(wanted), self.frame)
        except LoadError as error:
            self._channels, problem = {}, hide_names(str(error))
        self.set_trait("problem", problem)
        with self.hold_sync():
            self._describe(keep_view=keep_view, coming=coming)
            self._describe_layers(self._channels)

    def _describe(self, *, keep_view: bool, coming: bool = False) -> None:
        """Tell the browser what there is to show; `keep_view` keeps the pixels in view."""
        image, old = self.image, self._axes
        self._axes = ViewerAxes.of(image.header if image is not None else None)
        with self.hold_sync():
            shown = self._channels.get(self.channel)
            described = plane_description(self._planes.generation, self._axes, image, shown)
            self._plane = described | {"coming": coming and not self.composite}
            if keep_view:
                self.time_range = old.rows.carry(self.time_range, self._axes.rows)
                self.position_range = old.cols.carry(self.position_range, self._axes.cols)
            else:
                self.fit()

    # ------------------------------------------------------------------ without a browser

    def thumbnail(self, width: int = 450, height: int = 128) -> bytes:
        """The view as a small PNG, with outlines of the ROIs; frames keep their proportions.

        Raises
        ------
        CloudscopeError
            If there is nothing to show; says why.
        """
        if self.image is None or not self._channels:
            raise CloudscopeError(self.problem or "the viewer shows no recording")
        return viewer_png(self, width, height)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None or not self._channels:
            return bundle
        return with_picture(bundle, self.thumbnail(), repr(self))

"""`figure_of`: a kymograph with what was measured in it, ready to publish."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from cloudscope.display import ChannelDisplay
from cloudscope.errors import ParameterError
from cloudscope.figures.content import Content, Course, content_of
from cloudscope.figures.look import Look, Theme, mm, new_figure, style
from cloudscope.roi import WHOLE_RECORDING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cloudscope.acq_image import AcqImage

__all__ = ["figure_of"]

_LEFT, _RIGHT, _TOP, _BOTTOM, _GAP, _TRACE = 15.0, 3.0, 3.0, 9.0, 3.0, 18.0  # mm
_EDGE = 1.0  # mm that stay free
_ROI_COLORS = ("#ffb000", "#3ddbd9", "#ff6f91", "#9be15d")


def figure_of(
    image: AcqImage,
    *,
    channel: int = 0,
    roi_id: int = WHOLE_RECORDING,
    time_range: tuple[float, float] | None = None,
    position_range: tuple[float, float] | None = None,
    analyses: Iterable[str] | None = None,
    width_mm: float = 180.0,
    image_height_mm: float = 32.0,
    dpi: float = 300.0,
    theme: Theme = "light",
    scale: Literal["axes", "bars"] = "axes",
    quality_cutoff: float = 0.0,
    display: Mapping[int, ChannelDisplay] | None = None,
    composite: bool | None = None,
    frame: int = 0,
    show_rois: bool = True,
    show_marks: bool = True,
) -> Figure:
    """A recording as a figure: the kymograph, and below it what was measured, on one time axis.

    Bands are one standard deviation to either side. Samples set aside are short upright strokes
    in gray, at their value where they have one, else on the floor.

    Parameters
    ----------
    image : AcqImage
    channel : int
    roi_id : int
        Whose results are drawn; 0 is the whole recording.
    time_range : tuple of float, optional
        In s from the first line (in lines where the line period is not known); all by default.
    position_range : tuple of float, optional
        In µm (px where the pixel size is not known).
    analyses : iterable of str, optional
        Traces from the top; by default all that are measured. None of them: ``()``.
    width_mm, image_height_mm : float
        Of the figure, and of the picture of the kymograph. A frame keeps its proportions.
    dpi : float
        Of a PNG.
    theme : {"light", "dark"}
    scale : {"axes", "bars"}
        Axes with numbers, or bars of a round length.
    quality_cutoff : float
        Samples of lower quality are drawn as set aside.
    display : mapping of int to ChannelDisplay, optional
        Contrast, gamma and colours by channel; by default ``image.display``.
    composite : bool, optional
        Whether channels are drawn together; by default as the recording was last shown.
    frame : int
        Which one of several.
    show_rois, show_marks : bool
        Whether ROIs, and walls and events, are drawn.

    Returns
    -------
    matplotlib.figure.Figure
        With a canvas of its own: pyplot knows nothing of it.

    Raises
    ------
    UnknownNameError
        If there is no such channel, ROI or result.
    ParameterError
        If a range is outside the recording, or a size is not allowed.
    ExportError
        If matplotlib is not installed.

    Examples
    --------
    >>> from cloudscope.acq_image import AcqImage
    >>> from cloudscope.synthetic import velocity_kymograph
    >>> truth = velocity_kymograph(500.0, lines=2000, snr=4.0, seed=1)
    >>> image = AcqImage.from_array(truth.image, line_period_s=1e-3, pixel_size_um=0.5)
    >>> result = image.analyze("radon_velocity")
    >>> figure = figure_of(image, width_mm=85, time_range=(0.5, 1.5))
    >>> [axes.get_ylabel() for axes in figure.axes]
    ['position (µm)', 'Velocity (µm/s)']
    """
    look = Look.of(theme)
    if scale not in ("axes", "bars"):
        raise ParameterError(f"scale={scale!r} is not allowed: give 'axes' or 'bars'")
    content = content_of(
        image,
        channel=channel,
        roi_id=roi_id,
        time_range=time_range,
        position_range=position_range,
        analyses=analyses,
        quality_cutoff=quality_cutoff,
        display=display,
        composite=composite,
        frame=frame,
        show_rois=show_rois,
        show_marks=show_marks,
    )
    across = width_mm - _LEFT - _RIGHT
    tall = image_height_mm
    if not content.line_scan:
        tall = across * np.ptp(content.time_range) / np.ptp(content.position_range)
    traces = len(content.courses)
    bottom = _BOTTOM if scale == "axes" else 3.0
    height_mm = _TOP + tall + traces * (_GAP + _TRACE) + bottom
    figure = new_figure(width_mm, float(height_mm), dpi, look)
    top = height_mm - _TOP

    def room(height: float) -> Axes:
        nonlocal top
        top -= height
        place = (_LEFT / width_mm, top / height_mm, across / width_mm, height / height_mm)
        axes = figure.add_axes(place)
        style(axes, look)
        top -= _GAP
        return axes

    _picture(room(tall), content, look, scale)
    for course in content.courses:
        axes = room(_TRACE)
        _trace(axes, course, content, look)
        if scale == "bars":
            axes.spines["bottom"].set_visible(False)
            axes.tick_params(bottom=False)
    for axes in figure.axes[:-1]:
        axes.tick_params(labelbottom=False)
    if scale == "axes":
        last = figure.axes[-1]
        last.set_xlabel(_time_title(content))
    else:
        figure.axes[-1].tick_params(labelbottom=False)
    _make_room_for_labels(figure)
    return figure


def _make_room_for_labels(figure: Figure) -> None:
    """Move what is drawn to the right where numbers are long, and put the titles in one line."""
    from matplotlib.transforms import blended_transform_factory

    titled = [axes for axes in figure.axes if axes.get_ylabel()]
    if not titled:
        return

    def leftmost() -> float:
        figure.draw_without_rendering()
        left = min(axes.yaxis.label.get_window_extent().x0 for axes in titled)
        return float(left / figure.bbox.width)

    missing = mm(_EDGE) / figure.get_figwidth() - leftmost()
    if missing > 0:
        for axes in figure.axes:
            place = axes.get_position()
            axes.set_position((place.x0 + missing, place.y0, place.width - missing, place.height))
    leftmost()
    column = min(axes.yaxis.label.get_window_extent().x1 for axes in titled) / figure.bbox.width
    for axes in titled:
        beside = blended_transform_factory(figure.transFigure, axes.transAxes)
        axes.yaxis.set_label_coords(column, 0.5, transform=beside)


def _time_title(content: Content) -> str:
    if not content.line_scan:
        return f"position ({content.position_unit})"
    return "time (s)" if content.time_unit == "s" else "lines"


def _picture(axes: Axes, content: Content, look: Look, scale: str) -> None:
    time, position = content.time_range, content.position_range
    if content.line_scan:
        # time runs to the right, positions upwards, as on the screen
        axes.imshow(
            content.pixels.swapaxes(0, 1),
            extent=(*time, *position),
            origin="lower",
            aspect="auto",
            interpolation="none",
        )
        axes.set_ylabel(f"position ({content.position_unit})")
    else:
        axes.imshow(
            content.pixels,
            extent=(*position, time[1], time[0]),
            aspect="auto",
            interpolation="none",
        )
        axes.set_ylabel(f"position ({content.time_unit})")
    limits = (*axes.get_xlim(), *axes.get_ylim())
    from matplotlib.patches import Rectangle

    for roi, (start, stop, low, high) in content.rois:
        color = roi.color or _ROI_COLORS[(roi.roi_id - 1) % len(_ROI_COLORS)]
        corner = (start, low) if content.line_scan else (low, start)
        size = (stop - start, high - low) if content.line_scan else (high - low, stop - start)
        axes.add_patch(Rectangle(corner, *size, fill=False, edgecolor=color, linewidth=0.8))
        upper = corner[1] + (size[1] if content.line_scan else 0)
        axes.annotate(
            roi.title, (max(corner[0], limits[0]), upper),
            xytext=(2, -2), textcoords="offset points", va="top", color=color, size=6,
            annotation_clip=True,
        )  # fmt: skip
    for wall in content.walls:
        for place in (wall.left, wall.right):
            axes.plot(wall.time_s, place, color="#ffffff", linewidth=1.2, alpha=0.6)
            axes.plot(wall.time_s, place, color="#c2185b", linewidth=0.6)
    for event in content.events:
        axes.axvspan(
            event.start_s, event.stop_s, ymin=0.94, ymax=1.0, color=look.groups[1], linewidth=0
        )
    axes.set_xlim(limits[0], limits[1])
    axes.set_ylim(limits[2], limits[3])
    for spine in axes.spines.values():
        spine.set_visible(scale == "axes")
    if scale == "bars":
        axes.set_axis_off()
        _bars(axes, content)


def _bars(axes: Axes, content: Content) -> None:
    """Bars of round lengths in the lower right corner, with a dark edge on any picture."""
    from matplotlib.patheffects import withStroke

    edge = [withStroke(linewidth=2.2, foreground="black", alpha=0.7)]
    x, y = axes.get_xlim(), axes.get_ylim()
    wide, tall = x[1] - x[0], y[1] - y[0]
    corner = (x[1] - 0.03 * wide, y[0] + 0.09 * tall)
    units = (
        (content.time_unit, content.position_unit)
        if content.line_scan
        else (content.position_unit, content.time_unit)
    )
    along = _round_length(0.2 * abs(wide))
    up = _round_length(0.35 * abs(tall))
    white: dict[str, Any] = {"color": "white", "path_effects": edge}
    axes.plot(
        [corner[0] - along, corner[0]], [corner[1]] * 2, linewidth=1.6, solid_capstyle="butt",
        **white,
    )  # fmt: skip
    axes.text(
        corner[0] - along / 2, corner[1] + 0.04 * tall, f"{along:g} {units[0]}", ha="center",
        va="bottom", size=7, **white,
    )  # fmt: skip
    if content.line_scan:
        foot = x[0] + 0.015 * wide
        axes.plot(
            [foot] * 2, [corner[1], corner[1] + up], linewidth=1.6, solid_capstyle="butt", **white
        )
        axes.text(
            foot + 0.01 * wide, corner[1] + up / 2, f"{up:g} {units[1]}", va="center", size=7,
            **white,
        )  # fmt: skip


def _round_length(longest: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is not longer.

    Examples
    --------
    >>> _round_length(0.7), _round_length(34.0)
    (0.5, 20.0)
    """
    decade = 10.0 ** math.floor(math.log10(longest))
    factor = max(f for f in (1, 2, 5) if f * decade <= longest * (1 + 1e-9))
    return float(f"{factor * decade:.12g}")


def _trace(axes: Axes, course: Course, content: Content, look: Look) -> None:
    line = np.where(course.accepted, course.value, np.nan)
    axes.fill_between(
        course.time_s, line - course.sd, line + course.sd, color=course.color, alpha=0.2,
        linewidth=0, where=np.isfinite(line) & np.isfinite(course.sd),
    )  # fmt: skip
    axes.plot(course.time_s, line, color=course.color, linewidth=0.8, label=course.analysis)
    alone = np.isfinite(line) & ~_has_neighbour(line)
    axes.plot(
        course.time_s[alone], line[alone], linestyle="none", marker=".", markersize=2,
        color=course.color,
    )  # fmt: skip
    low, high = _limits(course, line)
    for event in content.events:
        axes.axvspan(event.start_s, event.stop_s, color=look.groups[1], alpha=0.14, linewidth=0)
    aside = ~course.accepted
    height = np.where(np.isfinite(course.value), np.clip(course.value, low, high), low)
    axes.plot(
        course.time_s[aside], height[aside], linestyle="none", marker="|", markersize=3,
        markeredgewidth=0.5, color=look.faint, label="set aside",
    )  # fmt: skip
    axes.set_xlim(*content.time_range)
    axes.set_ylim(low, high)
    axes.set_ylabel(course.title)
    if not course.accepted.any():
        axes.set_yticks([])
        axes.text(
            0.5, 0.5, "no sample was accepted", transform=axes.transAxes, ha="center", va="center",
            size=6, color=look.faint,
        )  # fmt: skip


def _has_neighbour(line: np.ndarray) -> np.ndarray:
    known = np.isfinite(line)
    beside = np.zeros(known.size, bool)
    beside[1:] |= known[:-1]
    beside[:-1] |= known[1:]
    return beside


def _limits(course: Course, line: np.ndarray) -> tuple[float, float]:
    known = line[np.isfinite(line)]
    if not known.size:
        known = course.value[np.isfinite(course.value)]
    if not known.size:
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    pad = 0.07 * (high - low) or max(abs(low) * 0.05, 1e-6)
    return low - pad, high + pad

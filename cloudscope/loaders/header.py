"""Puts an `ImageHeader` together from the layout, the dialect's facts and the Olympus text."""

from __future__ import annotations

from cloudscope.loaders.axes import FILE, Layout
from cloudscope.loaders.facts import FileFacts, Step
from cloudscope.loaders.olympus_txt import OlympusText
from cloudscope.metadata import ImageHeader

__all__ = ["header"]


def header(layout: Layout, facts: FileFacts, dtype: str, text: OlympusText | None) -> ImageHeader:
    """The header of a recording.

    Parameters
    ----------
    layout : Layout
    facts : FileFacts
    dtype : str
        As NumPy spells it, with byte order.
    text : OlympusText, optional
        Of the file beside; used where its sizes are those of the image.
    """
    warnings = list(facts.warnings)
    raw = dict(facts.raw)
    names, bits, clock = facts.channel_names, facts.bit_depth, facts.acquired_at
    format_name, bidirectional, optics = facts.format, facts.bidirectional, facts.optics
    if text is not None:
        relaid = text.relaid(layout)
        if relaid is None:
            sizes = " × ".join(f"{name} {size}" for name, size in text.axes.items()) or "no sizes"
            warnings.append(
                f"{text.file_name} describes another image ({sizes}, here {layout.stored_rows} "
                f"rows × {layout.stored_columns} columns): its values are not used"
            )
            text = None
        else:
            layout = relaid
            raw = {**text.raw, **raw}
            format_name = f"{facts.format} with Olympus text header"
            bits, clock = text.bit_depth or bits, text.acquired_at or clock
            bidirectional = text.bidirectional if bidirectional is None else bidirectional
            optics = text.optics or optics
            if len(text.channel_names) == layout.channels:
                names = text.channel_names
            elif text.channel_names:
                warnings.append(
                    f"{text.file_name} names {len(text.channel_names)} channels and the image has "
                    f"{layout.channels}: the names are not used"
                )
    if len(names) != layout.channels:
        names = ()
    kind = _numpy_name(dtype)
    if bits is not None and bits > _bits(kind):
        bits = None
    values = _Calibration(layout, facts, text)
    rows_are_time = layout.time_axis == "rows"
    return ImageHeader(
        format=format_name,
        kind=layout.kind,
        lines=layout.stored_rows if rows_are_time else layout.stored_columns,
        pixels=layout.stored_columns if rows_are_time else layout.stored_rows,
        channels=layout.channels,
        frames=layout.frames,
        dtype=kind,
        bit_depth=bits,
        line_period_s=_value(values.line),
        pixel_size_um=_value(values.position),
        row_size_um=_value(values.row),
        frame_period_s=_value(values.frame),
        line_period_source=_source(values.line),
        pixel_size_source=_source(values.position),
        time_axis=layout.time_axis,
        time_axis_source=layout.time_axis_source,
        channel_names=names,
        acquired_at=clock,
        bidirectional=bidirectional,
        optics=optics,
        raw=raw,
        warnings=tuple(warnings),
    )


class _Calibration:
    """The steps of a recording along its own axes, whatever letters the file gives them."""

    def __init__(self, layout: Layout, facts: FileFacts, text: OlympusText | None) -> None:
        row_letter, column_letter = layout.axes[layout.rows[-1]], layout.axes[layout.column]
        by_letter = {"X": facts.x, "Y": facts.y, "Z": facts.z}
        in_row, in_column = by_letter.get(row_letter), by_letter.get(column_letter)
        self.line: Step | None = None
        self.frame: Step | None = None
        if layout.kind == "frames":
            self.position, self.row = in_column, in_row
            frame_letters = {layout.axes[axis] for axis in layout.frame_axes}
            if frame_letters & set("TIQ"):
                self.frame = facts.time
            if text is not None:
                first, second = [name for name in text.axes if name in "XYZ"][:2]
                self.position = text.step(first) or self.position
                self.row = text.step(second) or self.row
                self.frame = text.step("T") or self.frame
            return
        if layout.time_axis == "columns":
            in_row, in_column = in_column, in_row
        self.position, self.row = in_column, in_row
        self.line = facts.line or _line_of_frames(facts.time, layout)
        if text is not None:
            self.position = text.step("X") or self.position
            self.line = text.step("T") or self.line
        if layout.time_axis_source == FILE:
            # rows are known to be time, so their distance is none in space
            self.row = None


def _line_of_frames(time: Step | None, layout: Layout) -> Step | None:
    """Line period from the time step of frames that are pieces of one line scan."""
    lines = layout.shape[layout.rows[-1]]
    if time is None or len(layout.rows) == 1 or lines == 1:
        return time
    return Step(time.value / lines, f"{time.source}, divided by {lines} lines")


def _value(step: Step | None) -> float | None:
    return None if step is None else step.value


def _source(step: Step | None) -> str:
    return "" if step is None else step.source


def _numpy_name(dtype: str) -> str:
    kind, size = dtype[1], int(dtype[2:])
    names = {"u": "uint", "i": "int", "f": "float"}
    return "uint8" if kind == "b" else f"{names[kind]}{8 * size}"


def _bits(name: str) -> int:
    return int("".join(c for c in name if c.isdigit()))

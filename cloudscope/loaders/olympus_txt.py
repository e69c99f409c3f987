"""The text file that Olympus FluoView software writes beside an exported TIFF.

Keys repeat from section to section (``Image Size`` is there for the recording and for its
overview), so a value is read with its section. Exact steps come from the total extent; the rounded
nominal pixel size is only used where the extent is missing.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from pathlib import Path

from cloudscope.loaders.axes import FILE, Layout
from cloudscope.loaders.facts import Step, bounded_text
from cloudscope.loaders.olympus_optics import direction, text_optics
from cloudscope.loaders.units import length_um, time_s
from cloudscope.optics import Optics

__all__ = ["OlympusText", "beside"]

_LARGEST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class OlympusText:
    """What an Olympus text header says.

    Attributes
    ----------
    file_name : str
    sections : mapping
        Values by section and key.
    """

    file_name: str
    sections: Mapping[str, Mapping[str, str]]

    def text(self, section: str, key: str) -> str:
        """A value, or ``""``."""
        return self.sections.get(section, {}).get(key, "")

    @property
    def axes(self) -> dict[str, int]:
        """Size in pixels by name of the axis, X first as the file has it."""
        names = [
            part.strip().upper() for part in self.text("Image", "Primary Dimensions").split("*")
        ]
        sizes = re.findall(r"\d+", self.text("Image", "Image Size"))
        if len(names) != len(sizes) or not all(names):
            return {}
        return dict(zip(names, (int(size) for size in sizes), strict=True))

    def step(self, axis: str) -> Step | None:
        """Step along an axis, in µm or s; exact where the extent is given."""
        axes = self.axes
        if axis not in axes:
            return None
        extents = re.findall(
            r"([\d.]+)\s*\[([^\]]+)\]", self.text("Image", "Image Size(Unit Converted)")
        )
        convert = time_s if axis == "T" else length_um
        if len(extents) == len(axes) and axes[axis] > 0:
            number, unit = extents[list(axes).index(axis)]
            step = convert(_over(number, axes[axis]), unit)
            if step is not None:
                return Step(step, f"{self.file_name} [Image] Image Size(Unit Converted)")
        if axis != "T":
            nominal = re.search(
                r"([\d.]+)\s*\[([^\]/]+)/pixel\]", self.text("Dimensions", f"{axis} Dimension")
            )
            size = length_um(nominal[1], nominal[2]) if nominal else None
            if size is not None:
                return Step(size, f"{self.file_name} [Dimensions] {axis} Dimension (rounded)")
        return None

    @property
    def channel_names(self) -> tuple[str, ...]:
        """Dye of each channel, or its own name where there is no dye."""
        names: list[str] = []
        while (section := f"Channel {len(names) + 1}") in self.sections:
            dye = self.text(section, "Dye Name")
            names.append(dye if dye not in ("", "None") else self.text(section, "Channel Name"))
        return tuple(names)

    @property
    def bit_depth(self) -> int | None:
        """Bits of the first channel."""
        bits = re.match(r"(\d+)", self.text("Channel 1", "Bits/Pixel"))
        return int(bits[1]) if bits and 0 < int(bits[1]) <= 64 else None

    @property
    def bidirectional(self) -> bool | None:
        """Whether every other line was scanned on the way back."""
        return direction(self.text("Acquisition", "Scan Direction"))

    @property
    def optics(self) -> Optics:
        """Objective, lasers, detectors and settings of the scan."""
        return text_optics(self.text)

    @property
    def acquired_at(self) -> str | None:
        """Start of the recording as ISO 8601."""
        return _clock(self.text("General", "Date"))

    @property
    def raw(self) -> dict[str, str]:
        """Every value by section and key."""
        return bounded_text(
            (f"Olympus text/{section}/{key}", value)
            for section, values in self.sections.items()
            for key, value in values.items()
        )

    def relaid(self, layout: Layout) -> Layout | None:
        """`layout` with the axes as named here, or ``None`` where the sizes are of another."""
        axes = self.axes
        stored = (layout.stored_rows, layout.stored_columns)
        if set(axes) == {"X", "T"}:
            if layout.frames != 1:
                return None
            for time_axis, expected in (
                ("rows", (axes["T"], axes["X"])),
                ("columns", (axes["X"], axes["T"])),
            ):
                if stored == expected:
                    return replace(
                        layout,
                        kind="line_scan",
                        time_axis=time_axis,  # type: ignore[arg-type]
                        time_axis_source=FILE,
                    )
            return None
        plane = [name for name in axes if name in "XYZ"][:2]
        if len(plane) < 2 or stored != (axes[plane[1]], axes[plane[0]]):
            return None
        frames = math.prod(size for name, size in axes.items() if name not in plane)
        if layout.frames not in (1, frames):
            return None
        return replace(layout, kind="frames", time_axis="rows", time_axis_source=FILE)


def beside(tiff: Path) -> OlympusText | None:
    """The Olympus text header of a TIFF, or ``None``: other text files beside it are not meant."""
    for suffix in (".txt", ".TXT"):
        path = tiff.with_suffix(suffix)
        try:
            if not path.is_file() or path.stat().st_size > _LARGEST_BYTES:
                continue
            content = path.read_bytes()
        except OSError:
            # a note that may not be read is no reason to refuse the recording
            continue
        sections = _sections(_decoded(content))
        if "Image" in sections or "Dimensions" in sections:
            return OlympusText(path.name, sections)
    return None


def _decoded(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    if content[1:2] == b"\0":
        return content.decode("utf-16-le", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _sections(text: str) -> dict[str, dict[str, str]]:
    sections: dict[str, dict[str, str]] = {}
    current: dict[str, str] = {}
    for row in csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter="\t"):
        if not row:
            continue
        key, value = row[0].strip(), row[1].strip() if len(row) > 1 else ""
        if key.startswith("[") and key.endswith("]") and not value:
            current = sections.setdefault(key[1:-1].strip(), {})
        elif key:
            current.setdefault(key, value)
    return sections


def _over(number: str, count: int) -> Fraction | None:
    try:
        return Fraction(number) / count
    except ValueError:
        return None


def _clock(text: str) -> str | None:
    """ISO 8601 of "11/02/2022 12:30:15.461 PM": month first, 24-hour clock and PM as well.

    Examples
    --------
    >>> _clock("11/02/2022 12:30:15.461 PM"), _clock("07/22/2025 15:01:02.5 PM")
    ('2022-11-02T12:30:15.461', '2025-07-22T15:01:02.500')
    """
    match = re.fullmatch(
        r"(\d{1,4})[/.-](\d{1,2})[/.-](\d{1,4}) +(\d{1,2}):(\d\d):(\d\d)(?:[.,](\d{1,6}))?"
        r"(?: *([AP]M))?",
        text.strip(),
        re.IGNORECASE,
    )
    if match is None:
        return None
    a, b, c, hour, minute, second = (int(part) for part in match.groups()[:6])
    if a > 31:
        year, month, day = a, b, c
    elif a > 12:
        day, month, year = a, b, c
    else:
        month, day, year = a, b, c
    half = (match[8] or "").upper()
    if half == "PM" and hour < 12:
        hour += 12
    elif half == "AM" and hour == 12:
        hour = 0
    microsecond = int((match[7] or "0").ljust(6, "0"))
    try:
        moment = datetime(year, month, day, hour, minute, second, microsecond)
    except ValueError:
        return None
    return moment.isoformat(timespec="milliseconds" if match[7] else "seconds")

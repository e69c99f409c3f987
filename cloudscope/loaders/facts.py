"""What the metadata of a file says of a recording, before rules fill in what it does not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from cloudscope.optics import Optics

__all__ = ["FileFacts", "Step", "bounded_text"]

_VALUE_CHARACTERS = 2_000
_VALUES = 1_500
_TOTAL_CHARACTERS = 100_000


@dataclass(frozen=True, slots=True)
class Step:
    """Distance between neighbours along an axis, and where in the file it stands.

    Attributes
    ----------
    value : float
        In µm or in seconds.
    source : str
    """

    value: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """What the metadata of a file says; ``None`` where it is silent.

    Attributes
    ----------
    format : str
    axes, shape : str, tuple of int, optional
        The stored axes where the dialect knows more than tifffile (letters of OME: T, Z, C, Y, X,
        S; I and Q where unknown). `shape` may regroup the pages.
    scan : {"lines", "frames"}, optional
        What the microscope says it scanned.
    both_axes_are_space : bool
        X and Y each have a length, and nothing is said of time.
    x, y, z : Step, optional
        µm from column to column, from row to row, and along the Z axis.
    line, time : Step, optional
        Seconds from line to line of a scan, and along the T axis.
    channel_names : tuple of str
    bit_depth : int, optional
    acquired_at : str, optional
        ISO 8601.
    bidirectional : bool, optional
        Whether every other line was scanned on the way back.
    optics : Optics
    declared_planes : int, optional
        How many two-dimensional planes the metadata promises.
    raw : mapping of str to str
    warnings : tuple of str
    """

    format: str = "TIFF"
    axes: str | None = None
    shape: tuple[int, ...] | None = None
    scan: Literal["lines", "frames"] | None = None
    both_axes_are_space: bool = False
    x: Step | None = None
    y: Step | None = None
    z: Step | None = None
    line: Step | None = None
    time: Step | None = None
    channel_names: tuple[str, ...] = ()
    bit_depth: int | None = None
    acquired_at: str | None = None
    bidirectional: bool | None = None
    optics: Optics = field(default_factory=Optics)
    declared_planes: int | None = None
    raw: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def bounded_text(pairs: Iterable[tuple[str, object]]) -> dict[str, str]:
    """Metadata as text of bounded size: a header must stay small whatever a file contains.

    Examples
    --------
    >>> bounded_text([("zoom", 1.6), ("empty", None)])
    {'zoom': '1.6'}
    """
    texts: dict[str, str] = {}
    left = _TOTAL_CHARACTERS
    for key, value in pairs:
        if value is None:
            continue
        if len(texts) >= _VALUES or left <= 0:
            texts["…"] = "more metadata than is kept here: look into the file"
            break
        text = value if isinstance(value, str) else str(value)
        # NUL and lone surrogates survive neither JSON readers nor HTML
        text = text.replace("\0", "").encode("utf-8", "replace").decode("utf-8").strip()
        if len(text) > _VALUE_CHARACTERS:
            text = f"{text[:_VALUE_CHARACTERS]}… ({len(text)} characters)"
        texts[key[:200]] = text
        left -= len(text) + len(key)
    return texts

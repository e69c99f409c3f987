"""What an older program recorded of a recording, as values, before anything is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.analysis.result import RoiBounds

if TYPE_CHECKING:
    import numpy as np

__all__ = ["PastDiameter", "PastEvent", "PastRecord", "PastRoi", "PastVelocity"]


@dataclass(frozen=True, slots=True)
class PastRoi:
    """A rectangle, half-open, in lines and columns of the recording."""

    roi_id: int
    bounds: RoiBounds
    name: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class PastVelocity:
    """Velocities of one ROI of one channel, as they were written.

    Attributes
    ----------
    channel, roi_id : int
        Counted as here: channels from 0; ROI 0 is the whole recording.
    centre_line : ndarray, shape (n,)
        Line at the centre of each window.
    from_recording : bool
        Whether lines count from the first of the recording; else from the first of the ROI.
    value : ndarray, shape (n,)
        As written; NaN where there is none.
    unit : str
        Of `value`.
    theta_deg : ndarray or None
        The angle it was computed from, where that was written too.
    pixel_size_um, line_period_s : float or None
        The scales it was computed with.
    window_lines : int or None
    made_at : str or None
    """

    channel: int
    roi_id: int
    centre_line: np.ndarray
    value: np.ndarray
    unit: str
    theta_deg: np.ndarray | None = None
    pixel_size_um: float | None = None
    line_period_s: float | None = None
    window_lines: int | None = None
    made_at: str | None = None
    from_recording: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class PastDiameter:
    """Walls of a vessel, one row a line or a few, as they were written.

    Attributes
    ----------
    channel, roi_id : int
    line : ndarray, shape (n,)
        From the first of the ROI.
    left_px, right_px : ndarray, shape (n,)
        Columns from the first of the ROI; NaN where there is none.
    parameters : mapping
    made_at : str or None
    """

    channel: int
    roi_id: int
    line: np.ndarray
    left_px: np.ndarray
    right_px: np.ndarray
    parameters: Mapping[str, Any] = field(default_factory=dict)
    made_at: str | None = None


@dataclass(frozen=True, slots=True)
class PastEvent:
    """An event; times from the first line of its ROI or, if said, of the recording."""

    channel: int
    roi_id: int
    start_s: float
    stop_s: float
    kind: str
    machine_label: str = ""
    user_label: str = ""
    note: str = ""
    from_recording: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class PastRecord:
    """Everything that one older program left of one recording.

    Attributes
    ----------
    program : str
        Which program and version of its files.
    files : tuple of Path
    accepted : bool or None
    experiment : mapping
        Fields by the names of that program; empty ones left out.
    rois : tuple of PastRoi
    velocities : tuple of PastVelocity
    diameters : tuple of PastDiameter
    events : tuple of PastEvent
    size : tuple of int or None
        Lines and pixels of the recording as it says.
    line_period_s, pixel_size_um : float or None
        As it says; not believed, only compared.
    left_out : tuple of str
        What is there and cannot be taken over, a sentence each.
    """

    program: str
    files: tuple[Path, ...]
    accepted: bool | None = None
    experiment: Mapping[str, Any] = field(default_factory=dict)
    rois: tuple[PastRoi, ...] = ()
    velocities: tuple[PastVelocity, ...] = ()
    diameters: tuple[PastDiameter, ...] = ()
    events: tuple[PastEvent, ...] = ()
    size: tuple[int, int] | None = None
    line_period_s: float | None = None
    pixel_size_um: float | None = None
    left_out: tuple[str, ...] = ()

"""`Optics`: how the microscope was set when it made a recording, as far as the file says."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

__all__ = ["Detector", "Laser", "Optics", "number"]


def number(value: object, *, least: float = -math.inf, positive: bool = False) -> float | None:
    """A finite number out of a file, or ``None``: settings are never guessed.

    Examples
    --------
    >>> number("1.05"), number("", positive=True), number(0.0, positive=True), number("25.0X")
    (1.05, None, None, None)
    """
    if isinstance(value, bool) or value is None:
        return None
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    if not math.isfinite(found) or found < least or (positive and found <= 0):
        return None
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Laser:
    """A laser line that was on.

    Attributes
    ----------
    name : str
    wavelength_nm : float or None
    power_percent : float or None
        As set in the software, of what the laser can give.
    """

    name: str = ""
    wavelength_nm: float | None = None
    power_percent: float | None = None

    def __str__(self) -> str:
        line = "" if self.wavelength_nm is None else f"{self.wavelength_nm:g} nm"
        power = "" if self.power_percent is None else f"at {self.power_percent:.3g} %"
        return " ".join(part for part in (self.name, line, power) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """A detector that was read.

    Attributes
    ----------
    name : str
    gain : float or None
        As the software of the microscope counts it, which differs from vendor to vendor.
    voltage_v : float or None
    offset : float or None
    """

    name: str = ""
    gain: float | None = None
    voltage_v: float | None = None
    offset: float | None = None

    def __str__(self) -> str:
        parts = [self.name]
        if self.voltage_v is not None:
            parts.append(f"{self.voltage_v:g} V")
        if self.gain is not None:
            parts.append(f"gain {self.gain:.4g}")
        if self.offset is not None:
            parts.append(f"offset {self.offset:.4g}")
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Optics:
    """Settings of the microscope; ``None`` and ``""`` where the file is silent.

    Attributes
    ----------
    microscope : str
        Model or software, as the file has it.
    objective, immersion : str
    magnification, numerical_aperture : float or None
    zoom : float or None
        Of the scanner.
    scan_mode : str
        In the words of the vendor, for example ``"XT"``.
    scan_rotation_deg : float or None
    dwell_time_s : float or None
        How long the beam stays on one pixel.
    lasers : tuple of Laser
    detectors : tuple of Detector

    Examples
    --------
    >>> optics = Optics(objective="XLPLN25XWMP2", numerical_aperture=1.05, dwell_time_s=2e-6)
    >>> optics.rows()
    [('Objective', 'XLPLN25XWMP2, NA 1.05'), ('Dwell time', '2 µs')]
    >>> bool(Optics())
    False
    """

    microscope: str = ""
    objective: str = ""
    immersion: str = ""
    magnification: float | None = None
    numerical_aperture: float | None = None
    zoom: float | None = None
    scan_mode: str = ""
    scan_rotation_deg: float | None = None
    dwell_time_s: float | None = None
    lasers: tuple[Laser, ...] = ()
    detectors: tuple[Detector, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "lasers", tuple(self.lasers))
        object.__setattr__(self, "detectors", tuple(self.detectors))

    def __bool__(self) -> bool:
        return self != Optics()

    def rows(self) -> list[tuple[str, str]]:
        """What is known, as (label, text with unit), for people."""
        words = [self.objective]
        if self.magnification is not None:
            words.append(f"{self.magnification:g}×")
        if self.numerical_aperture is not None:
            words.append(f"NA {self.numerical_aperture:g}")
        objective = ", ".join(word for word in (*words, self.immersion) if word)
        turned = "" if self.scan_rotation_deg is None else f"{self.scan_rotation_deg:g}°"
        dwell = "" if self.dwell_time_s is None else f"{1e6 * self.dwell_time_s:.4g} µs"
        pairs = [
            ("Microscope", self.microscope),
            ("Objective", objective),
            ("Zoom", "" if self.zoom is None else f"{self.zoom:.4g}"),
            ("Scan mode", self.scan_mode),
            ("Scan rotation", turned),
            ("Dwell time", dwell),
            ("Laser", _listed(self.lasers)),
            ("Detector", _listed(self.detectors)),
        ]
        return [(label, text) for label, text in pairs if text]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self) | {
            "lasers": [asdict(laser) for laser in self.lasers],
            "detectors": [asdict(detector) for detector in self.detectors],
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Optics:
        """From `to_dict`, ignoring keys this version does not know."""
        known = {f.name: values[f.name] for f in fields(cls) if f.name in values}
        for name, kind in (("lasers", Laser), ("detectors", Detector)):
            names = {f.name for f in fields(kind)}
            known[name] = tuple(
                kind(**{key: value for key, value in item.items() if key in names})
                for item in known.get(name) or ()
            )
        return cls(**known)


def _listed(items: Iterable[object]) -> str:
    return "; ".join(text for text in map(str, items) if text)

"""Settings of Nikon microscopes: the objective as typed values, the scan from the capture text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from cloudscope.loaders.units import time_s
from cloudscope.optics import Detector, Laser, Optics, number

__all__ = ["bidirectional", "capture_lines", "optics"]

_PAIR = re.compile(r"\{([^{}]+)\}: *([^\t{;]*)")


def capture_lines(text: Mapping[str, Any]) -> list[tuple[str, dict[str, str]]]:
    """Lines of the capture text: what stands before the first pair, and the pairs.

    Examples
    --------
    >>> capture_lines({"capturing": "CH2\\t{Laser Wavelength}: 488.0\\t{Laser Power}: 0.5"})
    [('CH2', {'Laser Wavelength': '488.0', 'Laser Power': '0.5'})]
    """
    found = []
    for line in str(text.get("capturing") or "").splitlines()[:500]:
        pairs = {name.strip(): value.strip() for name, value in _PAIR.findall(line)}
        lead = line.partition("{")[0].strip()
        if pairs or lead:
            found.append((lead, pairs))
    return found


def bidirectional(lines: Iterable[tuple[str, Mapping[str, str]]]) -> bool | None:
    """Whether every other line was scanned on the way back."""
    for _, pairs in lines:
        word = pairs.get("Scan Direction", "").lower().replace("-", " ")
        if word:
            known = {"one way": False, "oneway": False, "bi directional": True}
            return known.get(word, True if word.startswith(("bi", "two", "round")) else None)
    return None


def optics(lines: list[tuple[str, dict[str, str]]], microscope: Any) -> Optics:
    """Objective, lasers, detectors and settings of the scan.

    Parameters
    ----------
    lines : list
        From `capture_lines`.
    microscope : object
        `nd2.structures.Microscope` of the first channel, or ``None``.
    """
    lasers: dict[Laser, None] = {}
    detectors = []
    channel = ""
    first: dict[str, str] = {}
    for lead, pairs in lines:
        channel = lead or channel
        for name, value in pairs.items():
            first.setdefault(name, value)
        if "Laser Wavelength" in pairs:
            laser = Laser(
                wavelength_nm=number(pairs["Laser Wavelength"], positive=True),
                power_percent=number(pairs.get("Laser Power"), least=0),
            )
            lasers[laser] = None
        if "PMT HV" in pairs:
            detectors.append(
                Detector(
                    name=channel,
                    # the software counts the voltage in steps of its own
                    gain=number(pairs["PMT HV"]),
                    offset=number(pairs.get("PMT Offset")),
                )
            )
    titles = [lead for lead, pairs in lines if not pairs]
    dwell = re.match(r"([\d.]+) *([a-zµ]+)?", first.get("Dwell Time", ""))
    return Optics(
        microscope=titles[0] if titles else "",
        objective=str(getattr(microscope, "objectiveName", None) or ""),
        magnification=number(getattr(microscope, "objectiveMagnification", None), positive=True),
        numerical_aperture=number(
            getattr(microscope, "objectiveNumericalAperture", None), positive=True
        ),
        zoom=number(first.get("Scanner Zoom"), positive=True),
        scan_mode=first.get("Scanner Selection", ""),
        dwell_time_s=time_s(dwell[1], dwell[2] or "us") if dwell else None,
        lasers=tuple(lasers),
        detectors=tuple(detectors),
    )

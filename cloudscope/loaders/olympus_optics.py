"""Settings of Olympus microscopes, from the text beside a TIFF and from the main file of an OIF."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from cloudscope.loaders.units import time_s
from cloudscope.optics import Detector, Laser, Optics, number

__all__ = ["direction", "oif_optics", "oir_optics", "text_optics"]


def direction(words: str) -> bool | None:
    """Whether both ways are scanned, in the words of FluoView; ``None`` where it is silent.

    Examples
    --------
    >>> direction("Oneway"), direction("Round trip"), direction("Roundtrip"), direction("")
    (False, True, True, None)
    """
    word = re.sub(r"[^a-z]", "", words.lower())
    return {"oneway": False, "roundtrip": True, "bidirectional": True}.get(word)


def _first(text: str) -> float | None:
    """The number a text with a unit begins with."""
    found = re.search(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?", text)
    return number(found[0]) if found else None


def text_optics(text: Callable[[str, str], str]) -> Optics:
    """What the text header says.

    Parameters
    ----------
    text : callable
        Value by section and key, ``""`` where there is none.
    """

    def scan(key: str) -> str:
        return text("Acquisition", key)

    lasers: dict[Laser, None] = {}
    detectors = []
    for channel in range(1, 33):
        section = f"Channel {channel}"
        name = text(section, "Channel Name")
        voltage = number(_first(text(section, "PMT Voltage")), positive=True)
        if not name and voltage is None:
            break
        detectors.append(Detector(name=name, voltage_v=voltage))
        laser = Laser(
            wavelength_nm=number(_first(text(section, "Laser Wavelength")), positive=True),
            power_percent=number(_first(text(section, "Laser Transmissivity")), least=0),
        )
        if laser != Laser():
            lasers[laser] = None
    speed = re.match(r"([\d.]+) *\[([^\]/]+)/pixel\]", scan("Sampling Speed"))
    mode = [text("General", "Scan Mode"), scan("Scan Device"), scan("Region Mode")]
    return Optics(
        microscope=text("General", "System Name"),
        objective=scan("Objective Lens"),
        magnification=number(_first(scan("Objective Lens Mag.")), positive=True),
        numerical_aperture=number(_first(scan("Objective Lens NA")), positive=True),
        zoom=number(_first(scan("Zoom")), positive=True),
        scan_mode=", ".join(word for word in mode if word),
        scan_rotation_deg=_first(scan("Rotation")),
        dwell_time_s=time_s(speed[1], speed[2]) if speed else None,
        lasers=tuple(lasers),
        detectors=tuple(detectors),
    )


def oif_optics(
    section: Callable[[str], Mapping[str, Any]], plane: Mapping[str, Any] | None = None
) -> Optics:
    """What the main file of an OIF or OIB says.

    Parameters
    ----------
    section : callable
        Values of a section by its name, none where there is no such section.
    plane : mapping, optional
        Acquisition parameters of the first plane, from the file beside its pixels: the objective
        and the times stand there only.
    """
    scan, of_plane = section("Acquisition Parameters Common"), plane or {}
    lasers: dict[Laser, None] = {}
    for place in range(1, 1 + _count(scan.get("Number of use Laser"))):
        laser = Laser(
            wavelength_nm=number(scan.get(f"LaserWavelength{place:02}"), positive=True),
            power_percent=number(scan.get(f"LaserTransmissivity{place:02}"), least=0),
        )
        if laser != Laser():
            lasers[laser] = None
    detectors = []
    for channel in range(1, 33):
        values = section(f"Channel {channel} Parameters")
        if not values:
            break
        # the settings of counting and of analog detection stand side by side
        kind = "Counting" if values.get("PMTDetectingMode") == 1 else "Analog"
        gain = number(values.get(f"{kind}PMTGain"), positive=True)
        detectors.append(
            Detector(
                name=str(values.get("CH Name") or ""),
                gain=None if gain is None else gain / 1000,  # it is kept in thousandths
                voltage_v=number(values.get(f"{kind}PMTVoltage"), positive=True),
                offset=number(values.get(f"{kind}PMTOffset")),
            )
        )
    device = section("Version Info").get("SystemName") or scan.get("Acquisition Device")
    mode = [str(scan.get(key) or "") for key in ("ScanMode", "RegionMode")]
    return Optics(
        microscope=str(device or ""),
        objective=" ".join(str(of_plane.get("ObjectiveLens Name") or "").split()),
        magnification=number(of_plane.get("Magnification"), positive=True),
        numerical_aperture=number(of_plane.get("ObjectiveLens NAValue"), positive=True),
        zoom=number(scan.get("ZoomValue"), positive=True),
        scan_mode=", ".join(word for word in mode if word not in ("", "None")),
        scan_rotation_deg=number(of_plane.get("RotationValue")),
        dwell_time_s=time_s(of_plane.get("Time Per Pixel"), "us"),
        lasers=tuple(lasers),
        detectors=tuple(detectors),
    )


def oir_optics(file: Any) -> Optics:
    """What the XML of an open OIR says; elements are known by their names without a prefix."""
    from xml.etree import ElementTree

    documents = next(
        (
            texts
            for kind, texts in file.xml_metadata.items()
            if getattr(kind, "name", "") == "LSMIMAGE"
        ),
        (),
    )
    root = None
    for document in documents[:1]:
        try:
            root = ElementTree.fromstring(document)
        except ElementTree.ParseError:
            continue
    lens: dict[str, str] = {}
    lasers: dict[Laser, None] = {}
    system = ""
    for element in () if root is None else root.iter():
        name = element.tag.rpartition("}")[2]
        if name == "systemName" and not system:
            system = (element.text or "").strip()
        elif name == "objectiveLens" and not lens:
            lens = _leaves(element)
        elif name == "imagingMainLaser" and element.get("enable") == "true":
            values = _leaves(element)
            laser = Laser(
                name=values.get("name", ""),
                wavelength_nm=number(values.get("wavelength"), positive=True),
                power_percent=number(values.get("transmissivity"), least=0),
            )
            if laser != Laser():
                lasers[laser] = None
    return Optics(
        microscope=system,
        objective=lens.get("name", ""),
        immersion=lens.get("immersion", ""),
        magnification=number(lens.get("magnification"), positive=True),
        numerical_aperture=number(lens.get("naValue"), positive=True),
        scan_mode="" if file.scanner is None else str(file.scanner.type),
        lasers=tuple(lasers),
    )


def _leaves(element: Any) -> dict[str, str]:
    return {
        child.tag.rpartition("}")[2]: child.text.strip()
        for child in reversed(list(element.iter()))
        if child.text and child.text.strip()
    }


def _count(value: object) -> int:
    found = number(value, least=0)
    return min(int(found), 32) if found is not None else 0

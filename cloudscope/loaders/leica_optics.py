"""Settings of Leica microscopes, from the scan settings in the XML of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudscope.loaders.units import time_s
from cloudscope.optics import Detector, Laser, Optics, number

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["bidirectional", "optics", "settings"]


def settings(element: Element) -> Element | None:
    """The settings the image was scanned with: the first of those that the XML holds."""
    return next(iter(element.iter("ATLConfocalSettingDefinition")), None)


def bidirectional(element: Element) -> bool | None:
    """Whether every other line was scanned on the way back."""
    scan = settings(element)
    name = "" if scan is None else scan.get("ScanDirectionXName", "").lower()
    return {"unidirectional": False, "bidirectional": True}.get(name)


def optics(element: Element) -> Optics:
    """Objective, lasers, detectors and settings of the scan."""
    scan = settings(element)
    if scan is None:
        return Optics()
    named = (attached.get("SystemTypeName", "") for attached in element.iter("Attachment"))
    system = next((name for name in named if name), "")
    lasers: dict[Laser, None] = {}
    for line in scan.iter("LaserLineSetting"):
        power = number(line.get("IntensityDev"), positive=True)
        if power is not None and line.get("IsLineChecked", "1") == "1":
            wavelength = number(line.get("LaserLine"), positive=True)
            lasers[Laser(wavelength_nm=wavelength, power_percent=power)] = None
    detectors = [
        Detector(
            name=detector.get("Name", ""),
            gain=number(detector.get("Gain")),
            offset=number(detector.get("Offset")),
        )
        for detector in scan.iter("Detector")
        if detector.get("IsActive") == "1"
    ]
    return Optics(
        microscope=system or scan.get("MicroscopeModel", ""),
        objective=" ".join(scan.get("ObjectiveName", "").split()),
        immersion=scan.get("Immersion", "").strip(),
        magnification=number(scan.get("Magnification"), positive=True),
        numerical_aperture=number(scan.get("NumericalAperture"), positive=True),
        zoom=number(scan.get("Zoom"), positive=True),
        scan_mode=scan.get("ScanMode", ""),
        scan_rotation_deg=number(scan.get("RotatorAngle")),
        dwell_time_s=time_s(scan.get("PixelDwellTime"), "s"),
        lasers=tuple(lasers),
        detectors=tuple(detectors),
    )

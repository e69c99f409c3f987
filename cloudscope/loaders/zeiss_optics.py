"""Settings of Zeiss microscopes: from the XML of a CZI, and from the scan information of an LSM."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cloudscope.loaders.units import time_s
from cloudscope.optics import Detector, Laser, Optics, number

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["czi_bidirectional", "czi_optics", "lsm_bidirectional", "lsm_optics"]


def czi_bidirectional(root: Element | None) -> bool | None:
    """Whether every other line was scanned on the way back."""
    word = "" if root is None else root.findtext(".//AcquisitionModeSetup/BiDirectional", "")
    return {"true": True, "false": False}.get(word.strip().lower())


def czi_optics(root: Element | None) -> Optics:
    """Objective, lasers, detectors and settings of the scan."""
    if root is None:
        return Optics()
    instrument = root.find(".//Information/Instrument")
    image = root.find(".//Information/Image")
    lens = _referred(instrument, image, "ObjectiveSettings/ObjectiveRef", "Objectives/Objective")
    stand = _referred(instrument, image, "MicroscopeRef", "Microscopes/Microscope")
    scan = root.find(".//LaserScanInfo")
    lasers: dict[Laser, None] = {}
    detectors: dict[Detector, None] = {}
    channels = [] if image is None else image.findall("./Dimensions/Channels/Channel")
    for channel in channels:
        for light in channel.iterfind("./LightSourcesSettings/LightSourceSettings"):
            attenuation = number(light.findtext("Attenuation"), least=0)
            percent = re.match(r"([\d.]+) *%$", light.findtext("Intensity") or "")
            laser = Laser(
                wavelength_nm=number(light.findtext("Wavelength"), positive=True),
                power_percent=number(percent[1])
                if percent
                else 100 * (1 - attenuation)
                if attenuation is not None and attenuation <= 1
                else None,
            )
            if laser != Laser():
                lasers[laser] = None
        for settings in channel.iterfind("./DetectorSettings"):
            reference = settings.find("Detector")
            detectors[
                Detector(
                    name=_detector_name(instrument, reference),
                    gain=number(settings.findtext("Gain")),
                    voltage_v=number(settings.findtext("Voltage"), positive=True),
                    offset=number(settings.findtext("Offset")),
                )
            ] = None
    return Optics(
        microscope="" if stand is None else (stand.get("Name") or "").strip(),
        objective="" if lens is None else (lens.get("Name") or "").strip(),
        immersion="" if lens is None else (lens.findtext("Immersion") or "").strip(),
        magnification=None
        if lens is None
        else number(lens.findtext("NominalMagnification"), positive=True),
        numerical_aperture=None if lens is None else number(lens.findtext("LensNA"), positive=True),
        zoom=None if scan is None else number(scan.findtext("ZoomX"), positive=True),
        scan_mode=_scan_mode(root, scan),
        scan_rotation_deg=None if scan is None else number(scan.findtext("SampleRotation")),
        dwell_time_s=None if scan is None else time_s(scan.findtext("PixelTime"), "s"),
        lasers=tuple(lasers),
        detectors=tuple(detectors),
    )


def _scan_mode(root: Element, scan: Element | None) -> str:
    mode = "" if scan is None else scan.findtext("ScanningMode", "").strip()
    return mode or root.findtext(".//Channels/Channel/AcquisitionMode", "").strip()


def _referred(
    instrument: Element | None, image: Element | None, reference: str, place: str
) -> Element | None:
    """The part of the instrument that the image names, or the only one there is."""
    if instrument is None:
        return None
    parts = instrument.findall(place)
    found = None if image is None else image.find(reference)
    wanted = None if found is None else found.get("Id")
    if wanted is not None:
        parts = [part for part in parts if part.get("Id") == wanted]
    return parts[0] if len(parts) == 1 else None


def _detector_name(instrument: Element | None, reference: Element | None) -> str:
    wanted = "" if reference is None else (reference.get("Id") or "")
    for part in [] if instrument is None else instrument.findall("./Detectors/Detector"):
        if part.get("Id") == wanted:
            return (part.get("Name") or "").strip()
    return wanted.removeprefix("Detector:")


def lsm_bidirectional(info: Mapping[str, Any]) -> bool | None:
    """Whether every other line was scanned on the way back."""
    return {0: False, 1: True}.get(_recording(info).get("ScanDirection", -1))


def lsm_optics(info: Mapping[str, Any]) -> Optics:
    """Objective, lasers, detectors and settings of the scan."""
    recording = _recording(info)
    lasers: dict[Laser, None] = {}
    detectors = []
    dwell = None
    for track in _listed(recording.get("Tracks")):
        if track.get("Acquire") == 0:
            continue
        dwell = dwell or time_s(track.get("PixelTime"), "us")
        for line in _listed(track.get("IlluminationChannels")):
            if line.get("Acquire") == 0:
                continue
            laser = Laser(
                wavelength_nm=number(line.get("Wavelength"), positive=True),
                power_percent=number(line.get("Power"), least=0),
            )
            if laser != Laser():
                lasers[laser] = None
        detectors += [
            Detector(
                name=str(part.get("ChannelName") or part.get("DetectionChannelName") or ""),
                gain=number(part.get("DetectorGainFirst")),
                offset=number(part.get("AmplifierOffsFirst")),
            )
            for part in _listed(track.get("DetectionChannels"))
            if part.get("Acquire") != 0
        ]
    objective = str(recording.get("Objective") or "").strip()
    # Zeiss writes "Plan-Apochromat 20x/0.8 M27": magnification and aperture stand in the name
    lens = re.search(r"(\d+(?:[.,]\d+)?)x ?/ ?(\d+(?:[.,]\d+)?)", objective)
    return Optics(
        microscope="Zeiss LSM",
        objective=objective,
        magnification=number(lens[1].replace(",", "."), positive=True) if lens else None,
        numerical_aperture=number(lens[2].replace(",", "."), positive=True) if lens else None,
        zoom=number(recording.get("ZoomX"), positive=True),
        scan_mode=str(recording.get("ScanMode") or ""),
        scan_rotation_deg=number(recording.get("Rotation")),
        dwell_time_s=dwell,
        lasers=tuple(lasers),
        detectors=tuple(detectors),
    )


def _recording(info: Mapping[str, Any]) -> Mapping[str, Any]:
    found = info.get("ScanInformation")
    return found if isinstance(found, Mapping) else {}


def _listed(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value or () if isinstance(item, Mapping)]

"""Settings of the microscope in OME-XML: its instruments, and the settings of the channels."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from cloudscope.optics import Detector, Laser, Optics, number

__all__ = ["optics"]


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _within(element: Element | None, *names: str) -> Iterator[Element]:
    for child in () if element is None else element.iter():
        if _name(child) in names:
            yield child


def optics(root: Element, image: Element) -> Optics:
    """What the XML says of the instrument that an image refers to."""
    instruments = [e for e in root if _name(e) == "Instrument"]
    wanted = _reference(image, "InstrumentRef")
    instrument = next((e for e in instruments if e.get("ID") == wanted), None)
    if instrument is None and len(instruments) == 1:
        instrument = instruments[0]
    parts = {e.get("ID", ""): e for e in (() if instrument is None else instrument.iter())}
    objectives = list(_within(instrument, "Objective"))
    lens = parts.get(_reference(image, "ObjectiveSettings", "ObjectiveRef"))
    if lens is None and len(objectives) == 1:
        lens = objectives[0]
    lasers: dict[Laser, None] = {}
    detectors: dict[Detector, None] = {}
    zooms = []
    for settings in _within(image, "LightSourceSettings"):
        source = parts.get(settings.get("ID", ""))
        if source is None or _name(source) != "Laser":
            continue
        attenuation = number(settings.get("Attenuation"), least=0)
        lasers[
            Laser(
                name=source.get("Model", ""),
                wavelength_nm=number(
                    settings.get("Wavelength") or source.get("Wavelength"), positive=True
                ),
                power_percent=None
                if attenuation is None or attenuation > 1
                else 100 * (1 - attenuation),
            )
        ] = None
    for settings in _within(image, "DetectorSettings"):
        detector = parts.get(settings.get("ID", ""))
        model = "" if detector is None else detector.get("Model", "")
        zooms += [number(settings.get("Zoom"), positive=True)]
        detectors[
            Detector(
                name=model,
                gain=number(settings.get("Gain")),
                voltage_v=number(settings.get("Voltage"), positive=True)
                if settings.get("VoltageUnit", "V") == "V"
                else None,
                offset=number(settings.get("Offset")),
            )
        ] = None
    stand = next(_within(instrument, "Microscope"), None)
    found = [zoom for zoom in zooms if zoom is not None]
    return Optics(
        microscope="" if stand is None else (stand.get("Model") or ""),
        objective="" if lens is None else (lens.get("Model") or ""),
        immersion="" if lens is None else (lens.get("Immersion") or ""),
        magnification=None
        if lens is None
        else number(
            lens.get("CalibratedMagnification") or lens.get("NominalMagnification"), positive=True
        ),
        numerical_aperture=None if lens is None else number(lens.get("LensNA"), positive=True),
        zoom=found[0] if found else None,
        lasers=tuple(lasers),
        detectors=tuple(detectors),
    )


def _reference(image: Element, *names: str) -> str:
    found = next((e for e in image if _name(e) in names), None)
    return "" if found is None else found.get("ID", "")

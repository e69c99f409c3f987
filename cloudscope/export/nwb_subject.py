"""What NWB must know of the animal and the session, in the words it wants them in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from cloudscope.errors import ExportError

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage

__all__ = ["NwbSession", "atlas_term", "iso_age", "latin_species", "session_of"]

_SPECIES = {
    "mouse": "Mus musculus",
    "rat": "Rattus norvegicus",
    "zebrafish": "Danio rerio",
    "human": "Homo sapiens",
    "rabbit": "Oryctolagus cuniculus",
    "pig": "Sus scrofa",
    "macaque": "http://purl.obolibrary.org/obo/NCBITaxon_9539",
}
_LATIN = re.compile(r"[A-Z][a-z]+ [a-z]+|http://purl\.obolibrary\.org/obo/NCBITaxon_\d+")
_SEXES = {"female": "F", "male": "M", "unknown": "U", "other": "O"}
_UNITS = {"d": "D", "w": "W", "m": "M", "y": "Y"}
_DURATION = re.compile(r"P(?=\d)(\d+(\.\d+)?Y)?(\d+(\.\d+)?M)?(\d+(\.\d+)?W)?(\d+(\.\d+)?D)?")
_WORDS = re.compile(
    r"(\d+(?:\.\d+)?)\s*-?\s*(d|days?|w|wks?|weeks?|m|mo|mos|months?|y|yrs?|years?)(?:\s*old)?",
    re.IGNORECASE,
)
_POSTNATAL = re.compile(r"P\s?(\d+)", re.IGNORECASE)
_ATLAS = {
    "cortex": "Isocortex",
    "hippocampus": "Hippocampal formation",
    "olfactory bulb": "Main olfactory bulb",
}
_FIELDS = ("subject_id", "species", "sex", "age", "strain", "genotype", "description")


@dataclass(frozen=True, slots=True)
class NwbSession:
    """Session and subject as NWB wants them.

    Attributes
    ----------
    start : datetime
        With its offset from universal time.
    location : str
        Where in the body, in the words of the atlas for a mouse.
    subject : mapping of str to str
        Arguments of ``pynwb.file.Subject``.
    """

    start: datetime
    location: str
    subject: Mapping[str, str]


def session_of(
    image: AcqImage,
    start: datetime | str | None = None,
    subject: Mapping[str, str] | None = None,
    location: str | None = None,
) -> NwbSession:
    """Session and subject of a recording.

    Parameters
    ----------
    image : AcqImage
    start : datetime or str, optional
        Instead of what the file says; without an offset it is local time of this computer.
    subject : mapping of str to str, optional
        ``subject_id``, ``species``, ``sex``, ``age``, ``strain``, ``genotype``, ``description``,
        instead of what the experimental metadata says.
    location : str, optional
        Instead of the region of the experimental metadata.

    Raises
    ------
    ExportError
        Naming everything that is missing, and where to say it.
    """
    given = dict(subject or {})
    unknown = sorted(set(given) - set(_FIELDS))
    if unknown:
        raise ExportError(f"subject has no {unknown[0]!r}; it has {', '.join(_FIELDS)}")
    experiment = image.experiment
    said = {
        "subject_id": experiment.animal_id,
        "species": experiment.species,
        "sex": experiment.sex,
        "age": str(experiment.age or ""),
        "strain": experiment.strain,
        "genotype": experiment.genotype,
    } | given
    lacking: list[str] = []
    begin = _start(image, start, lacking)
    words = {
        "subject_id": said["subject_id"].strip(),
        "species": latin_species(said["species"]),
        "sex": _SEXES.get(said["sex"].lower(), said["sex"] if said["sex"] in "FMUO" else ""),
        "age": iso_age(said["age"]),
    }
    if not words["subject_id"]:
        lacking.append("the animal id")
    elif "/" in words["subject_id"]:
        lacking.append(f"an animal id without a slash (it is {words['subject_id']!r})")
    for name, example in (
        ("species", "mouse, or Mus musculus"),
        ("sex", "female, male or unknown"),
        ("age", "12 weeks, P30 or P12W"),
    ):
        if not words[name]:
            is_now = f"; it is {said[name]!r}" if said[name] else ""
            lacking.append(f"the {name} (for example {example}{is_now})")
    place = (experiment.region if location is None else location).strip()
    if not place:
        lacking.append("the region (for example cortex)")
    if lacking or begin is None:
        raise ExportError(
            f"{image.name}: NWB asks for {_listed(lacking)}: fill it in under Metadata, or give "
            "it as subject={…}, location=… and session_start_time=…"
        )
    more = {name: said[name] for name in ("strain", "genotype", "description") if said.get(name)}
    mouse = words["species"] == _SPECIES["mouse"]
    return NwbSession(begin, atlas_term(place) if mouse else place, words | more)


def _start(image: AcqImage, given: datetime | str | None, lacking: list[str]) -> datetime | None:
    text = given if given is not None else image.header.acquired_at
    if text is None:
        lacking.append("the time the recording began, which its file does not say")
        return None
    try:
        begin = datetime.fromisoformat(text) if isinstance(text, str) else text
    except ValueError:
        lacking.append(f"the time the recording began, as 2025-07-22T14:30:00 (it is {text!r})")
        return None
    return begin if begin.tzinfo is not None else begin.astimezone()


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def latin_species(text: str) -> str:
    """A species as NWB wants it, or ``""``.

    Examples
    --------
    >>> latin_species("Mouse"), latin_species("Meriones unguiculatus"), latin_species("gerbil")
    ('Mus musculus', 'Meriones unguiculatus', '')
    """
    plain = text.strip()
    known = _SPECIES.get(plain.lower())
    return known or (plain if _LATIN.fullmatch(plain) else "")


def atlas_term(region: str) -> str:
    """A region in the words of the Allen mouse brain atlas, where it is one of the usual ones.

    Examples
    --------
    >>> atlas_term("cortex"), atlas_term("Primary visual area"), atlas_term("kidney")
    ('Isocortex', 'Primary visual area', 'kidney')
    """
    plain = region.strip()
    return _ATLAS.get(plain.lower(), plain)


def iso_age(text: str) -> str:
    """An age as an ISO 8601 duration, or ``""``.

    Examples
    --------
    >>> iso_age("12 weeks"), iso_age("3-month-old"), iso_age("P30"), iso_age("P12W"), iso_age("old")
    ('P12W', 'P3M', 'P30D', 'P12W', '')
    """
    plain = text.strip()
    postnatal = _POSTNATAL.fullmatch(plain)
    if postnatal:
        return f"P{postnatal[1]}D"
    if _DURATION.fullmatch(plain):
        return plain
    found = _WORDS.fullmatch(plain.replace("-old", "").replace("-", " "))
    return f"P{found[1]}{_UNITS[found[2][0].lower()]}" if found else ""

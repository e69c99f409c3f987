"""What a report says of recordings and results: provenance, methods, environment."""

from __future__ import annotations

import inspect
import platform
import re
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from cloudscope.analysis.registry import Analysis, analysis_names, get_analysis
from cloudscope.errors import ResultTableError

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage
    from cloudscope.analysis.result import AnalysisResult

__all__ = [
    "edits_by_hand",
    "environment",
    "made_at",
    "methods",
    "provenance",
    "references_of",
    "spec_of",
]

_PACKAGES = (
    "cloudscope", "numpy", "scipy", "pandas", "tifffile", "imagecodecs", "matplotlib", "h5py",
    "pynwb", "zarr", "liffile", "nd2", "czifile", "oiffile", "oirfile",
)  # fmt: skip


_REFERENCES = re.compile(r"^References\n-+\n(.*?)(?=^\w[^\n]*\n-+\n|\Z)", re.M | re.S)


def spec_of(analysis: str) -> Analysis | None:
    """The registered analysis; ``None`` where its package is not installed here."""
    try:
        return get_analysis(analysis)
    except KeyError:
        return None


def made_at(images: Iterable[AcqImage]) -> str | None:
    """When the latest of the results was measured, ISO 8601; a report of one state has one time."""
    times = [r.created_at for image in images for r in image.results.values() if r.created_at]
    return max(times, default=None)


def edits_by_hand(result: AnalysisResult) -> dict[str, int]:
    """How many values of a result were set or judged by a person.

    Raises
    ------
    ResultTableError
        If the result's table on disk is missing or not the one that was saved.
    """
    columns = result.columns
    counts: dict[str, int] = {}
    if "status" in columns and "measured_status" in columns:
        counts["values overruled"] = int((columns["status"] == "manual").sum())
    if "reviewed" in columns and "source" in columns:
        counts["events reviewed"] = int((columns["reviewed"] != "unreviewed").sum())
        counts["events added"] = int((columns["source"] != "detected").sum())
    return {what: count for what, count in counts.items() if count}


def provenance(image: AcqImage, name: str) -> dict[str, Any]:
    """How everything that is known of a recording came about, as plain values.

    Parameters
    ----------
    image : AcqImage
    name : str
        Its path within the folder.
    """
    header = {key: value for key, value in image.header.to_dict().items() if key != "raw"}
    return {
        "path": name,
        "source_fingerprint": image.fingerprint(),
        "header": _plain(header),
        "corrections": _plain(image.corrections.to_dict()),
        "experiment": _plain(image.experiment.to_dict()),
        "accepted": image.accepted,
        "rois": [roi.to_dict() for roi in image.rois],
        "results": [_result(image, image.results[key]) for key in sorted(image.results)],
        "problems": list(image.problems),
    }


def _result(image: AcqImage, result: AnalysisResult) -> dict[str, Any]:
    try:
        by_hand: Any = edits_by_hand(result)
    except ResultTableError as error:
        by_hand = str(error)
    return {
        "analysis": result.analysis,
        "channel": result.channel,
        "roi_id": result.roi_id,
        "bounds": None if result.bounds is None else list(result.bounds),
        "time_axis": result.time_axis,
        "calibration": {
            "line_period_s": result.calibration.line_period_s,
            "pixel_size_um": result.calibration.pixel_size_um,
        },
        "parameters": _plain(dict(result.parameters)),
        "summary": _plain(dict(result.summary)),
        "inputs": {
            name: {"key": list(record.key), "digest": record.digest}
            for name, record in result.inputs.items()
        },
        "software": result.software,
        "created_at": result.created_at,
        "source_fingerprint": result.source_fingerprint,
        "digest": result.digest,
        "edited_by_hand": by_hand,
        "stale_reason": image.stale_reason(result),
    }


def _plain(value: Any) -> Any:
    """As JSON holds it: no NaN, no NumPy."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and not abs(value) < float("inf"):
        return None
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def environment() -> dict[str, Any]:
    """Versions of what measured and wrote, and the kind of machine; nothing of the user."""
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    from cloudscope import __version__

    found["cloudscope"] = __version__
    return {
        "python": sys.version.split()[0],
        "implementation": platform.python_implementation(),
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "packages": found,
    }


def methods(images: Iterable[AcqImage]) -> list[tuple[str, str, tuple[str, ...]]]:
    """A paragraph a method for a paper: title, text, and the works to cite.

    What the analysis does is what its documentation says first; parameters that differ from their
    defaults are named, and so are all where results differ among each other.
    """
    by_analysis: dict[str, list[AnalysisResult]] = {}
    for image in images:
        for key in sorted(image.results):
            by_analysis.setdefault(key[0], []).append(image.results[key])
    paragraphs = []
    known = analysis_names()
    for analysis in [n for n in known if n in by_analysis] + sorted(
        by_analysis.keys() - set(known)
    ):
        results = by_analysis[analysis]
        spec = spec_of(analysis)
        title = spec.title if spec is not None else analysis
        software = ", ".join(sorted({result.software for result in results if result.software}))
        count = "one result" if len(results) == 1 else f"{len(results)} results"
        said = "" if spec is None else _first_sentence(spec)
        text = f"{title} ({analysis}; {count} by {software or 'an unknown program'}). {said}"
        text += f" {_parameters(results, spec)}"
        paragraphs.append((title, text, () if spec is None else references_of(spec)))
    return paragraphs


def _first_sentence(spec: Analysis) -> str:
    doc = inspect.getdoc(spec.function) or ""
    words = " ".join(doc.partition("\n\n")[0].split())
    return words.replace("`", "") if words.endswith(".") else f"{words}."


def _parameters(results: list[AnalysisResult], spec: Analysis | None) -> str:
    declared = {} if spec is None else {p.name: p for p in spec.parameters}
    names = dict.fromkeys(name for result in results for name in result.parameters)
    told = []
    for name in names:
        values = list(dict.fromkeys(str(r.parameters.get(name)) for r in results))
        default = str(declared[name].default) if name in declared else None
        if values != [default]:
            unit = declared[name].param.unit if name in declared else ""
            told.append(f"{name} = {' or '.join(values)}{f' {unit}' if unit else ''}")
    if not told:
        return "All parameters had their default values."
    rest = ", all others their default values" if len(told) < len(names) else ""
    return f"Parameters: {'; '.join(told)}{rest}."


def references_of(spec: Analysis) -> tuple[str, ...]:
    """The works that an analysis' documentation refers to, one line each.

    Examples
    --------
    >>> references_of(get_analysis("flow"))[0][:9]
    'M. Baker,'
    """
    module = inspect.getmodule(spec.function)
    for doc in (inspect.getdoc(spec.function), inspect.getdoc(module)):
        section = _REFERENCES.search(doc or "")
        if section is not None:
            break
    else:
        return ()
    works = re.split(r"^\.\. \[\d+\]", section[1], flags=re.M)
    return tuple(" ".join(work.split()) for work in works if work.strip())

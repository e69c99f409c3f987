"""`write_report`: a folder or zip to attach to a paper, complete in itself."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.analysis.execution import Cancel, Progress, checkpoint
from cloudscope.export.column_meanings import in_words
from cloudscope.export.report_facts import (
    environment,
    made_at,
    methods,
    provenance,
    spec_of,
)
from cloudscope.export.report_page import ReportPage
from cloudscope.export.tables import write_tables
from cloudscope.export.tidy import checked_images, recording_name
from cloudscope.export.writing import file_name, needed, new_file, new_folder

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage

__all__ = ["write_report"]

_SUMS = "SHA256SUMS"
_NO_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip knows


def write_report(
    images: Iterable[AcqImage] | AcqImage,
    path: str | os.PathLike[str],
    *,
    title: str = "",
    figures: bool = True,
    overwrite: bool = False,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Path:
    """Write a report of recordings and all their results, complete in itself.

    ``index.html`` shows each recording with its ROIs, traces, results and how they came about,
    the methods with what to cite, and the environment; it has no scripts and loads nothing.
    Beside it stand ``figures`` (SVG), ``tables`` (CSV, as `write_tables` writes them),
    ``provenance.json``, ``environment.json`` and ``SHA256SUMS`` (``sha256sum -c SHA256SUMS``).
    The same state of the recordings on the same machine gives the same bytes.

    Parameters
    ----------
    images : iterable of AcqImage, or AcqImage
    path : path-like
        A new ``.zip``, or a new folder.
    title : str
        Heading of the report; names the recordings by default.
    figures : bool
        Whether to draw the recordings, which reads their pixels.
    overwrite : bool
        Whether to replace a report that is there already.
    progress : callable, optional
        Called with the finished share, 0 to 1.
    cancel : object with ``is_set()``, optional

    Returns
    -------
    Path
        What was written.

    Raises
    ------
    ExportError
        If there is something at `path`, it cannot be written, or matplotlib is not installed.
    LoadError, ResultTableError
        If pixels or results cannot be read.
    AnalysisCancelled
        If `cancel` was set; nothing is left.
    """
    recordings = checked_images(images)
    target = Path(os.fsdecode(path))
    if figures:
        needed("matplotlib", "report", "drawing the figures of a report")
    heading = title or _title(recordings)
    if target.suffix.lower() != ".zip":
        with new_folder(target, recordings, overwrite=overwrite, is_ours=_is_report) as folder:
            _fill(folder, recordings, heading, figures, progress, cancel)
        return target
    with new_file(target, recordings, overwrite=overwrite) as temporary:
        folder = temporary.with_name(f"{temporary.name}.d")
        folder.mkdir()
        try:
            _fill(folder, recordings, heading, figures, progress, cancel)
            _pack(folder, temporary, target.stem, made_at(recordings))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return target


def _title(images: Iterable[AcqImage]) -> str:
    names = [image.name for image in images]
    folder = getattr(images, "folder", None)
    if len(names) == 1:
        return f"Measurements of {names[0]}"
    return f"Measurements of {len(names)} recordings" + (f" of {folder.name}" if folder else "")


def _is_report(folder: Path) -> bool:
    """Whether a folder holds a report and nothing else, by the list of its files."""
    sums = folder / _SUMS
    if not sums.is_file():
        return False
    listed = {line[66:] for line in sums.read_text(encoding="utf-8").splitlines()}
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir()}
    return there - {_SUMS} <= listed


def _fill(
    folder: Path,
    images: Iterable[AcqImage],
    title: str,
    figures: bool,
    progress: Progress | None,
    cancel: Cancel | None,
) -> None:
    recordings = list(images)
    # the pictures take most of the time
    write_tables(
        images,
        folder / "tables",
        progress=(lambda share: progress(0.3 * share)) if progress else None,
        cancel=cancel,
    )
    page = ReportPage(title)
    names = {id(image): recording_name(images, image) for image in recordings}
    anchors = {names[id(image)]: f"recording-{n}" for n, image in enumerate(recordings, 1)}
    _overview(page, recordings, names, anchors)
    told: list[dict[str, Any]] = []
    if figures:
        (folder / "figures").mkdir()
    for number, image in enumerate(recordings):
        checkpoint(0.3 + 0.65 * number / len(recordings), progress, cancel)
        svg = b""
        if figures:
            from cloudscope.export.report_figure import recording_figure

            svg = recording_figure(image)
            place = folder / "figures" / f"{number + 1:04}_{file_name(image.name)}.svg"
            place.write_bytes(svg)
        told.append(provenance(image, names[id(image)]))
        _recording(page, image, told[-1], svg, anchors[names[id(image)]])
        image.release_pixels()
    _write_json(folder / "provenance.json", {"recordings": told})
    around = environment()
    _write_json(folder / "environment.json", around)
    _methods(page, recordings)
    _environment(page, around, made_at(recordings))
    (folder / "index.html").write_text(page.html(), encoding="utf-8")
    _write_sums(folder)
    checkpoint(1.0, progress, cancel)


def _write_json(path: Path, content: Any) -> None:
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def _overview(
    page: ReportPage,
    images: list[AcqImage],
    names: dict[int, str],
    anchors: dict[str, str],
) -> None:
    page.heading("Recordings")
    rows = []
    for image in images:
        stale = sum(image.stale_reason(result) is not None for result in image.results.values())
        verdict = {True: "accepted", False: "rejected", None: ""}[image.accepted]
        rows.append(
            (names[id(image)], verdict, image.header.duration_s, len(image.rois),
             len(image.results), stale)
        )  # fmt: skip
    columns = ("recording", "verdict", "duration (s)", "ROIs", "results", "of these stale")
    page.table(columns, rows, anchors)


def _recording(
    page: ReportPage, image: AcqImage, told: dict[str, Any], svg: bytes, anchor: str
) -> None:
    header = image.header
    page.heading(told["path"], anchor=anchor)
    if svg:
        kind = "Kymograph" if header.kind == "line_scan" else "First frame"
        page.figure(svg, f"{kind} of {image.name} with its regions of interest and traces")
    page.facts(
        [
            ("size", f"{header.lines} lines × {header.pixels} pixels, {header.dtype}"),
            ("channels", [header.channel_title(c) for c in range(header.channels)]),
            ("line period (s)", header.line_period_s),
            ("line period from", header.line_period_source),
            ("pixel size (µm)", header.pixel_size_um),
            ("pixel size from", header.pixel_size_source),
            ("recorded", header.acquired_at),
            ("format", header.format),
            *header.optics.rows(),
            ("fingerprint", told["source_fingerprint"]),
            *((in_words(name), value) for name, value in image.experiment),
            *image.experiment.extra.items(),
            ("problems", list(image.problems)),
        ]
    )
    if image.rois:
        page.heading("Regions of interest", 3)
        page.table(
            ("ROI", "name", "lines", "columns", "note"),
            [
                (str(roi.roi_id), roi.name, f"{roi.row_start} to {roi.row_stop}",
                 f"{roi.col_start} to {roi.col_stop}", roi.note)
                for roi in image.rois
            ],
        )  # fmt: skip
    for result in told["results"]:
        _result(page, result)


def _result(page: ReportPage, result: dict[str, Any]) -> None:
    spec = spec_of(result["analysis"])
    where = f"ROI {result['roi_id']}" if result["roi_id"] else "whole recording"
    page.heading(
        f"{spec.title if spec else result['analysis']}, channel {result['channel']}, {where}", 3
    )
    if result["stale_reason"]:
        page.paragraph(f"Stale: {result['stale_reason']}.", "stale")
    page.facts((in_words(name), value) for name, value in result["summary"].items())
    by_hand = result["edited_by_hand"]
    if isinstance(by_hand, dict):
        by_hand = ", ".join(f"{count} {what}" for what, count in by_hand.items())
    page.facts([("edited by hand", by_hand)])
    inputs = [" ".join(map(str, record["key"])) for record in result["inputs"].values()]
    page.folded(
        "How it came about",
        [
            *(("parameter " + name, value) for name, value in result["parameters"].items()),
            ("lines and columns", result["bounds"]),
            ("line period (s)", result["calibration"]["line_period_s"]),
            ("pixel size (µm)", result["calibration"]["pixel_size_um"]),
            ("computed from", inputs),
            ("by", result["software"]),
            ("at", result["created_at"]),
            ("source fingerprint", result["source_fingerprint"]),
            ("SHA-256 of its numbers", result["digest"]),
        ],
    )


def _methods(page: ReportPage, images: list[AcqImage]) -> None:
    paragraphs = methods(images)
    if not paragraphs:
        return
    page.heading("Methods")
    page.paragraph("To adapt and cite; parameters of every single result stand with it.", "small")
    for title, text, works in paragraphs:
        page.heading(title, 3)
        page.paragraph(text)
        if works:
            page.list(works)


def _environment(page: ReportPage, around: dict[str, Any], latest: str | None) -> None:
    page.heading("Environment")
    page.facts(
        [
            ("latest result", latest),
            ("Python", f"{around['implementation']} {around['python']}"),
            ("system", f"{around['system']} {around['release']}, {around['machine']}"),
            *around["packages"].items(),
        ]
    )
    page.paragraph(
        "Exact numbers are in tables, how each result came about is in provenance.json, and "
        "SHA256SUMS has the digest of every file.",
        "small",
    )


def _write_sums(folder: Path) -> None:
    lines = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        lines.append(f"{digest}  {path.relative_to(folder).as_posix()}\n")
    (folder / _SUMS).write_text("".join(lines), encoding="utf-8")


def _pack(folder: Path, target: Path, name: str, latest: str | None) -> None:
    """A zip with one folder; its times are those of the state, so that its bytes are too."""
    stamp = _NO_TIME
    if latest is not None:
        moment = datetime.fromisoformat(latest)
        stamp = moment.timetuple()[:6] if moment.year >= 1980 else _NO_TIME
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            inside = f"{file_name(name)}/{path.relative_to(folder).as_posix()}"
            entry = zipfile.ZipInfo(inside, stamp)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes())

"""`write_plain_tables`: results as the tables that acqstore, CloudScope and KymFlow write."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

from cloudscope.analysis.execution import Cancel, Progress, checkpoint
from cloudscope.errors import ExportError
from cloudscope.export.plain_acqstore import acqstore_tables
from cloudscope.export.plain_kymflow import KymFlowDatabases, kymflow_tables
from cloudscope.export.safe_cells import safe_text
from cloudscope.export.tidy import checked_images, recording_name
from cloudscope.export.writing import file_name, new_folder

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage

__all__ = ["PlainLayout", "write_plain_tables"]

PlainLayout = Literal["acqstore", "kymflow"]

Table = tuple[Sequence[str], Iterable[Sequence[Any]]]
"""Names of the columns, and the rows."""


def write_plain_tables(
    images: Iterable[AcqImage] | AcqImage,
    path: str | os.PathLike[str],
    *,
    layout: PlainLayout = "acqstore",
    overwrite: bool = False,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Path:
    """Write velocities, diameters, intensities and events with the columns of older programs.

    For scripts that read those tables. The layout is theirs, the numbers are cloudscope's: a cell
    that it has no number for stays empty, and NaN is an empty cell.

    * ``"acqstore"`` (also CloudScope): ``FILE.radon_velocity.csv`` (µm/s, with the angle),
      ``FILE.diameter.csv`` and ``FILE.sum_intensity.csv``; channels count from 0, times from the
      first line of the ROI.
    * ``"kymflow"``: ``NAME_radon.csv`` (mm/s) and ``NAME_diameter.csv``, and of all recordings
      together ``radon_report_db.csv`` and ``kym_event_db.csv``; channels count from 1, times from
      the first line of the recording.

    ROI 0 is the whole recording in both.

    Parameters
    ----------
    images : iterable of AcqImage, or AcqImage
    path : path-like
        A new folder; sub-folders are those of the recordings.
    layout : {"acqstore", "kymflow"}
    overwrite : bool
        Whether to replace such a folder that is there already.
    progress : callable, optional
        Called with the finished share, 0 to 1.
    cancel : object with ``is_set()``, optional

    Returns
    -------
    Path
        The folder written.

    Raises
    ------
    ExportError
        If there is something at `path`, it cannot be written, or there is nothing to write.
    ResultTableError
        If a result's table on disk is missing or not the one that was saved.
    AnalysisCancelled
        If `cancel` was set; nothing is left.
    """
    given = checked_images(images)
    recordings = list(given)
    if layout not in ("acqstore", "kymflow"):
        raise ExportError(f"layout={layout!r} is not allowed: give 'acqstore' or 'kymflow'")
    target = Path(os.fsdecode(path))
    with new_folder(target, recordings, overwrite=overwrite, is_ours=_only_tables) as folder:
        databases = KymFlowDatabases()
        written = 0
        for number, image in enumerate(recordings):
            checkpoint(number / len(recordings), progress, cancel)
            name = recording_name(given, image)
            if layout == "acqstore":
                tables = acqstore_tables(image)
            else:
                tables = kymflow_tables(image)
                databases.add(image, name)
            written += _write_beside(folder, name, tables, stem=layout == "kymflow")
        if layout == "kymflow":
            for file, table in databases.tables().items():
                written += _write(folder / file, table)
        if not written:
            raise ExportError(
                "there is nothing to write: no recording has a velocity, diameter, intensity or "
                "event"
            )
        checkpoint(1.0, progress, cancel)
    return target


def _only_tables(folder: Path) -> bool:
    return all(entry.is_dir() or entry.name.endswith(".csv") for entry in folder.rglob("*"))


def _write_beside(folder: Path, name: str, tables: Mapping[str, Table], *, stem: bool) -> int:
    """Write the tables of a recording where it would lie below the new folder."""
    parts = [file_name(part) for part in PurePosixPath(name).parts] or ["_"]
    last = PurePosixPath(parts[-1]).stem if stem else parts[-1]
    count = 0
    for ending, table in tables.items():
        place = folder.joinpath(*parts[:-1], f"{last}{ending}")
        if place.exists():  # two recordings that differ in their suffix alone
            place = folder.joinpath(*parts[:-1], f"{parts[-1]}{ending}")
        place.parent.mkdir(parents=True, exist_ok=True)
        count += _write(place, table)
    return count


def _write(path: Path, table: Table) -> int:
    columns, rows = table
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        count = 0
        for row in rows:
            writer.writerow([_cell(value) for value in row])
            count += 1
    if not count:
        path.unlink()
    return count


def _cell(value: Any) -> str:
    plain = value.item() if hasattr(value, "item") else value
    if plain is None or plain != plain:
        return ""
    if isinstance(plain, str):
        return safe_text(plain)
    return repr(plain)

"""`write_tables`: the tidy tables as CSV, Parquet or an Excel workbook."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cloudscope.analysis.execution import Cancel, Progress, checkpoint
from cloudscope.errors import ExportError
from cloudscope.export.safe_cells import safe_text, safe_texts
from cloudscope.export.tidy import TidyTable, checked_images, tidy_plan
from cloudscope.export.writing import needed, new_file, new_folder, target_path

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage

__all__ = ["TableFormat", "write_tables"]

TableFormat = Literal["csv", "parquet", "excel"]

Advance = Callable[[], None]

_EXCEL_SUFFIX = ".xlsx"


def write_tables(
    images: Iterable[AcqImage] | AcqImage,
    path: str | os.PathLike[str],
    *,
    format: TableFormat | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Path:
    """Write the tables of `tidy_tables`: a folder of CSV or Parquet files, or one Excel workbook.

    In CSV and Excel a text that a spreadsheet would take for a formula gets an apostrophe in
    front; numbers stay numbers, to the last digit. Parquet is exact in everything. An Excel sheet
    that would be longer than Excel allows goes on in a second one.

    Parameters
    ----------
    images : iterable of AcqImage, or AcqImage
    path : path-like
        A new folder, or a new ``.xlsx`` file.
    format : {"csv", "parquet", "excel"}, optional
        By default Excel where `path` ends in ``.xlsx``, else CSV.
    overwrite : bool
        Whether to replace such an export that is there already.
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
        If there is something at `path`, it cannot be written, or a package is missing.
    ResultTableError
        If a result's table on disk is missing or not the one that was saved.
    AnalysisCancelled
        If `cancel` was set; nothing is left.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from cloudscope.acq_image import AcqImage
    >>> image = AcqImage.from_array(np.eye(99), line_period_s=0.001, pixel_size_um=0.5)
    >>> folder = write_tables(image, tempfile.mkdtemp() + "/tables")
    >>> sorted(file.name for file in folder.iterdir())
    ['columns.csv', 'recordings.csv', 'rois.csv']
    """
    recordings = checked_images(images)
    target = Path(os.fsdecode(path))
    chosen = format or ("excel" if target.suffix.lower() == _EXCEL_SUFFIX else "csv")
    if chosen not in ("csv", "parquet", "excel"):
        raise ExportError(f"format={format!r} is not allowed: give 'csv', 'parquet' or 'excel'")
    if chosen == "excel":
        target_path(target, [_EXCEL_SUFFIX])
        needed("openpyxl", "tables", "writing Excel")
    elif chosen == "parquet":
        needed("pyarrow", "tables", "writing Parquet")
    tables = tidy_plan(recordings)
    total, done = len(tables) * len(list(recordings)), 0

    def stay() -> None:
        checkpoint(min(done / total, 1.0), progress, cancel)

    def advance() -> None:
        nonlocal done
        done += 1
        stay()

    if chosen == "excel":
        with new_file(target, recordings, overwrite=overwrite) as temporary:
            from cloudscope.export.workbook import write_workbook

            write_workbook(tables, temporary, advance, stay)
        return target
    suffix = f".{chosen}"
    write_one = _write_csv if chosen == "csv" else _write_parquet
    with new_folder(
        target, recordings, overwrite=overwrite, is_ours=lambda old: _only_tables(old, suffix)
    ) as folder:
        for table in tables:
            write_one(table, folder / f"{table.name}{suffix}", advance)
    return target


def _only_tables(folder: Path, suffix: str) -> bool:
    names = {entry.name for entry in folder.iterdir()}
    return f"columns{suffix}" in names and all(name.endswith(suffix) for name in names)


def _write_csv(table: TidyTable, path: Path, advance: Advance) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(
            safe_text(name) for name in table.columns
        )
        for piece in table.pieces():
            safe_texts(piece).to_csv(
                file, index=False, header=False, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n"
            )
            advance()


def _write_parquet(table: TidyTable, path: Path, advance: Advance) -> None:
    import pyarrow as pa
    import pyarrow.parquet as parquet

    # with pandas' own types, so that whole numbers and truth values come back as such
    schema = pa.Table.from_pandas(table.empty(), preserve_index=False).schema
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for piece in table.pieces():
            writer.write_table(pa.Table.from_pandas(piece, schema, preserve_index=False))
            advance()

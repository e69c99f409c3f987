"""Metadata of recordings as a sheet that `read_metadata_sheet` takes back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.blinding import refuse_blind
from cloudscope.errors import CloudscopeError
from cloudscope.export.safe_cells import safe_text
from cloudscope.sheets.columns import FREE
from cloudscope.sidecar.atomic import replace_file

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["metadata_sheet", "sheet_csv", "write_metadata_sheet"]


def _records(images: AcqImageList | Iterable[AcqImage]) -> list[dict[str, Any]]:
    folder = images if isinstance(images, AcqImageList) else None
    chosen = list(images)
    refuse_blind(chosen, "a sheet of metadata")
    specs = list(dict.fromkeys(spec.name for image in chosen for spec in image.fields))
    free = dict.fromkeys(
        name for image in chosen for name in image.experiment.extra if name not in specs
    )
    rows = []
    for image in chosen:
        row: dict[str, Any] = {"file": folder.relative_path(image) if folder else image.name}
        for name in specs:
            row[name] = _written(image.known_experiment.value(name))
        for name in free:
            row[FREE + name] = _written(image.experiment.value(name))
        rows.append(row)
    return rows


def _written(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else value


def metadata_sheet(images: AcqImageList | Iterable[AcqImage]) -> pd.DataFrame:
    """The experimental metadata as a sheet: a row a recording, a column a field.

    What only the file's name says is in it too. Fields that nobody declared are behind
    ``extra.``.

    Parameters
    ----------
    images : AcqImageList or iterable of AcqImage
        Of a list, ``file`` is the path within its folder.

    Examples
    --------
    >>> import numpy as np
    >>> image = AcqImage.from_array(np.zeros((9, 4)), name="scan.tif")
    >>> image.edit_experiment(species="mouse")
    >>> metadata_sheet([image]).loc[0, ["file", "species"]].tolist()
    ['scan.tif', 'mouse']
    """
    import pandas as pd

    return pd.DataFrame(_records(images), dtype=object)


def sheet_csv(images: AcqImageList | Iterable[AcqImage]) -> str:
    """The same as text for a ``.csv``, safe to open in a spreadsheet."""
    rows = _records(images)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else ["file"])
    writer.writeheader()
    for row in rows:
        writer.writerow({k: safe_text(v) if isinstance(v, str) else v for k, v in row.items()})
    return text.getvalue()


def write_metadata_sheet(images: AcqImageList | Iterable[AcqImage], path: str | Path) -> Path:
    """Write the metadata as a ``.csv`` that `read_metadata_sheet` takes back.

    Text that a spreadsheet would take for a formula gets an apostrophe in front, which reading
    takes away again.

    Raises
    ------
    CloudscopeError
        If it cannot be written; a file that was there is then as it was.
    """
    path = Path(path)
    if path.suffix.lower() != ".csv":
        raise CloudscopeError(f"{path}: give a name that ends in .csv")
    # without its mark a spreadsheet takes UTF-8 for the text of an older system
    data = ("\ufeff" + sheet_csv(images)).encode()
    try:
        replace_file(path, data)
    except OSError as error:
        raise CloudscopeError(f"{path}: not written: {error.strerror or error}") from error
    return path

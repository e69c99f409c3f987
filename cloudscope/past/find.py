"""Where older programs left their files of a recording."""

from __future__ import annotations

from pathlib import Path

from cloudscope.errors import LoadError
from cloudscope.past.acqstore import read_acqstore
from cloudscope.past.kymflow import read_kymflow
from cloudscope.past.record import PastRecord

__all__ = ["find_past"]


def find_past(source: str | Path, folder: str | Path | None = None) -> tuple[PastRecord, ...]:
    """What older programs left of a recording; nothing is changed.

    Parameters
    ----------
    source : path-like
        The recording.
    folder : path-like, optional
        Where to look. By default beside the recording, in ``flow-analysis`` and in
        ``<folder>-analysis``, where these programs put their files.

    Returns
    -------
    tuple of PastRecord
        The newest program first; empty if there is nothing.

    Raises
    ------
    LoadError
        If a file that should be one of theirs cannot be read.
    """
    source = Path(source)
    beside = source.parent
    folders: tuple[Path, ...] = (
        beside,
        beside / "flow-analysis",
        beside / f"{beside.name}-analysis",
    )
    if folder is not None:
        folders = (Path(folder),)
        if not folders[0].is_dir():
            raise LoadError(folder, "is no folder")
    records = []
    for place in folders:
        path = place / f"{source.name}.json"
        if path.is_file():
            records.append(read_acqstore(path))
    records.append(read_kymflow(source, folders))
    return tuple(record for record in records if record is not None)

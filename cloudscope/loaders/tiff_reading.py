"""Opening a TIFF with tifffile, which never leaves the folder of the file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cloudscope.errors import LoadError
from cloudscope.loaders.ome import outside_references

__all__ = ["opened"]


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """A `tifffile.TiffFile` that is closed at the end and never leaves the file's folder."""
    import tifffile

    with path.open("rb") as file:
        classic = file.read(4)[1:] in (b"I*\0", b"M\0*")
    # tifffile guesses where the pages of a classic ScanImage file are, and may lose the last
    options = {"is_scanimage": False} if classic else {}
    with tifffile.TiffFile(path, **options) as tif:
        if tif.is_ome:
            xml = tif.ome_metadata or ""
            if "<!DOCTYPE" in xml or "<!ENTITY" in xml:
                raise LoadError(
                    path, "its OME metadata has a document type, which may expand without end"
                )
            outside = outside_references(xml, path.resolve().parent)
            if outside:
                raise LoadError(
                    path, f"its metadata points to a file outside its folder ({outside[0]!r})"
                )
        yield tif

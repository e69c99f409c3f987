"""One small recording of each format: made here, and real ones where they are on this machine."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import tifffile

from tests.benchmarks.soak.trials import ROOT

__all__ = ["real_samples", "write_samples"]

PIXELS = (np.arange(2 * 60 * 20, dtype="uint16") * 37 % 4001).reshape(2, 60, 20)


def _hdf5(path: Path) -> None:
    import h5py

    with h5py.File(path, "w") as file:
        file.create_dataset("scan", data=PIXELS[0])


def _nwb(path: Path) -> None:
    from cloudscope import AcqImage, write_nwb

    write_nwb(
        AcqImage.from_array(PIXELS if "scan" in path.name else PIXELS[:, :15], line_period_s=0.001),
        path,
        session_start_time="2025-07-22T14:30:00+02:00",
        subject={"subject_id": "m1", "species": "rat", "sex": "U", "age": "P90D"},
        location="kidney",
    )


def _tiff(path: Path, **options: object) -> None:
    tifffile.imwrite(path, PIXELS, photometric="minisblack", **options)  # type: ignore[arg-type]


MAKERS: dict[str, Callable[[Path], None]] = {
    "plain.tif": lambda p: _tiff(p, metadata=None),
    "lzw.tif": lambda p: _tiff(p, metadata=None, compression="lzw", rowsperstrip=16),
    "imagej.tif": lambda p: _tiff(
        p, imagej=True, metadata={"axes": "CYX", "unit": "um", "finterval": 0.1}
    ),
    "ome.tif": lambda p: _tiff(p, ome=True, metadata={"axes": "CYX", "PhysicalSizeX": 0.3}),
    "scanimage.tif": lambda p: _tiff(
        p, metadata=None, description="state.acq.msPerLine=2\rstate.x=1"
    ),
    "big.tif": lambda p: _tiff(p, metadata=None, bigtiff=True, compression="zlib"),
    "array.npy": lambda p: np.save(p, PIXELS[0]),
    "arrays.npz": lambda p: np.savez(p, scan=PIXELS[0]),
    "array.h5": _hdf5,
    "scan.nwb": _nwb,
    "images.nwb": _nwb,
}


def write_samples(folder: Path) -> list[Path]:
    """Write what can be written here; a format whose package is missing is left out."""
    from cloudscope import loaders
    from cloudscope.errors import ExportError

    paths = []
    for name, make in MAKERS.items():
        with suppress(ImportError, ExportError):
            path = folder / name
            make(path)
            if loaders.is_supported(path):
                paths.append(path)
    return paths


def real_samples() -> list[Path]:
    """Recordings of microscopes that this machine has and this Python can read."""
    from cloudscope import loaders
    from cloudscope.errors import LoadError

    shared = Path(os.environ.get("CLOUDSCOPE_SHARED", ROOT.parent / "shared"))
    found = []
    for path in sorted((shared / "data" / "formats").glob("*")):
        if loaders.is_supported(path):
            with suppress(LoadError):  # its reader needs a newer Python
                loaders.read_header(path)
                found.append(path)
    return found

"""Exports: recordings and results in the formats of others; a source file is never touched.

Every writer makes a new file or folder in one step, or none; it replaces what is there only where
it is told to.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_PUBLIC = {
    "EXPORT_FORMATS": "cloudscope.export.formats",
    "ExportFormat": "cloudscope.export.formats",
    "ExportOutcome": "cloudscope.export.folder",
    "ExportReport": "cloudscope.export.folder",
    "export_recordings": "cloudscope.export.folder",
    "tidy_tables": "cloudscope.export.tidy",
    "write_imagej_tiff": "cloudscope.export.imagej",
    "write_nwb": "cloudscope.export.nwb",
    "write_ome_zarr": "cloudscope.export.ome_zarr",
    "write_plain_tables": "cloudscope.export.plain",
    "write_report": "cloudscope.export.report",
    "write_tables": "cloudscope.export.tables",
}

__all__ = list(_PUBLIC)


def __getattr__(name: str) -> Any:
    module = _PUBLIC.get(name)
    if module is None:
        raise AttributeError(f"module 'cloudscope.export' has no attribute {name!r}")
    return getattr(import_module(module), name)


def __dir__() -> list[str]:
    return sorted(__all__)

"""The formats of an export by name: what they are called, what they need, who writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from cloudscope.errors import UnknownNameError

__all__ = ["EXPORT_FORMATS", "ExportFormat", "export_format"]


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A format of `export_recordings`.

    Attributes
    ----------
    name, title, help : str
    writer : str
        Module and function, as ``"cloudscope.export.nwb:write_nwb"``.
    suffix : str
        What stands behind a recording's name; of all together, the name itself.
    together : bool
        Whether all recordings go into one file or folder.
    options : tuple of str
        What the function takes besides.
    fixed : tuple of (str, str)
        What the function is always given.
    needs : tuple of str
        Packages, and last the extra of cloudscope that installs them.
    """

    name: str
    title: str
    help: str
    writer: str
    suffix: str
    together: bool = False
    options: tuple[str, ...] = ()
    fixed: tuple[tuple[str, str], ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def missing(self) -> str:
        """The sentence that says what to install; ``""`` where all is there."""
        *packages, extra = self.needs or ("",)
        lacking = [package for package in packages if find_spec(package) is None]
        if not lacking:
            return ""
        return f"{self.title} needs {' and '.join(lacking)}: pip install 'cloudscope[{extra}]'"

    @property
    def write(self) -> Callable[..., Path]:
        """The function that writes it."""
        module, _, name = self.writer.partition(":")
        function: Callable[..., Path] = getattr(import_module(module), name)
        return function


_ALL = (
    ExportFormat(
        "csv", "CSV tables", "a folder of tidy tables, one row a window, line or event",
        "cloudscope.export.tables:write_tables", "tables", together=True,
        fixed=(("format", "csv"),),
    ),
    ExportFormat(
        "excel", "Excel workbook", "the tidy tables as sheets of one workbook",
        "cloudscope.export.tables:write_tables", "tables.xlsx", together=True,
        fixed=(("format", "excel"),), needs=("openpyxl", "tables"),
    ),
    ExportFormat(
        "parquet", "Parquet tables", "the tidy tables for statistics programs",
        "cloudscope.export.tables:write_tables", "tables-parquet", together=True,
        fixed=(("format", "parquet"),), needs=("pyarrow", "tables"),
    ),
    ExportFormat(
        "plain", "Tables of older programs", "the layouts of acqstore, CloudScope and KymFlow",
        "cloudscope.export.plain:write_plain_tables", "plain-tables", together=True,
        options=("layout",),
    ),
    ExportFormat(
        "nwb", "NWB", "recording, subject, ROIs and results for archives such as DANDI",
        "cloudscope.export.nwb:write_nwb", ".nwb",
        options=("pixels", "session_start_time", "subject", "location"), needs=("pynwb", "nwb"),
    ),
    ExportFormat(
        "ome-zarr", "OME-Zarr", "pixels in pieces and several resolutions",
        "cloudscope.export.ome_zarr:write_ome_zarr", ".ome.zarr", options=("version",),
        needs=("zarr", "zarr"),
    ),
    ExportFormat(
        "imagej", "ImageJ TIFF", "pixels with scales, colours and ROIs for ImageJ and Fiji",
        "cloudscope.export.imagej:write_imagej_tiff", ".tif",
    ),
    ExportFormat(
        "report", "Report", "a zipped page with figures, tables and provenance",
        "cloudscope.export.report:write_report", "report.zip", together=True,
        options=("title", "figures"), needs=("matplotlib", "report"),
    ),
)  # fmt: skip

EXPORT_FORMATS: Mapping[str, ExportFormat] = MappingProxyType({f.name: f for f in _ALL})
"""Every format of `export_recordings`, by name."""


def export_format(name: str) -> ExportFormat:
    """The format of this name.

    Raises
    ------
    UnknownNameError
        If there is none; lists what there is.

    Examples
    --------
    >>> export_format("nwb").title
    'NWB'
    """
    if name not in EXPORT_FORMATS:
        raise UnknownNameError(
            f"there is no export format {name!r}; there are {', '.join(EXPORT_FORMATS)}"
        )
    return EXPORT_FORMATS[name]

"""Write recordings and results in the formats of other programs.

Tables and reports are one file or folder of all recordings; NWB, OME-Zarr and ImageJ TIFF are one
file a recording. Nothing is measured, no recording and no sidecar is changed, and nothing that is
there already is replaced without --overwrite.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.cli import UsageError
from cloudscope.cli.results import add_results_argument
from cloudscope.errors import CloudscopeError, ParameterError, UnknownNameError

if TYPE_CHECKING:
    from cloudscope.acq_image_list import AcqImageList
    from cloudscope.export import ExportReport

FORMATS = ("csv", "excel", "parquet", "plain", "nwb", "ome-zarr", "imagej")

SUMMARY = "tables, NWB, OME-Zarr, ImageJ TIFF of a folder"
EXAMPLES = """\
formats:
  csv, parquet   a folder of tidy tables: a row a window, line or event, and a row a result
  excel          the same as sheets of one workbook
  plain          the tables of acqstore and CloudScope, or of KymFlow (--set layout=kymflow)
  nwb            recording, subject, ROIs and results (--set pixels=no leaves the pixels out;
                 location=…, session_start_time=… and subject_id, species, sex, age, strain,
                 genotype, description say for all recordings what their metadata do not)
  ome-zarr       pixels in pieces and several resolutions (--set version=0.4 for older programs)
  imagej         pixels with scales, colours and ROIs, as TIFF

examples:
  cloudscope export recordings --to excel
  cloudscope export recordings --to nwb --out for-dandi --set location=VISp
  cloudscope export my_file.tif --to imagej --out fiji
"""

_SUBJECT = ("subject_id", "species", "sex", "age", "strain", "genotype", "description")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``cloudscope export``."""
    parser.add_argument("paths", nargs="+", metavar="FOLDER_OR_FILE", help="what to export")
    parser.add_argument("--to", required=True, choices=FORMATS, metavar="FORMAT", help="see below")
    add_target(parser, "where to write (default: beside the folder, named after it)")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an option of the format; may be given again for others",
    )


def add_target(parser: argparse.ArgumentParser, out: str) -> None:
    """Declare what `report` has as well."""
    parser.add_argument("--out", metavar="PATH", help=out)
    parser.add_argument(
        "--overwrite", action="store_true", help="replace what an earlier export wrote"
    )
    add_results_argument(parser)
    parser.add_argument(
        "--accepted-only", action="store_true", help="leave out what is not accepted"
    )
    parser.add_argument(
        "--recursive",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="whether to look into sub-folders (default: yes)",
    )
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def run(options: argparse.Namespace) -> int:
    """Run ``cloudscope export``."""
    folder = chosen(options)
    out = Path(options.out) if options.out else default_target(options.paths, options.to)
    return write(folder, options.to, out, parsed_options(options.to, options.set), options)


def chosen(options: argparse.Namespace) -> AcqImageList:
    """The recordings of all folders and files named.

    Raises
    ------
    CloudscopeError
        If none can be read or is left.
    """
    from cloudscope.acq_image_list import AcqImageList
    from cloudscope.cli.analyze import opened

    folder = opened(options.paths, options.recursive, options.results)
    for failure in folder.failures:
        print(f"cloudscope {options.command}: {failure.path}: {failure.reason}", file=sys.stderr)
    if options.accepted_only:
        kept = [image for image in folder if image.accepted]
        folder = AcqImageList(kept, failures=folder.failures, folder=folder.folder)
    if not folder.images:
        which = "accepted recording" if options.accepted_only else "recording that can be read"
        raise CloudscopeError(f"{', '.join(options.paths)}: there is no {which}")
    return folder


def default_target(paths: list[str], to: str) -> Path:
    """A folder beside the first one, so that it is not listed among the recordings next time.

    Examples
    --------
    >>> default_target(["day 1/recordings"], "nwb").name
    'recordings-nwb'
    """
    first = Path(paths[0]).resolve()
    return first.with_name(f"{first.stem if first.is_file() else first.name}-{to}")


def parsed_options(to: str, settings: list[str]) -> dict[str, Any]:
    """The values of ``--set``; those of the subject together.

    Raises
    ------
    UsageError
        If a setting is not NAME=VALUE.

    Examples
    --------
    >>> parsed_options("nwb", ["pixels=no", "species=rat"])
    {'pixels': False, 'subject': {'species': 'rat'}}
    """
    found: dict[str, Any] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"--set {setting} is not NAME=VALUE")
        name = name.strip()
        if to == "nwb" and name in _SUBJECT:
            found.setdefault("subject", {})[name] = value
        elif name in ("pixels", "figures"):
            if value.lower() not in ("yes", "no"):
                raise UsageError(f"--set {name}={value} is not allowed: give yes or no")
            found[name] = value.lower() == "yes"
        else:
            found[name] = value
    return found


def write(
    folder: AcqImageList, to: str, out: Path, settings: dict[str, Any], options: argparse.Namespace
) -> int:
    """Write the recordings with a progress bar; Ctrl-C keeps what is finished."""
    from tqdm import tqdm

    from cloudscope.cli.interrupt import stopping_on_interrupt
    from cloudscope.export import export_recordings

    bar = tqdm(total=100, desc=to, unit="%", disable=True if options.quiet else None)
    with bar, stopping_on_interrupt() as cancel:

        def progress(share: float) -> None:
            bar.update(int(100 * share) - bar.n)

        try:
            report = export_recordings(
                folder,
                to,
                out,
                overwrite=options.overwrite,
                progress=progress,
                cancel=cancel,
                **settings,
            )
        except (ParameterError, UnknownNameError) as error:
            raise UsageError(str(error)) from None
    return said(report, options, unread=len(folder.failures))


def said(report: ExportReport, options: argparse.Namespace, *, unread: int = 0) -> int:
    """Print what became of the export; the exit code."""
    for outcome in report.failed:
        words = outcome.error.replace("give overwrite=True", "give --overwrite")
        lead = "" if outcome.name in words else f"{outcome.name}: "
        print(f"cloudscope {options.command}: {lead}{words}", file=sys.stderr)
    if len(report.outcomes) == 1 and report.written:
        print(f"written: {report.written[0].path}")
    else:
        print(f"{len(report.written)} of {len(report.outcomes)} written to {report.folder}")
    if report.cancelled:
        return 130
    return 1 if report.failed or unread else 0

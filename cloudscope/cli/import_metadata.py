"""Enter what a spreadsheet says of the recordings of a folder, a row a recording.

Rows are matched by path within the folder or file name, columns by field name, title or usual other
name. Empty fields are filled; what is entered already and differs stays, unless --overwrite is
given. What did not match, and what was refused, is listed. Recordings that changed are saved.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cloudscope.cli import UsageError
from cloudscope.cli.results import add_results_argument
from cloudscope.cli.text_table import text_table
from cloudscope.errors import CloudscopeError

if TYPE_CHECKING:
    from cloudscope.metadata_edits import EditReport
    from cloudscope.sheets import ImportPlan

SUMMARY = "enter a spreadsheet's metadata into the recordings of a folder"
EXAMPLES = """\
examples:
  cloudscope import-metadata recordings animals.xlsx --dry-run
  cloudscope import-metadata recordings animals.csv --column "Mouse no=animal_id"
  cloudscope import-metadata recordings animals.csv --overwrite --ignore-case
  cloudscope import-metadata recordings all.csv --write
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``cloudscope import-metadata``."""
    parser.add_argument("folder", metavar="FOLDER", help="the recordings")
    parser.add_argument("sheet", metavar="SHEET", help=".csv, .tsv or .xlsx")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be entered")
    parser.add_argument(
        "--overwrite", action="store_true", help="replace what is entered already and differs"
    )
    parser.add_argument(
        "--key", default="file", metavar="HEADING", help="column that names the recordings"
    )
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="HEADING=FIELD",
        help="field of a column whose heading does not say so; may be given again for others",
    )
    parser.add_argument(
        "--ignore-case", action="store_true", help="match names whatever their case"
    )
    parser.add_argument(
        "--write",
        action="store_true",
        help="write SHEET from the metadata there is, instead of reading it",
    )
    add_results_argument(parser)


def run(options: argparse.Namespace) -> int:
    """Run ``cloudscope import-metadata``."""
    from cloudscope.acq_image_list import AcqImageList
    from cloudscope.sheets import (
        apply_import,
        plan_import,
        read_metadata_sheet,
        write_metadata_sheet,
    )

    folder = AcqImageList.from_folder(options.folder, results_folder=options.results)
    failures = [f"{failure.path}: {failure.reason}" for failure in folder.failures]
    if options.write:
        written = write_metadata_sheet(folder, Path(options.sheet))
        print(f"{written}: {len(folder)} recordings")
        return _said(failures)
    sheet = read_metadata_sheet(options.sheet, options.key)
    plan = plan_import(
        folder, sheet, columns=_columns(options.column), ignore_case=options.ignore_case
    )
    failures += [f"{sheet.name}: {problem}" for problem in sheet.problems]
    _show(plan, options.overwrite)
    if options.dry_run:
        print("nothing was changed")
        return _said(failures)
    report = apply_import(plan, options.overwrite)
    failures += _saved(report)
    print(f"{report}, and saved" if report.edited else "nothing was changed")
    return _said(failures)


def _columns(pairs: list[str]) -> dict[str, str]:
    columns = {}
    for pair in pairs:
        heading, sign, name = pair.rpartition("=")
        if not sign or not heading:
            raise UsageError(f"--column {pair!r} is not HEADING=FIELD")
        columns[heading] = name
    return columns


def _show(plan: ImportPlan, overwrite: bool) -> None:
    words = {
        "new": "entered",
        "differs": "replaced" if overwrite else "kept",
        "same": "",
        "refused": "refused",
    }
    rows = [
        [
            cell.image.name,
            cell.field,
            "" if cell.old is None else str(cell.old),
            str(cell.new),
            f"{words[cell.state]}: {cell.why}" if cell.why else words[cell.state],
        ]
        for cell in plan.cells
        if cell.state != "same"
    ]
    if rows:
        print(text_table(["recording", "field", "is", "sheet", ""], rows))
    for row in plan.unmatched_rows:
        print(f"row {row.row}, {row.key}: {row.why}")
    for heading, why in plan.left_out.items():
        print(f"column {heading!r}: {why}")
    print(plan)


def _saved(report: EditReport) -> list[str]:
    failures = []
    for edited in report.edited:
        try:
            edited.image.save()
        except CloudscopeError as error:
            failures.append(str(error))
    return failures


def _said(failures: list[str]) -> int:
    for failure in failures:
        print(f"cloudscope import-metadata: {failure}", file=sys.stderr)
    return 1 if failures else 0

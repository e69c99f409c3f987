"""Write a report of a folder to attach to a paper: figures, tables, provenance, environment.

It is a zip (or a folder) that is complete in itself: index.html has no scripts and loads nothing,
SHA256SUMS lists every file, and the same state gives the same bytes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from cloudscope.cli.export import add_target, chosen, default_target, said

SUMMARY = "a report with figures, tables and provenance"
EXAMPLES = """\
examples:
  cloudscope report recordings
  cloudscope report recordings --accepted-only --out paper/supplement.zip --title "Figure 3"
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``cloudscope report``."""
    parser.add_argument("paths", nargs="+", metavar="FOLDER_OR_FILE", help="what to report on")
    add_target(parser, "a .zip, or a new folder (default: FOLDER-report.zip beside the folder)")
    parser.add_argument("--title", default="", metavar="TEXT", help="heading of the report")
    parser.add_argument("--no-figures", action="store_true", help="do not draw the recordings")


def run(options: argparse.Namespace) -> int:
    """Run ``cloudscope report``."""
    from tqdm import tqdm

    from cloudscope.cli.interrupt import stopping_on_interrupt
    from cloudscope.errors import AnalysisCancelled, CloudscopeError
    from cloudscope.export import ExportOutcome, ExportReport, write_report

    folder = chosen(options)
    beside = default_target(options.paths, "report")
    out = Path(options.out) if options.out else beside.with_name(f"{beside.name}.zip")
    bar = tqdm(total=100, desc="report", unit="%", disable=True if options.quiet else None)
    with bar, stopping_on_interrupt() as cancel:

        def progress(share: float) -> None:
            bar.update(int(100 * share) - bar.n)

        try:
            write_report(
                folder,
                out,
                title=options.title,
                figures=not options.no_figures,
                overwrite=options.overwrite,
                progress=progress,
                cancel=cancel,
            )
            outcome = ExportOutcome("Report", "written", out)
        except AnalysisCancelled:
            outcome = ExportOutcome("Report", "cancelled", out)
        except CloudscopeError as error:
            outcome = ExportOutcome("Report", "failed", out, str(error))
    return said(ExportReport(out.parent, (outcome,)), options, unread=len(folder.failures))

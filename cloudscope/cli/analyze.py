"""Measure recordings without a screen and save the results beside them.

Each recording is saved as soon as it is finished. One that cannot be measured is listed, and the
rest is done. Ctrl-C loses nothing that is finished; --resume goes on from there.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.cli import UsageError
from cloudscope.cli.analyze_arguments import (
    RoisOf,
    named_parameters,
    parsed_parameters,
    parsed_roi,
)
from cloudscope.cli.results import add_results_argument
from cloudscope.cli.text_table import number, text_table
from cloudscope.errors import CloudscopeError, ParameterError, UnknownNameError

if TYPE_CHECKING:
    from cloudscope.acq_image_list import AcqImageList
    from cloudscope.analysis.registry import Analysis
    from cloudscope.batch import BatchOutcome, BatchPlan, BatchReport

SUMMARY = "measure a folder or files, without a screen"
EXAMPLES = """\
--roi says where:
  all            every ROI of a recording, or all of it where there is none (default)
  whole          the whole recording
  2  or  1,3     ROIs by id
  ROWS,COLUMNS   a rectangle as START:STOP,START:STOP; it becomes a ROI of each recording.
                 Either end may be left out: ':,4:30' is all lines of columns 4 to 29

examples:
  cloudscope analyze --list
  cloudscope analyze recordings --analysis radon_velocity --workers 2
  cloudscope analyze a.tif b.tif --analysis diameter --roi :,10:80 --channel 1
  cloudscope analyze recordings --analysis radon_velocity --set window_lines=128 --resume
  cloudscope analyze recordings --analysis radon_velocity --preset 'fast capillary' --dry-run
  cloudscope analyze /data/recordings --analysis diameter --dask tcp://10.0.0.5:8786
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``cloudscope analyze``."""
    parser.add_argument("paths", nargs="*", metavar="FOLDER_OR_FILE", help="what to measure")
    parser.add_argument("--list", action="store_true", help="list analyses and their parameters")
    parser.add_argument("--analysis", metavar="NAME", help="what to measure; see --list")
    parser.add_argument(
        "--roi", default="all", metavar="WHERE", help="all, whole, ids or a rectangle; see below"
    )
    parser.add_argument("--channel", type=int, default=0, metavar="N", help="from 0 (default: 0)")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a parameter of the analysis; may be given again for others",
    )
    parser.add_argument(
        "--preset",
        metavar="NAME",
        help="parameters kept under a name, yours or those of the folder's cloudscope.toml; "
        "--set goes over them",
    )
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="measurements at once (default: one a core, where there is enough to do)",
    )
    parser.add_argument(
        "--dask",
        metavar="ADDRESS",
        help="measure on the Dask cluster of this scheduler, which must see the same files",
    )
    parser.add_argument(
        "--memory-limit-mb",
        type=float,
        metavar="MB",
        help="what measurements under way may take together (default: most of what is free)",
    )
    parser.add_argument(
        "--recursive",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="whether to look into sub-folders (default: yes)",
    )
    parser.add_argument(
        "--resume",
        "--skip-fresh",
        dest="skip_fresh",
        action="store_true",
        help="leave out what has a result with these parameters that still holds",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="say what would be measured, what is fresh, what is refused and why; measure nothing",
    )
    add_results_argument(parser)
    parser.add_argument("--quiet", action="store_true", help="no progress bar and no table")


def run(options: argparse.Namespace) -> int:
    """Run ``cloudscope analyze``."""
    from cloudscope.analysis.registry import get_analysis

    if options.list:
        print(analyses_text())
        return 0
    if not options.paths:
        raise UsageError("give a folder or files to measure, for example: recordings")
    if options.analysis is None:
        raise UsageError("give --analysis NAME; --list shows which there are")
    if options.workers is not None and options.workers < 1:
        raise UsageError(f"--workers {options.workers} is not allowed: give 1 or more")
    if options.memory_limit_mb is not None and not options.memory_limit_mb > 0:
        raise UsageError(
            f"--memory-limit-mb {options.memory_limit_mb:g} is not allowed: give more than 0"
        )
    if options.channel < 0:
        raise UsageError(f"--channel {options.channel} is not allowed: channels count from 0")
    try:
        analysis = get_analysis(options.analysis)
        parameters = parsed_parameters(analysis, options.set)
    except (ParameterError, UnknownNameError) as error:
        raise UsageError(str(error)) from None
    where = parsed_roi(options.roi)
    folder = opened(options.paths, options.recursive, options.results)
    if options.preset is not None:
        parameters = {
            **named_parameters(analysis.name, options.preset, options.paths),
            **parameters,
        }
    failures = [f"{failure.path}: {failure.reason}" for failure in folder.failures]
    return measure(folder, analysis, where, parameters, failures, options)


def analyses_text() -> str:
    """All analyses with their parameters, for people."""
    from cloudscope.analysis.registry import analysis_names, get_analysis

    blocks = []
    for name in analysis_names():
        analysis = get_analysis(name)
        rows = [
            [f"  {needed.name}", "same ROI", "analysis:channel:roi", needed.help or needed.title]
            for needed in analysis.inputs
        ]
        rows += [
            [f"  {p.name}", str(p.default), p.allowed, p.param.help] for p in analysis.parameters
        ]
        summary = (analysis.function.__doc__ or "").strip().partition("\n")[0]
        blocks.append(
            f"{name}: {summary}\n" + text_table(["  parameter", "default", "allowed", ""], rows)
        )
    return "\n\n".join(blocks)


def opened(paths: Iterable[str], recursive: bool, results: str | None = None) -> AcqImageList:
    """Recordings of all folders and files named, each once.

    Parameters
    ----------
    paths : iterable of str
    recursive : bool
    results : str, optional
        Folder in which sidecars are kept, with one folder or file of recordings.

    Raises
    ------
    CloudscopeError
        If nothing at all is there to be measured.
    """
    from cloudscope.acq_image_list import AcqImageList, LoadFailure
    from cloudscope.loaders import is_folder_recording

    paths = list(paths)
    if results is not None and len(paths) > 1:
        raise UsageError("give one folder with --results: each has a results folder of its own")
    images, failures, seen = [], [], set()
    for path in map(Path, paths):
        try:
            found = AcqImageList.from_folder(path, recursive=recursive, results_folder=results)
        except CloudscopeError as error:
            failures.append(LoadFailure(path, getattr(error, "reason", str(error))))
            continue
        failures += found.failures
        for image in found:
            key = (image.path.resolve() if image.path else id(image), image.image_index)
            if key not in seen:
                seen.add(key)
                images.append(image)
    if not images and not failures:
        raise CloudscopeError(f"{', '.join(paths)}: there is no recording that can be read")
    only = Path(next(iter(paths)))
    is_folder = only.is_dir() and not is_folder_recording(only)
    return AcqImageList(images, failures=failures, folder=only if is_folder else None)


def measure(
    folder: AcqImageList,
    analysis: Analysis,
    where: RoisOf,
    parameters: dict[str, Any],
    failures: list[str],
    options: argparse.Namespace,
) -> int:
    """Measure, save, and print what came out; the exit code."""
    from tqdm import tqdm

    from cloudscope.cli.interrupt import stopping_on_interrupt

    def name_of(outcome: BatchOutcome) -> str:
        return folder.relative_path(outcome.item.image)

    with cluster(options.dask) as executor:
        request: dict[str, Any] = {
            "channel": options.channel,
            "rois": where,
            "workers": options.workers,
            "executor": executor,
            "skip_fresh": options.skip_fresh,
            "memory_limit_mb": options.memory_limit_mb,
            **parameters,
        }
        if options.dry_run:
            return preview(folder, folder.plan(analysis.name, **request), failures, options)
        bar = tqdm(
            total=1.0,
            desc=analysis.name,
            disable=True if options.quiet else None,
            bar_format="{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining} {postfix}",
        )

        def advance(share: float) -> None:
            bar.update(max(share - bar.n, 0.0))

        def show(outcome: BatchOutcome) -> None:
            bar.set_postfix_str(name_of(outcome))

        with bar, stopping_on_interrupt() as cancel:
            report = folder.analyze(
                analysis.name,
                save=True,
                progress=advance,
                cancel=cancel,
                on_outcome=show,
                **request,
            )
    failures += [named(name_of(outcome), outcome.error) for outcome in report.failed]
    told = [outcome for outcome in report.outcomes if outcome.status != "fresh"]
    if not options.quiet and told:
        print(report_text(told, analysis, name_of))
    for failure in failures:
        print(f"cloudscope analyze: {failure}", file=sys.stderr)
    if not options.quiet:
        print(closing_words(report, len(failures)))
    if cancel.is_set():
        return 130
    return 1 if failures else 0


@contextmanager
def cluster(address: str | None) -> Iterator[Any | None]:
    """A client of the Dask cluster at this address; ``None`` where none is wanted.

    Raises
    ------
    CloudscopeError
        If Dask is not installed, or nobody answers at the address.
    """
    if address is None:
        yield None
        return
    try:
        from dask.distributed import Client
    except ImportError:
        raise CloudscopeError(
            "--dask needs the package distributed: pip install 'cloudscope[dask]'"
        ) from None
    client = Client.__new__(Client)  # at hand also where it cannot be made
    try:
        client.__init__(address, timeout=10, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        # Left to the garbage collector it is closed there, which can wait for itself for ever.
        client.close()
        raise CloudscopeError(
            f"--dask {address}: no scheduler answers there ({str(error) or 'it took too long'}): "
            f"give its address as 'dask scheduler' prints it, for example tcp://10.0.0.5:8786"
        ) from error
    with client:
        yield client


def preview(
    folder: AcqImageList, plan: BatchPlan, failures: list[str], options: argparse.Namespace
) -> int:
    """Print what would be done; the exit code."""
    if not options.quiet and plan.items:
        rows = []
        for item in plan.items:
            name = folder.relative_path(item.image)
            what = "refused" if item.refusal else "measure" if item.fresh is None else "fresh"
            where = str(item.roi_id) if item.roi_id else "whole"
            rows.append([name, where, what, item.refusal.removeprefix(f"{name}: ")])
        print(text_table(["recording", "ROI", "", ""], rows, "<><<"))
    for failure in failures:
        print(f"cloudscope analyze: {failure}", file=sys.stderr)
    words = [f"{len(plan.to_measure)} would be measured"]
    words += [f"{len(plan.fresh)} fresh"] if plan.fresh else []
    refused = len(plan.refused) + len(failures)
    words += [f"{refused} refused"] if refused else []
    if plan.to_measure:
        at_once = f"{plan.workers} at once"
        if options.dask:
            at_once = "on the cluster"
        elif plan.seconds is not None:
            at_once += f" in about {plan.seconds:,.0f} s"
        words.append(at_once)
    print(", ".join(words) + "; nothing was measured")
    return 1 if refused else 0


def named(name: str, error: str) -> str:
    """An error's sentence, with the recording's name before it unless it begins with that."""
    return error if error.startswith(name) else f"{name}: {error}"


def closing_words(report: BatchReport, failed: int) -> str:
    """One line that sums a batch up."""
    words = []
    if report.done or failed or report.cancelled:
        words.append(f"{len(report.done)} measured and saved")
    else:
        words.append("nothing to do")
    if report.fresh:
        words.append(f"{len(report.fresh)} fresh already")
    if failed:
        words.append(f"{failed} failed")
    if report.cancelled:
        words.append(f"{len(report.cancelled)} not measured (stopped; --resume goes on from here)")
    return ", ".join(words)


def report_text(
    outcomes: Iterable[BatchOutcome],
    analysis: Analysis,
    name_of: Callable[[BatchOutcome], str],
) -> str:
    """The table of a batch: a row a measurement, with the analysis' headline number."""
    import numpy as np

    from cloudscope.analysis.samples import USABLE

    rows = []
    for outcome in outcomes:
        roi_id = str(outcome.item.roi_id) if outcome.item.roi_id else "whole"
        headline, measured = "-", "-"
        if outcome.result is not None:
            headline = number(outcome.result.summary.get(analysis.headline))
            status = outcome.result.columns.get("status")
            if status is not None:
                measured = f"{int(np.isin(status, USABLE).sum())}/{len(status)}"
        rows.append([name_of(outcome), roi_id, headline, measured, outcome.status])
    return text_table(["recording", "ROI", analysis.headline, "ok", ""], rows, "<>>><")

"""Measure recordings without a screen and save the results beside them.

Each recording is saved as soon as it is finished. One that cannot be measured is listed, and the
rest is done. Ctrl-C loses nothing that is finished; --skip-fresh goes on from there.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.cli import UsageError
from cloudscope.cli.text_table import number, text_table
from cloudscope.errors import CloudscopeError, ParameterError, UnknownNameError

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage
    from cloudscope.acq_image_list import AcqImageList
    from cloudscope.analysis.registry import Analysis
    from cloudscope.batch import BatchOutcome

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
  cloudscope analyze recordings --analysis radon_velocity --set window_lines=128 --skip-fresh
"""

RoisOf = Callable[["AcqImage"], Sequence[int]]


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
        "--workers", type=int, default=1, metavar="N", help="measurements at once (default: 1)"
    )
    parser.add_argument(
        "--recursive",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="whether to look into sub-folders (default: yes)",
    )
    parser.add_argument(
        "--skip-fresh",
        action="store_true",
        help="leave out what has a result with these parameters that still holds",
    )
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
    if options.workers < 1:
        raise UsageError(f"--workers {options.workers} is not allowed: give 1 or more")
    if options.channel < 0:
        raise UsageError(f"--channel {options.channel} is not allowed: channels count from 0")
    try:
        analysis = get_analysis(options.analysis)
        parameters = parsed_parameters(analysis, options.set)
    except (ParameterError, UnknownNameError) as error:
        raise UsageError(str(error)) from None
    where = parsed_roi(options.roi)
    folder = opened(options.paths, options.recursive)
    failures = [f"{failure.path}: {failure.reason}" for failure in folder.failures]
    if options.skip_fresh:
        where = without_fresh(where, analysis, options.channel, parameters)
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


def parsed_parameters(analysis: Analysis, settings: Iterable[str]) -> dict[str, Any]:
    """The values of ``--set``, each as its parameter's type.

    A result to work on is given as ``diameter=diameter:0:2``: analysis, channel and ROI.

    Raises
    ------
    UsageError, ParameterError
        If a setting is not NAME=VALUE, or the name or the value is not right.
    """
    from cloudscope.analysis.parameters import parse_text, validate_parameters
    from cloudscope.inputs import split_inputs

    declared = {parameter.name: parameter for parameter in analysis.parameters}
    inputs = {needed.name for needed in analysis.inputs}
    values: dict[str, Any] = {}
    for setting in settings:
        name, equals, text = (part.strip() for part in setting.partition("="))
        if not equals or not name:
            raise UsageError(f"--set {setting} is not allowed: give NAME=VALUE")
        if name in inputs:
            values[name] = parsed_key(name, text)
        else:
            values[name] = parse_text(declared[name], text) if name in declared else text
    validate_parameters(analysis.parameters, split_inputs(analysis, values)[1], owner=analysis.name)
    return values


def parsed_key(name: str, text: str) -> tuple[str, int, int]:
    """The key of a result, from text such as ``diameter:0:2``.

    Raises
    ------
    UsageError
        If it is no such text.
    """
    match = re.fullmatch(r"(\w+):(\d+):(\d+)", text)
    if match is None:
        raise UsageError(
            f"--set {name}={text} is not allowed: give ANALYSIS:CHANNEL:ROI, for example "
            "diameter:0:2; ROI 0 is the whole recording"
        )
    return match[1], int(match[2]), int(match[3])


def parsed_roi(text: str) -> RoisOf:
    """The meaning of ``--roi``: from a recording to the ids of its ROIs to measure.

    Raises
    ------
    UsageError
        If the text says nothing known.
    """
    text = text.strip()
    if text == "all":
        return lambda image: [roi.roi_id for roi in image.rois] or [0]
    if text == "whole":
        return lambda image: [0]
    if re.fullmatch(r"\d+(,\d+)*", text):
        ids = [int(part) for part in text.split(",")]
        return lambda image: ids
    bounds = re.fullmatch(r"(\d*):(\d*),(\d*):(\d*)", text.replace(" ", ""))
    if bounds is None:
        raise UsageError(
            f"--roi {text!r} is not allowed: give all, whole, ids such as 1,3, or a rectangle "
            "as ROWS,COLUMNS such as 0:1000,4:30"
        )
    names = ("row_start", "row_stop", "col_start", "col_stop")
    given = {name: int(part) for name, part in zip(names, bounds.groups(), strict=True) if part}
    return lambda image: [rectangle(image, given)]


def rectangle(image: AcqImage, given: dict[str, int]) -> int:
    """Id of the recording's ROI with these bounds, added if there is none.

    Raises
    ------
    RoiError
        If they do not fit into the recording.
    """
    wanted = (
        given.get("row_start", 0),
        given.get("row_stop", image.header.lines),
        given.get("col_start", 0),
        given.get("col_stop", image.header.pixels),
    )
    for roi in image.rois:
        if roi.bounds == wanted:
            return roi.roi_id
    row_start, row_stop, col_start, col_stop = wanted
    return image.add_roi(
        row_start=row_start, row_stop=row_stop, col_start=col_start, col_stop=col_stop
    ).roi_id


def without_fresh(
    where: RoisOf, analysis: Analysis, channel: int, parameters: dict[str, Any]
) -> RoisOf:
    """`where` less the ROIs whose kept result is what measuring again would give."""
    from cloudscope.analysis.parameters import validate_parameters
    from cloudscope.inputs import split_inputs

    named, detection = split_inputs(analysis, parameters)
    wanted = validate_parameters(analysis.parameters, detection)

    def is_fresh(image: AcqImage, roi_id: int) -> bool:
        result = image.result(analysis.name, channel, roi_id)
        return (
            result is not None
            and dict(result.parameters) == wanted
            and all(
                name in result.inputs and result.inputs[name].key == key
                for name, key in named.items()
            )
            and image.stale_reason(result) is None
        )

    return lambda image: [roi_id for roi_id in where(image) if not is_fresh(image, roi_id)]


def opened(paths: Iterable[str], recursive: bool) -> AcqImageList:
    """Recordings of all folders and files named, each once.

    Raises
    ------
    CloudscopeError
        If nothing at all is there to be measured.
    """
    from cloudscope.acq_image_list import AcqImageList, LoadFailure

    images, failures, seen = [], [], set()
    for path in map(Path, paths):
        try:
            found = AcqImageList.from_folder(path, recursive=recursive)
        except CloudscopeError as error:
            failures.append(LoadFailure(path, getattr(error, "reason", str(error))))
            continue
        failures += found.failures
        for image in found:
            key = image.path.resolve() if image.path else id(image)
            if key not in seen:
                seen.add(key)
                images.append(image)
    if not images and not failures:
        raise CloudscopeError(f"{', '.join(paths)}: there is no recording that can be read")
    only = Path(next(iter(paths)))
    return AcqImageList(images, failures=failures, folder=only if only.is_dir() else None)


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

    def chosen(image: AcqImage) -> Sequence[int]:
        try:
            return where(image)
        except CloudscopeError as error:
            failures.append(named(folder.relative_path(image), str(error)))
            return ()

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
            channel=options.channel,
            rois=chosen,
            workers=options.workers,
            save=True,
            progress=advance,
            cancel=cancel,
            on_outcome=show,
            **parameters,
        )
    failures += [named(name_of(outcome), outcome.error) for outcome in report.failed]
    if not options.quiet and report.outcomes:
        print(report_text(report.outcomes, analysis, name_of))
    for failure in failures:
        print(f"cloudscope analyze: {failure}", file=sys.stderr)
    if not options.quiet:
        print(closing_words(len(report.done), len(failures), len(report.cancelled)))
    if cancel.is_set():
        return 130
    return 1 if failures else 0


def named(name: str, error: str) -> str:
    """An error's sentence, with the recording's name before it unless it begins with that."""
    return error if error.startswith(name) else f"{name}: {error}"


def closing_words(done: int, failed: int, cancelled: int) -> str:
    """One line that sums a batch up."""
    words = [f"{done} measured and saved"]
    if failed:
        words.append(f"{failed} failed")
    if cancelled:
        words.append(f"{cancelled} not measured (stopped; --skip-fresh goes on from here)")
    return "nothing to do" if not (done or failed or cancelled) else ", ".join(words)


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

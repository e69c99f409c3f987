"""Write a folder of synthetic recordings whose truth is known, measure velocity and diameter in it,
print the results beside the truth, and serve the dashboard on it until Ctrl-C.

Everything goes into one folder, which may be deleted; running it again uses what is there.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cloudscope.cli.analyze import named
from cloudscope.cli.open import add_serving_arguments
from cloudscope.cli.text_table import number, text_table

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage
    from cloudscope.acq_image_list import AcqImageList
    from cloudscope.analysis.execution import Cancel
    from cloudscope.sample import SampleRecording, SampleTruth

SUMMARY = "a sample folder with known truth, measured and shown"
EXAMPLES = """\
examples:
  cloudscope demo
  cloudscope demo --folder sample --no-browser
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``cloudscope demo``."""
    parser.add_argument(
        "--folder",
        default="cloudscope-sample",
        metavar="DIR",
        help="where the sample goes (default: cloudscope-sample here); may exist from before",
    )
    add_serving_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Run ``cloudscope demo``."""
    from cloudscope.acq_image_list import AcqImageList
    from cloudscope.cli.interrupt import stopping_on_interrupt
    from cloudscope.cli.open import run as serve
    from cloudscope.sample import write_sample_folder

    sample = write_sample_folder(options.folder)
    print(f"Measuring {len(sample.recordings)} recordings in {sample.path} ...", flush=True)
    folder = AcqImageList.from_files(
        [sample.path / recording.file for recording in sample.recordings], folder=sample.path
    )
    jobs = [job for recording in sample.recordings for job in prepared(folder, recording)]
    with stopping_on_interrupt() as cancel:
        failures = measure(folder, jobs, cancel)
    if cancel.is_set():
        return 130
    print(table_text(folder, jobs), flush=True)
    for failure in failures:
        print(f"cloudscope demo: {failure}", file=sys.stderr)
    print()
    code = serve(options)
    return 1 if failures else code


@dataclass(frozen=True, slots=True)
class Job:
    """One number to measure: where, and what should come out."""

    image: AcqImage
    roi_id: int
    truth: SampleTruth


def prepared(folder: AcqImageList, recording: SampleRecording) -> Iterator[Job]:
    """What to measure in a recording, after giving it its ROIs and metadata."""
    image = folder[recording.file]
    ids = {0: 0}
    for place, wanted in enumerate(recording.rois, 1):
        bounds = (wanted.row_start, wanted.row_stop, wanted.col_start, wanted.col_stop)
        known = next((roi for roi in image.rois if roi.bounds == bounds), None)
        ids[place] = (
            known
            or image.add_roi(
                row_start=wanted.row_start,
                row_stop=wanted.row_stop,
                col_start=wanted.col_start,
                col_stop=wanted.col_stop,
                name=wanted.name,
                note=wanted.note,
            )
        ).roi_id
    if not any(value for _, value in image.experiment):
        image.experiment = recording.experiment
    for truth in recording.truths:
        yield Job(image, ids[truth.roi_id], truth)


def measure(folder: AcqImageList, jobs: list[Job], cancel: Cancel) -> list[str]:
    """Measure and save all jobs with one progress bar; what failed, a sentence each."""
    from tqdm import tqdm

    groups: dict[tuple[str, int], dict[int, set[int]]] = {}
    for job in jobs:
        where = groups.setdefault((job.truth.analysis, job.truth.channel), {})
        where.setdefault(id(job.image), set()).add(job.roi_id)
    failures = []
    with tqdm(
        total=len(groups), disable=None, bar_format="{desc:16s}{percentage:3.0f}%|{bar}| {elapsed}"
    ) as bar:
        for done, ((analysis, channel), where) in enumerate(groups.items()):
            bar.set_description_str(analysis)

            def advance(share: float, done: int = done) -> None:
                bar.update(max(done + share - bar.n, 0.0))

            def chosen(image: AcqImage, where: dict[int, set[int]] = where) -> list[int]:
                return sorted(where.get(id(image), ()))

            report = folder.analyze(
                analysis, channel=channel, rois=chosen, save=True, progress=advance, cancel=cancel
            )
            failures += [named(o.item.image.name, o.error) for o in report.failed]
    return failures


def table_text(folder: AcqImageList, jobs: list[Job]) -> str:
    """The truth beside the results."""
    rows = []
    for job in jobs:
        truth = job.truth
        result = job.image.result(truth.analysis, truth.channel, job.roi_id)
        measured = None if result is None else result.summary.get(truth.quantity)
        error = "-" if measured is None else f"{100 * (measured / truth.value - 1):+.1f} %"
        where = job.image.roi(job.roi_id).title if job.roi_id else "whole"
        rows.append(
            [
                folder.relative_path(job.image), where, str(truth.channel), truth.quantity,
                number(truth.value), number(measured), error,
            ]
        )  # fmt: skip
    titles = ["recording", "ROI", "channel", "quantity", "truth", "measured", "error"]
    return text_table(titles, rows, "<<><>>>")

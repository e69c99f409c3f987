"""Recordings that are damaged, cut, lie, were replaced, or have odd names."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from tests.benchmarks.soak.samples import real_samples, write_samples
from tests.benchmarks.soak.saving import tests_pass
from tests.benchmarks.soak.trials import Outcome, Trial, python

__all__ = ["FILE_TRIALS"]


def flipped_bytes(folder: Path, short: bool) -> Outcome:
    """Damaged copies of each format, read in a process that may crash without harm."""
    times = 5 if short else 300
    paths = write_samples(folder) + ([] if short else real_samples())
    total: Counter[str] = Counter()
    wrong: list[str] = []
    for seed, path in enumerate(paths):
        done = python("-m", "tests.benchmarks.soak.flipping", path, times, seed, timeout_s=1800)
        if done.returncode:
            wrong.append(f"{path.name}: the process ended with {done.returncode}")
            continue
        for what, count in json.loads(done.stdout).items():
            total[what] += count
            if what not in ("read", "refused"):
                wrong.append(f"{path.name}: {count} × {what}")
    words = (
        f"{len(paths)} formats × {times}: {total['read']} read, {total['refused']} refused with "
    )
    words += "the one error, " + ("; ".join(wrong) if wrong else "0 crashes, 0 hangs, 0 others")
    return Outcome(not wrong, words)


def flipped_vendors(folder: Path, short: bool) -> Outcome:
    """Damaged copies of the vendor formats that the tests write, reference images included."""
    del folder
    flips = "12" if short else "300"
    outcome = tests_pass("tests/loaders", "-k", "damaged_copies", CLOUDSCOPE_FLIPS=flips)
    return Outcome(outcome.held, f"formats × {flips} copies: {outcome.figures}")


def cut_files(folder: Path, short: bool) -> Outcome:
    """Each format cut at every twentieth (in the short form every fifth) of its length."""
    from cloudscope import loaders
    from cloudscope.errors import LoadError

    parts = 5 if short else 20
    paths = write_samples(folder) + ([] if short else real_samples())
    refused = silent = 0
    for path in paths:
        whole = path.read_bytes()
        cut = folder / f"cut-{path.name}"
        for part in range(1, parts):
            cut.write_bytes(whole[: len(whole) * part // parts])
            try:
                header = loaders.read_header(cut)
                pixels = loaders.open_pixels(cut, header).channel(0)
                complete = pixels.shape == (header.lines, header.pixels)
                # what stands behind the pixels may be missing without any of them being so
                same = _same_pixels(path, pixels)
                silent += not (complete and same)
            except LoadError:
                refused += 1
    total = len(paths) * (parts - 1)
    return Outcome(
        silent == 0,
        f"{total} cut files: {refused} refused, {total - refused - silent} whole in their pixels, "
        f"{silent} read with pixels missing",
    )


def _same_pixels(path: Path, pixels: object) -> bool:
    import numpy as np

    from cloudscope import loaders

    header = loaders.read_header(path)
    return bool(np.array_equal(loaders.open_pixels(path, header).channel(0), pixels))


def lying_headers(folder: Path, short: bool) -> Outcome:
    """Sizes that are not there, and bombs that would be."""
    del folder, short
    which = "bomb or lie or declare or huge or larger or terabyte or cut or short"
    return tests_pass("tests/loaders/test_faults.py", "-k", which)


def replaced_sources(folder: Path, short: bool) -> Outcome:
    """Sources that change after they were measured."""
    del folder, short
    which = "changed_source or shrunken or replaced"
    return tests_pass("tests/test_saving.py", "tests/batch/test_planning.py", "-k", which)


def odd_names(folder: Path, short: bool) -> Outcome:
    """Open, mark, measure, save, open again and list recordings of odd names."""
    from cloudscope.acq_image_list import AcqImageList
    from tests.recordings import write_line_scan

    del short
    names = ["größe µm 血管", "#%<&\"'>", "x" * 200, "new\nline", "-rf", "$HOME", "a.b.c", " lead"]
    names += ["quote\"'", "semi;colon|pipe", "<script>alert(1)</script>".replace("/", "_"), "🩸"]
    for name in names:
        write_line_scan(folder / f"{name}.tif")
    opened = AcqImageList.from_folder(folder)
    opened.analyze("intensity", save=True, workers=1)
    again = AcqImageList.from_folder(folder)
    back = sum(len(image.results) == 1 and not image.problems for image in again)
    rows = len(again.to_dataframe())
    held = back == rows == len(names)
    return Outcome(held, f"{len(names)} names: {back} opened, measured, saved and opened again")


FILE_TRIALS = (
    Trial("flips", "a file with flipped bytes is read or refused with one error", flipped_bytes),
    Trial(
        "vendor-flips",
        "so is one of a microscope, with its reference image and what lies beside it",
        flipped_vendors,
    ),
    Trial("cuts", "a cut file is refused, or none of its pixels is missing", cut_files),
    Trial("lies", "sizes that are not true are refused before anything is decoded", lying_headers),
    Trial(
        "replaced", "a source replaced after measuring makes its results stale", replaced_sources
    ),
    Trial("names", "a recording may have any name the system allows", odd_names),
)

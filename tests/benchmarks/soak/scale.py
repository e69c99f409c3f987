"""Folders of ten thousand recordings, and recordings larger than the memory."""

from __future__ import annotations

import json
from pathlib import Path

from tests.benchmarks.soak.trials import Outcome, Trial, python

__all__ = ["SCALE_TRIALS"]

OPEN = """
import json, sys, time
from cloudscope.acq_image_list import AcqImageList
import cloudscope.loaders
cloudscope.loaders.supported_suffixes()
ready, cpu = time.monotonic(), time.process_time()
folder = AcqImageList.from_folder(sys.argv[1])
took = time.process_time() - cpu, time.monotonic() - ready
print(json.dumps([len(folder), *took, sum(image.header.lines for image in folder)]))
"""


def many_files(folder: Path, short: bool) -> Outcome:
    """Open a folder twice, each time in a new process: without and with what was kept."""
    import os

    import numpy as np
    import tifffile

    count = 500 if short else 10_000
    pixels = np.random.default_rng(0).integers(0, 4000, (100, 24)).astype("uint16")
    long_ago = (1_600_000_000, 1_600_000_000)
    for number in range(count):
        path = folder / f"rec{number:05}.tif"
        settings = {"imagej": True, "metadata": {"unit": "um", "finterval": 0.001}}
        tifffile.imwrite(path, pixels, **(settings if number % 2 else {"metadata": None}))
        os.utime(path, long_ago)
    took: list[float] = []
    words: list[str] = []
    for _ in range(2):
        done = python("-c", OPEN, folder)
        if done.returncode:
            return Outcome(False, done.stderr.strip().splitlines()[-1][:200])
        opened, cpu_s, wall_s, lines = json.loads(done.stdout)
        if (opened, lines) != (count, 100 * count):
            return Outcome(False, f"{opened} of {count} recordings were opened")
        took.append(cpu_s)
        words.append(f"{cpu_s:.2f} s of the processor ({wall_s:.2f} s by the clock)")
    # Judged by the processor's time: a machine that does other things besides is slower.
    held = short or (took[0] <= 10.0 and took[1] <= 1.0)
    return Outcome(held, f"{count:,} recordings: first {words[0]}, then {words[1]}")


MEASURE = """
import json, pathlib, resource, sys
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
from cloudscope.acq_image import AcqImage
image = AcqImage(sys.argv[1])
image.set_calibration(line_period_s=0.001, pixel_size_um=0.5)
middle = image.header.lines // 2
roi = image.add_roi(row_start=middle, row_stop=middle + 4000, col_start=100, col_stop=164)
result = image.analyze("radon_velocity", roi_id=roi.roi_id, window_lines=64)
status = pathlib.Path("/proc/self/status")
if status.exists():  # getrusage would count what the parent held when it started this process
    peak = int(status.read_text().split("VmHWM:")[1].split()[0]) * 1024
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([peak, image.header.lines, len(result.columns["time_s"])]))
"""


def large_file(folder: Path, short: bool) -> Outcome:
    """Measure a small ROI of a large recording in a process that may not have its size."""
    import numpy as np
    import tifffile

    size = 200_000_000 if short else 2_000_000_000
    limit = 500_000_000
    found = []
    for order, name in (("<", "little-endian"), (">", "big-endian")):
        path = folder / f"{name}.tif"
        shape = (size // 1024, 512)
        stored = tifffile.memmap(path, shape=shape, dtype="uint16", byteorder=order, metadata=None)
        middle = shape[0] // 2
        noise = np.random.default_rng(0).integers(0, 4000, (4000, 512))
        stored[middle : middle + 4000] = noise
        stored.flush()
        del stored
        done = python("-c", MEASURE, path, limit)
        path.unlink()
        if done.returncode:
            return Outcome(False, f"{name}: {done.stderr.strip().splitlines()[-1][:160]}")
        peak, lines, windows = json.loads(done.stdout)
        if peak > limit or lines != shape[0] or not windows:
            return Outcome(False, f"{name}: {peak / 1e6:.0f} MB for {lines} lines")
        found.append(f"{name} {peak / 1e6:.0f} MB")
    words = f"{size / 1e9:.1f} GB under {limit / 1e6:.0f} MB, most memory used: {', '.join(found)}"
    return Outcome(True, words)


def too_large_files(folder: Path, short: bool) -> Outcome:
    """A compressed recording that would need more than is allowed is refused in words."""
    import numpy as np
    import tifffile

    from cloudscope.acq_image_list import AcqImageList

    lines = 100_000 if short else 1_000_000
    path = folder / "packed.tif"
    noise = np.random.default_rng(0).integers(0, 256, (20_000, 512)).astype("uint16")
    rows = np.concatenate([noise] * (lines // len(noise)))
    tifffile.imwrite(path, rows, compression="zlib", metadata=None, rowsperstrip=1000)
    del rows
    opened = AcqImageList.from_folder(folder)
    opened[0].set_calibration(line_period_s=0.001, pixel_size_um=0.5)
    opened[0].add_roi(row_stop=2000)
    limit = lines * 1024 / 1e6
    report = opened.analyze("radon_velocity", memory_limit_mb=limit)
    (outcome,) = report.outcomes
    held = outcome.status == "failed" and "the limit is" in outcome.error
    return Outcome(held, outcome.error[:160] or outcome.status)


SCALE_TRIALS = (
    Trial("folder", "10,000 recordings open in 10 s, and in 1 s the next time", many_files),
    Trial("large", "a small ROI of a large file needs little memory", large_file),
    Trial("too-large", "what does not fit into the declared memory is refused", too_large_files),
)

"""Recordings larger than the memory are measured within it, and give the same numbers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile

from cloudscope import AcqImage, AcqImageList
from cloudscope.analysis.registry import get_analysis
from cloudscope.analysis.result import AnalysisResult
from cloudscope.batch.memory import bytes_needed
from cloudscope.loaders import laid_out_pixels
from cloudscope.measurement import Measurement

ROOT = Path(__file__).resolve().parents[2]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps such a limit")
MB = 1_000_000

MEASURE = """
import json, pathlib, resource, sys
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
from cloudscope.acq_image import AcqImage
image = AcqImage(sys.argv[1])
image.set_calibration(line_period_s=0.001, pixel_size_um=0.5)
roi = image.add_roi(**json.loads(sys.argv[3]))
result = image.analyze("intensity", roi_id=roi.roi_id)
peak = pathlib.Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
print(json.dumps([int(peak) * 1024, result.digest]))
"""


def streaks(lines: int, width: int, seed: int = 0) -> np.ndarray:
    """Cells that move two columns with each line, on a vessel that is brighter than its sides."""
    rng = np.random.default_rng(seed)
    cells = rng.normal(size=2 * lines + width)
    column = np.arange(width)
    shade = 600 * np.exp(-(((column - width / 2) / (width / 3)) ** 8))
    moving = cells[2 * (lines - 1 - np.arange(lines))[:, None] + column]
    noise = rng.normal(size=(lines, width))
    return np.clip(200 + shade + 120 * moving + 60 * noise, 0, 4095).astype("uint16")


def noise(lines: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 16, (lines, width)).astype("uint16")


def write_packed(path: Path, block: np.ndarray, times: int, rows: int) -> None:
    """A compressed TIFF of a block that comes again and again, without ever having it whole."""
    packed = [
        zlib.compress(block[at : at + rows].tobytes(), 1) for at in range(0, len(block), rows)
    ]
    tifffile.imwrite(
        path,
        (piece for _ in range(times) for piece in packed),
        shape=(times * len(block), block.shape[1]),
        dtype="uint16",
        compression="zlib",
        metadata=None,
        rowsperstrip=rows,
        bigtiff=True,
    )


def in_a_process(path: Path, limit: int, **roi: int) -> tuple[int, str]:
    """Most memory that measuring a ROI took where so much is allowed, and the digest."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path), str(limit), json.dumps(roi)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    peak, digest = json.loads(done.stdout)
    return peak, digest


def digest_in_memory(pixels: np.ndarray) -> str | None:
    image = AcqImage.from_array(pixels, line_period_s=0.001, pixel_size_um=0.5)
    return image.analyze("intensity").digest


@LINUX
def test_a_sparse_file_of_two_gigabytes_is_measured_under_500_mb(tmp_path: Path) -> None:
    path = tmp_path / "large.tif"
    block = streaks(20_000, 64)
    stored = tifffile.memmap(path, shape=(2_000_000, 512), dtype="uint16", metadata=None)
    stored[1_000_000:1_020_000, 100:164] = block
    stored.flush()
    del stored

    roi = {"row_start": 1_000_000, "row_stop": 1_020_000, "col_start": 100, "col_stop": 164}
    peak, digest = in_a_process(path, 500 * MB, **roi)

    assert peak < 500 * MB
    assert digest == digest_in_memory(block)


@LINUX
def test_a_compressed_recording_is_measured_in_less_memory_than_its_pixels(tmp_path: Path) -> None:
    path = tmp_path / "packed.tif"
    block = streaks(10_000, 512) >> 6 << 6
    write_packed(path, block, times=20, rows=500)  # 205 MB of pixels

    peak, digest = in_a_process(path, 350 * MB, col_start=100, col_stop=400)
    some = {"row_start": 10_000, "row_stop": 20_000, "col_start": 100, "col_stop": 164}
    part_peak, part_digest = in_a_process(path, 150 * MB, **some)

    assert peak < 350 * MB
    assert digest == digest_in_memory(np.tile(block[:, 100:400], (20, 1)))
    assert part_peak < 200 * MB
    assert part_digest == digest_in_memory(block[:, 100:164])


@pytest.mark.parametrize("analysis", ["radon_velocity", "diameter", "intensity", "flux"])
@pytest.mark.parametrize("byteorder", ["<", ">"])
def test_pixels_put_on_the_disk_give_the_same_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, analysis: str, byteorder: str
) -> None:
    path = tmp_path / "packed.tif"
    compression = "zlib" if byteorder == "<" else None
    tifffile.imwrite(
        path,
        streaks(4000, 96),
        compression=compression,
        byteorder=byteorder,
        rowsperstrip=100,
        metadata=None,
    )

    def measured() -> str | None:
        image = AcqImage(path)
        image.set_calibration(line_period_s=0.001, pixel_size_um=0.5)
        roi = image.add_roi(row_start=130, row_stop=3670, col_start=8, col_stop=80)
        if analysis == "flux":
            image.analyze("radon_velocity", roi_id=roi.roi_id)
        return image.analyze(analysis, roi_id=roi.roi_id).digest

    whole = measured()
    monkeypatch.setattr(laid_out_pixels, "_MOST_IN_MEMORY", 100_000)
    monkeypatch.setattr(laid_out_pixels, "_STRETCH_BYTES", 50_000)

    assert measured() == whole


@pytest.mark.parametrize("analysis", ["radon_velocity", "diameter", "intensity", "flux"])
def test_an_analysis_works_in_the_memory_it_says(analysis: str) -> None:
    pixels = streaks(30_000, 48)
    spec = get_analysis(analysis)
    scales = {"line_period_s": 0.001, "pixel_size_um": 0.5}
    inputs: tuple[AnalysisResult, ...] = ()
    if analysis == "flux":
        inputs = (get_analysis("radon_velocity").function(pixels, **scales),)
    else:
        spec.function(pixels[:2000], **scales)  # what is imported counts once

    tracemalloc.start()
    spec.function(pixels, *inputs, **scales)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    defaults = {each.name: each.default for each in spec.parameters}
    lines, width = pixels.shape
    assert peak < spec.memory.bytes_for(lines, width, defaults)


def test_what_is_needed_does_not_grow_with_a_file_that_is_decoded_by_rows(tmp_path: Path) -> None:
    sizes = []
    for times in (16, 48):
        path = tmp_path / f"{times}.tif"
        write_packed(path, noise(10_000, 512), times, rows=500)
        image = AcqImage(path)
        image.set_calibration(line_period_s=0.001, pixel_size_um=0.5)
        image.add_roi(row_stop=5000)
        sizes.append(bytes_needed(Measurement.of(image, "radon_velocity", 0, 1, {})))
    assert sizes[0] == pytest.approx(sizes[1], rel=0.1)
    assert sizes[1] < 200 * MB


def test_what_cannot_fit_is_refused_with_what_it_would_take(tmp_path: Path) -> None:
    path = tmp_path / "one strip.tif"
    tifffile.imwrite(
        path,
        np.tile(noise(20_000, 400), (10, 1)),
        compression="zlib",
        metadata=None,
        rowsperstrip=200_000,
    )
    folder = AcqImageList.from_folder(tmp_path)
    folder[0].set_calibration(line_period_s=0.001, pixel_size_um=0.5)
    folder[0].add_roi(row_stop=2000)

    (outcome,) = folder.analyze("intensity", memory_limit_mb=300).outcomes

    assert outcome.status == "failed"
    assert "it would take about" in outcome.error
    assert "the limit is 300 MB" in outcome.error

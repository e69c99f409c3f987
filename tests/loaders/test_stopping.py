"""A cancel is heard while a large compressed file is decoded, not only after."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from cloudscope import AcqImage, AcqImageList, AnalysisCancelled
from cloudscope.loaders import laid_out_pixels
from cloudscope.measurement import Measurement

LINES, STRETCH = 4000, 100


class Impatient:
    """A cancel flag that is set when it has been asked three times."""

    def __init__(self) -> None:
        self.asked = 0

    def is_set(self) -> bool:
        self.asked += 1
        return self.asked > 3


@pytest.fixture
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AcqImage:
    """A compressed recording that counts as large, in stretches of a hundred lines."""
    monkeypatch.setattr(laid_out_pixels, "_MOST_IN_MEMORY", 1000)
    monkeypatch.setattr(laid_out_pixels, "_STRETCH_BYTES", STRETCH * 40 * 2)
    pixels = np.random.default_rng(0).integers(0, 4000, (LINES, 40)).astype("uint16")
    path = tmp_path / "packed.tif"
    tifffile.imwrite(path, pixels, compression="zlib", rowsperstrip=STRETCH, metadata=None)
    image = AcqImage(path)
    image.set_calibration(line_period_s=0.001, pixel_size_um=0.5)
    return image


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many lines each decoded stretch had."""
    lengths: list[int] = []
    real = laid_out_pixels.LaidOutPixels._decoded_rows

    def noted(self: Any, *args: Any) -> Any:
        for block in real(self, *args):
            lengths.append(len(block))
            yield block

    monkeypatch.setattr(laid_out_pixels.LaidOutPixels, "_decoded_rows", noted)
    return lengths


def _analyzed(image: AcqImage, cancel: Any) -> None:
    image.analyze("intensity", cancel=cancel)


def _as_a_worker_does(image: AcqImage, cancel: Any) -> None:
    Measurement.of(image, "intensity", 0, 0, {}).run_from_file(None, cancel)


@pytest.mark.parametrize("measure", [_analyzed, _as_a_worker_does])
def test_cancelling_gives_up_the_rest_of_the_file(
    image: AcqImage, decoded: list[int], measure: Callable[[AcqImage, Any], None]
) -> None:
    with pytest.raises(AnalysisCancelled, match="while pixels were read"):
        measure(image, Impatient())

    assert 0 < sum(decoded) < LINES / 4
    assert not image.results


def test_a_batch_here_ends_and_the_recording_can_be_measured_later(
    image: AcqImage, decoded: list[int]
) -> None:
    report = AcqImageList([image]).analyze("intensity", workers=1, cancel=Impatient())

    assert [outcome.status for outcome in report.outcomes] == ["cancelled"]
    assert sum(decoded) < LINES / 4
    result = image.analyze("intensity")
    assert len(result.columns["time_s"]) == LINES


def test_who_looks_at_the_pixels_meanwhile_is_not_stopped(image: AcqImage) -> None:
    with pytest.raises(AnalysisCancelled):
        image.analyze("intensity", cancel=Impatient())
    assert image.kymograph().shape == (LINES, 40)

"""A vessel that beats, its diameter known and measured."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cloudscope.analysis.diameter import diameter
from cloudscope.analysis.result import AnalysisResult
from cloudscope.synthetic import DiameterTruth, diameter_kymograph, pulsatile_series


def measured(image: Any, **options: Any) -> AnalysisResult:
    return diameter(image, **{"line_period_s": 1e-3, "pixel_size_um": 0.25, **options})


def beating(**options: Any) -> DiameterTruth:
    series = pulsatile_series(1200, mean=10.0, amplitude=0.05, drift=0.08)
    return diameter_kymograph(series, **{"snr": 10.0, "seed": 4, **options})


def errors(result: AnalysisResult, truth: DiameterTruth) -> np.ndarray:
    return result.columns["diameter_um"] - truth.diameter_um


@pytest.fixture(scope="module")
def truth() -> DiameterTruth:
    return beating()


@pytest.fixture(scope="module")
def result(truth: DiameterTruth) -> AnalysisResult:
    return measured(truth.image, psf_sigma_um=truth.psf_sigma_um)

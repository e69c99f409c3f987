"""What is demanded of every analysis, whatever it is fed, and good inputs to start from."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, settings

from cloudscope.analysis.registry import Analysis, analysis_names, get_analysis
from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.samples import USABLE
from cloudscope.errors import CloudscopeError
from cloudscope.synthetic import (
    diameter_kymograph,
    pulsatile_series,
    transient_kymograph,
    velocity_kymograph,
)

ANALYSES = analysis_names()
OF_PIXELS = [name for name in ANALYSES if get_analysis(name).pixels]
OF_RESULTS = [name for name in ANALYSES if get_analysis(name).inputs]
SCALES = {"line_period_s": 1e-3, "pixel_size_um": 0.25}
SOME = settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.generate],  # every example is small: to make it smaller would take minutes
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
FEW = settings(SOME, max_examples=40)


def judged(analysis: Analysis, run: Callable[[], AnalysisResult]) -> AnalysisResult | None:
    """The result if there is one, held to what every result has to be."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            result = run()
    except CloudscopeError as error:
        words = str(error)
        assert words
        assert "\n" not in words
        return None
    columns = result.columns
    status = columns.get("status")
    usable = np.isin(status, USABLE) if status is not None else slice(None)
    assert list(columns) == [column.name for column in analysis.columns]
    for name, values in columns.items():
        assert values.ndim == 1
        assert values.dtype.kind in "biufU", f"{name} is of type {values.dtype}"
        if values.dtype.kind == "f":
            assert not np.isinf(values[usable]).any(), f"{name} holds infinite numbers"
    for name, value in result.summary.items():
        assert value is None or type(value) in (int, float, str), f"{name} is {type(value)}"
        assert not (isinstance(value, float) and np.isinf(value)), f"{name} is infinite"
    if "quality" in columns:
        quality = columns["quality"][np.isfinite(columns["quality"])]
        assert ((quality >= 0) & (quality <= 1)).all()
    if analysis.trace is not None:
        value = columns[analysis.trace.value]
        if status is not None:
            assert np.isfinite(value[usable]).all(), "a row says ok and holds no number"
        if analysis.trace.sd is not None:
            sd = columns[analysis.trace.sd]
            assert not (sd < 0).any()
    return result


def flow_image(lines: int, pixels: int) -> np.ndarray:
    return velocity_kymograph(700.0, lines=lines, pixels=pixels, snr=3.0, seed=1, **SCALES).image


def vessel_image(lines: int, pixels: int) -> np.ndarray:
    width = 0.4 * pixels * SCALES["pixel_size_um"]
    return diameter_kymograph(width, lines=lines, pixels=pixels, seed=1, **SCALES).image


def spec_of(wanted: Any) -> str:
    return "radon_velocity" if wanted.accepts == ("*",) else wanted.accepts[0]


@cache
def base_result(name: str) -> AnalysisResult:
    """A usual result of an analysis: 1.5 s of it."""
    analysis = get_analysis(name)
    image = transient_kymograph([0.4, 1.0], 0.5, lines=1500, pixels=6, seed=1).image
    if name == "diameter":
        image = vessel_image(1500, 48)
    elif name != "intensity":
        speed = pulsatile_series(1500, mean=700.0, drift=0.0)
        image = velocity_kymograph(speed, pixels=24, snr=3.0, seed=1, **SCALES).image
    inputs = [base_result(spec_of(given)) for given in analysis.inputs]
    arguments = [image, *inputs] if analysis.pixels else inputs
    scales = SCALES if analysis.pixels else {}
    return analysis.function(*arguments, **scales)

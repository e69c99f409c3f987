"""Whatever picture an analysis is fed, it refuses in a sentence or returns rows with a status."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudscope.analysis.registry import get_analysis
from cloudscope.analysis.result import AnalysisResult
from tests.odd_input import (
    ANALYSES,
    OF_PIXELS,
    SCALES,
    SOME,
    base_result,
    flow_image,
    judged,
    spec_of,
    vessel_image,
)


def noise_image(lines: int, pixels: int) -> np.ndarray:
    return np.random.default_rng(1).normal(50.0, 10.0, (lines, pixels))


def spoiled(image: np.ndarray, value: float) -> np.ndarray:
    image = image.astype(float)
    image[image.shape[0] // 2, image.shape[1] // 3] = value
    return image


def dark_half(image: np.ndarray) -> np.ndarray:
    image = image.copy()
    image[image.shape[0] // 2 :] = 0
    return image


PICTURES: dict[str, Callable[[int, int], np.ndarray]] = {
    "flow": flow_image,
    "vessel": vessel_image,
    "noise": noise_image,
}

TREATMENTS: dict[str, Callable[[np.ndarray], Any]] = {
    "as it is": lambda image: image,
    "inverted": lambda image: image.max() - image,
    "negative": lambda image: -image,
    "constant": lambda image: np.full(image.shape, 7.0),
    "black": lambda image: np.zeros(image.shape, np.uint8),
    "white": lambda image: np.full(image.shape, 255, np.uint8),
    "saturated": lambda image: np.clip(image * 4, 0, 255).astype(np.uint8),
    "one bit": lambda image: image > np.median(image),
    "signed": lambda image: (image - image.mean()).astype(np.int8),
    "half": lambda image: image.astype(np.float16),
    "whole numbers that are large": lambda image: (image * 1e15).astype(np.int64),
    "huge": lambda image: image.astype(float) * 1e280,
    "beyond all": lambda image: np.full(image.shape, 1e308),
    "next to nothing": lambda image: image.astype(float) * 1e-300,
    "a huge level": lambda image: image.astype(float) + 1e16,
    "NaN": lambda image: np.full(image.shape, np.nan),
    "a NaN": lambda image: spoiled(image, np.nan),
    "an infinity": lambda image: spoiled(image, np.inf),
    "a huge number": lambda image: spoiled(image, 1e200),
    "dark half": dark_half,
    "rows alike": lambda image: np.repeat(image[:1], image.shape[0], axis=0),
    "columns alike": lambda image: np.repeat(image[:, :1], image.shape[1], axis=1),
    "stripes": lambda image: np.broadcast_to(np.arange(image.shape[1]) % 2 * 9.0, image.shape),
    "alternating": lambda image: image * (np.arange(image.shape[0]) % 2)[:, None],
    "one spike": lambda image: spoiled(np.zeros(image.shape), 1000.0),
    "reversed view": lambda image: image[::-1, ::-1],
    "other order": np.asfortranarray,
    "a list": lambda image: image.tolist(),
    "masked": lambda image: np.ma.masked_greater(image, np.median(image)),
}

NO_PICTURES: dict[str, Any] = {
    "nothing": None,
    "a number": 3.0,
    "words": "kymograph",
    "a vector": np.zeros(200),
    "a stack": np.zeros((3, 200, 20)),
    "no lines": np.zeros((0, 20)),
    "no columns": np.zeros((200, 0)),
    "one pixel": np.zeros((1, 1)),
    "complex": np.zeros((200, 20), complex),
    "objects": np.full((200, 20), None),
    "text": np.full((200, 20), "a"),
    "times": np.zeros((200, 20), "m8[s]"),
    "ragged": [[1, 2, 3], [1, 2]],
    "a record": np.zeros((200, 20), [("a", float)]),
}

SHAPES = [(200, 40), (130, 5), (64, 4), (300, 1), (2, 40), (1, 64), (17, 17), (64, 150), (700, 3)]


def of_pixels(name: str, kymograph: Any, **options: Any) -> AnalysisResult | None:
    analysis = get_analysis(name)
    inputs = [base_result(spec_of(given)) for given in analysis.inputs]
    return judged(analysis, lambda: analysis.function(kymograph, *inputs, **{**SCALES, **options}))


@pytest.mark.parametrize("name", OF_PIXELS)
@SOME
@given(
    picture=st.sampled_from(sorted(PICTURES)),
    treatment=st.sampled_from(sorted(TREATMENTS)),
    shape=st.sampled_from(SHAPES),
)
def test_odd_pixels(name: str, picture: str, treatment: str, shape: tuple[int, int]) -> None:
    of_pixels(name, TREATMENTS[treatment](PICTURES[picture](*shape)))


@pytest.mark.parametrize("name", OF_PIXELS)
def test_every_treatment_once(name: str) -> None:
    for treat in TREATMENTS.values():
        of_pixels(name, treat(flow_image(100, 16)))


@pytest.mark.parametrize("name", OF_PIXELS)
def test_no_picture_at_all(name: str) -> None:
    for kymograph in NO_PICTURES.values():
        assert of_pixels(name, kymograph) is None


@pytest.mark.parametrize("name", OF_PIXELS)
@pytest.mark.parametrize("scale", ["line_period_s", "pixel_size_um"])
def test_scales_that_are_none(name: str, scale: str) -> None:
    image = flow_image(150, 24)
    for value in (0.0, -1.0, np.nan, np.inf, "1", True):
        assert of_pixels(name, image, **{scale: value}) is None
    for value in (1e-12, 1e12, 5, np.float32(0.001), None):
        of_pixels(name, image, **{scale: value})


@pytest.mark.parametrize("name", OF_PIXELS)
def test_pixels_are_left_as_they_were(name: str) -> None:
    image = flow_image(1500 if get_analysis(name).inputs else 150, 24)
    before = image.copy()
    first = of_pixels(name, image)
    assert np.array_equal(image, before)
    again = of_pixels(name, before)
    assert first is not None
    assert again is not None
    assert again.same_numbers(first)


@pytest.mark.parametrize("name", ANALYSES)
def test_the_usual_is_measured(name: str) -> None:
    """What is spoiled here and in `test_odd_results` is good: what is refused is the spoiling."""
    analysis = get_analysis(name)
    result = judged(analysis, lambda: base_result(name))
    assert result is not None
    assert next(iter(result.columns.values())).size > 0 or analysis.trace is None

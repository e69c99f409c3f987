"""Whatever an analysis is fed, it refuses in a sentence or returns rows that say what they are."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cloudscope.analysis.coupling import event_triggered_average
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


# ------------------------------------------------------------------------------- what is demanded


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


# ------------------------------------------------------------------------------- pixels


def flow_image(lines: int, pixels: int) -> np.ndarray:
    return velocity_kymograph(700.0, lines=lines, pixels=pixels, snr=3.0, seed=1, **SCALES).image


def vessel_image(lines: int, pixels: int) -> np.ndarray:
    width = 0.4 * pixels * SCALES["pixel_size_um"]
    return diameter_kymograph(width, lines=lines, pixels=pixels, seed=1, **SCALES).image


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


# ------------------------------------------------------------------------------- results


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


@dataclass(frozen=True)
class Spoiling:
    """How a table is spoiled: which rows stay, and what becomes of numbers, times and statuses."""

    rows: str = "all"
    numbers: str = "as they are"
    times: str = "as they are"
    status: str = "as it is"
    bounds: tuple[int, int, int, int] | None = None

    def of(self, result: AnalysisResult) -> AnalysisResult:
        """`result`, spoiled."""
        rows = ROWS[self.rows](np.arange(next(iter(result.columns.values())).size))
        columns = {name: np.array(values[rows]) for name, values in result.columns.items()}
        for name, values in columns.items():
            if name == "time_s":
                columns[name] = TIMES[self.times](values)
            elif values.dtype.kind == "f":
                spoiled_values = NUMBERS[self.numbers](values)
                # No analysis gives a quality that is not a share.
                columns[name] = (
                    np.clip(spoiled_values, 0, 1) if name == "quality" else spoiled_values
                )
            elif name == "status":
                columns[name] = STATUSES[self.status](values)
        made = result.with_numbers(columns=columns, summary=result.summary)
        return made if self.bounds is None else made.bound_to(bounds=self.bounds)


ROWS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "all": lambda rows: rows,
    "none": lambda rows: rows[:0],
    "one": lambda rows: rows[:1],
    "two": lambda rows: rows[:2],
    "few": lambda rows: rows[:7],
    "backwards": lambda rows: rows[::-1],
    "mixed": lambda rows: np.random.default_rng(0).permutation(rows),
    "with a hole": lambda rows: np.concatenate([rows[: rows.size // 3], rows[rows.size // 2 :]]),
    "each twice": lambda rows: np.repeat(rows, 2),
    "every ninth": lambda rows: rows[::9],
}


def one(values: np.ndarray, value: float) -> np.ndarray:
    values = values.copy()
    values[values.size // 2 : values.size // 2 + 1] = value
    return values


def every_third(values: np.ndarray, value: float) -> np.ndarray:
    values = values.copy()
    values[::3] = value
    return values


NUMBERS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "as they are": lambda values: values,
    "NaN": lambda values: np.full(values.shape, np.nan),
    "a NaN": lambda values: one(values, np.nan),
    "every third NaN": lambda values: every_third(values, np.nan),
    "infinite": lambda values: np.full(values.shape, np.inf),
    "an infinity": lambda values: one(values, -np.inf),
    "constant": lambda values: np.full(values.shape, 5.0),
    "zero": np.zeros_like,
    "negative": lambda values: -np.abs(values) - 1.0,
    "huge": lambda values: np.full(values.shape, 1e300) * (1 + np.arange(values.size) % 2),
    "a huge number": lambda values: one(values, 1e200),
    "next to nothing": lambda values: values * 1e-300,
    "steps": lambda values: np.where(np.arange(values.size) % 20 < 10, 1.0, 2.0),
    "alternating": lambda values: np.where(np.arange(values.size) % 2 == 0, 1.0, -1.0),
}

TIMES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "as they are": lambda times: times,
    "NaN": lambda times: np.full(times.shape, np.nan),
    "a NaN": lambda times: one(times, np.nan),
    "an infinity": lambda times: one(times, np.inf),
    "all the same": np.zeros_like,
    "negative": lambda times: times - 100.0,
    "far away": lambda times: times + 1e9,
    "uneven": lambda times: times**3,
    "huge": lambda times: times * 1e290,
}

STATUSES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "as it is": lambda status: status,
    "ok": lambda status: np.full(status.shape, "ok"),
    "no signal": lambda status: np.full(status.shape, "no signal"),
    "manual": lambda status: np.full(status.shape, "manual"),
    "strange": lambda status: np.full(status.shape, "whatever this is"),
}

SPOILINGS = st.builds(
    Spoiling,
    rows=st.sampled_from(sorted(ROWS)),
    numbers=st.sampled_from(sorted(NUMBERS)),
    times=st.sampled_from(sorted(TIMES)) | st.just("as they are"),
    status=st.sampled_from(sorted(STATUSES)) | st.just("ok"),
    bounds=st.sampled_from([None, (0, 1500, 0, 24), (400, 1900, 3, 27), (10**7, 10**7 + 9, 0, 9)]),
)


def of_results(name: str, spoilings: list[Spoiling]) -> AnalysisResult | None:
    analysis = get_analysis(name)
    inputs = [
        spoiling.of(base_result(spec_of(wanted)))
        for wanted, spoiling in zip(analysis.inputs, spoilings, strict=False)
    ]
    arguments = [flow_image(1500, 24), *inputs] if analysis.pixels else inputs
    scales = SCALES if analysis.pixels else {}
    return judged(analysis, lambda: analysis.function(*arguments, **scales))


@pytest.mark.parametrize("name", OF_RESULTS)
@FEW
@given(spoilings=st.lists(SPOILINGS, min_size=2, max_size=2))
def test_odd_results(name: str, spoilings: list[Spoiling]) -> None:
    of_results(name, spoilings)


@pytest.mark.parametrize("name", OF_RESULTS)
def test_every_spoiling_once(name: str) -> None:
    for spoiling in (
        *(Spoiling(rows=rows, status="ok") for rows in ROWS),
        *(Spoiling(numbers=numbers, status="ok") for numbers in NUMBERS),
        *(Spoiling(times=times, status="ok") for times in TIMES),
        *(Spoiling(status=status) for status in STATUSES),
    ):
        of_results(name, [spoiling, Spoiling()])
        if len(get_analysis(name).inputs) > 1:
            of_results(name, [Spoiling(), spoiling])
            of_results(name, [spoiling, spoiling])


@SOME
@given(spoiling=SPOILINGS, at=st.sampled_from([0.4, -3.0, 1e9]))
def test_an_average_around_events_of_odd_results(spoiling: Spoiling, at: float) -> None:
    """Neither an odd trace nor odd events end in anything but a sentence or finite numbers."""
    trace, peaks = base_result("radon_velocity"), base_result("intensity")
    for one_trace, events in (
        (spoiling.of(trace), [at, 1.0]),
        (trace, spoiling.of(peaks)),
        (spoiling.of(peaks), spoiling.of(peaks)),
    ):
        average = None
        with warnings.catch_warnings(), contextlib.suppress(CloudscopeError):
            warnings.simplefilter("error")
            average = event_triggered_average(one_trace, events, pre_s=0.1, post_s=0.3, shuffles=19)
        if average is None:
            continue
        table = average.table
        assert not np.isinf(table.select_dtypes("number").to_numpy(float)).any()
        assert table.loc[table["events"] > 0, "mean"].notna().all()


@pytest.mark.parametrize("name", ANALYSES)
def test_the_usual_is_measured(name: str) -> None:
    """The inputs that are spoiled above are good ones: what is refused there is the spoiling."""
    analysis = get_analysis(name)
    result = judged(analysis, lambda: base_result(name))
    assert result is not None
    assert next(iter(result.columns.values())).size > 0 or analysis.trace is None

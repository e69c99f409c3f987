"""Whatever number a generator is given, it draws finite values or names what is wrong."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cloudscope import synthetic
from cloudscope.errors import ParameterError

NEEDED: dict[str, dict[str, Any]] = {
    "velocity_kymograph": {"velocity_um_per_s": 300.0, "lines": 20, "pixels": 8},
    "two_stream_kymograph": {
        "velocity_um_per_s": 300.0, "second_velocity_um_per_s": -100.0, "lines": 20, "pixels": 8
    },
    "volume_flow_kymograph": {"velocity_um_per_s": 300.0, "diameter_um": 8.0, "lines": 20},
    "diameter_kymograph": {"diameter_um": 8.0, "lines": 20},
    "transient_kymograph": {"onset_s": [0.01], "lines": 100},
    "event_series": {"baseline_um_per_s": 3.0, "events": [], "lines": 20},
    "random_events": {"duration_s": 9.0},
    "beat_series": {"lines": 200, "mean": 3.0},
    "pulsatile_series": {"lines": 20, "mean": 1.0},
    "coupled_traces": {"samples": 200},
    "Detector": {},
}  # fmt: skip
NO_NUMBERS = {"events", "kinds", "velocity_options", "diameter_options", "bright_cells"}
ODD = (-1, 0, 0.5, 7.3, np.nan, np.inf, -np.inf, None, "x", [], (1.0,), (np.nan, 1.0))


def values_of(drawn: Any) -> Any:
    for name in ("image", "value", "velocity_um_per_s", "second"):
        if hasattr(drawn, name):
            return getattr(drawn, name)
    return drawn if isinstance(drawn, np.ndarray) else 0.0


@pytest.mark.parametrize("name", NEEDED)
def test_odd_numbers_are_drawn_or_named(name: str) -> None:
    generator: Callable[..., Any] = getattr(synthetic, name)
    for parameter in inspect.signature(generator).parameters.keys() - NO_NUMBERS:
        for value in ODD:
            try:
                drawn = generator(**{**NEEDED[name], parameter: value})
            except ParameterError as error:
                refused = str(error)
            else:
                refused = ""
                assert np.isfinite(values_of(drawn)).all(), f"{parameter}={value!r}"
            # Some depend on each other, and the other one is named.
            assert not refused or any(word in refused for word in (parameter, "count", "onset_s"))


def test_no_blur_and_no_noise_are_numbers_like_others() -> None:
    truth = synthetic.velocity_kymograph(
        500.0, lines=50, pixels=16, blur_sigma_um=0.0, snr=np.inf, bleaching=0.0, background=0.0
    )
    assert truth.noise_sd == 0
    assert 30 < truth.image.min() < truth.image.max() < 104


def test_an_unknown_kind_of_event_is_named() -> None:
    with pytest.raises(ParameterError, match="kinds="):
        synthetic.random_events(9.0, kinds=("pause",))

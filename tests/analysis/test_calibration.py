from __future__ import annotations

import pytest

from cloudscope.analysis.calibration import needed_scale
from cloudscope.errors import CalibrationError, ParameterError


def test_a_missing_scale_is_refused_with_what_to_do() -> None:
    with pytest.raises(CalibrationError, match=r"set_calibration\(pixel_size_um=") as caught:
        needed_scale("diameter", "pixel_size_um", None)
    assert str(caught.value).startswith("diameter needs the pixel size")


@pytest.mark.parametrize("value", [0, -1.0, float("nan"), float("inf"), True, "0.001"])
def test_a_scale_is_a_positive_number(value: object) -> None:
    with pytest.raises(ParameterError, match="line_period_s="):
        needed_scale("diameter", "line_period_s", value)  # type: ignore[arg-type]

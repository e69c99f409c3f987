from __future__ import annotations

import numpy as np
import pytest

from cloudscope.analysis.streaks.evidence import candidates, log_evidence


def test_candidates_are_the_highest_peaks_in_order() -> None:
    evidence = np.array([[9.0, 1, 5, 2, 7, 7, 3, 8, 0]])
    index, height = candidates(evidence, 4)
    np.testing.assert_array_equal(index[0, :3], [7, 5, 2])
    np.testing.assert_array_equal(height, [[8, 7, 5, -np.inf]])


@pytest.mark.parametrize("share", [0.06, 0.5, 0.95])
@pytest.mark.parametrize(("width", "true"), [(7, 2), (30, 10), (256, 40)])
def test_the_ray_that_holds_the_signal_has_the_evidence(
    share: float, width: int, true: int
) -> None:
    velocity = np.arange(-int(0.8 * width), int(0.8 * width) + 1)
    mean_rho = np.where(velocity == true, share, 0.0)[None]
    evidence = log_evidence(
        mean_rho, np.array([share]), velocity, width=width, window=64, cell_px=4.0
    )
    assert velocity[evidence.argmax()] == true
    assert np.all(np.isfinite(evidence))

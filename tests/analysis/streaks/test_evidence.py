from __future__ import annotations

import numpy as np
import pytest

from cloudscope.analysis.streaks.evidence import (
    EvidenceTable,
    best_span,
    candidates,
    log_evidence,
)


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


def test_a_shorter_span_is_preferred_only_for_clearly_more_evidence() -> None:
    whole = np.array([[100.0, 100.0, -50.0, 0.0]])
    shorter = np.array([[110.0, 300.0, -20.0, 3.0]])
    best, span = best_span(np.stack([shorter, whole]))
    np.testing.assert_array_equal(span, [[1, 0, 0, 1]])
    np.testing.assert_array_equal(best, [[100, 296, -24, 0]])


def test_a_pattern_that_keeps_step_for_long_has_more_evidence_than_many_short_ones() -> None:
    velocity = np.array([0.5, 2.0])
    rho, share = np.full((1, 2), 0.8), np.array([0.8])
    size = {"width": 60, "window": 64, "cell_px": 4.0}
    whole = log_evidence(rho, share, velocity, **size)
    short = log_evidence(rho, share, velocity, **size, steady_lines=8)
    assert np.all(whole > short)
    np.testing.assert_array_equal(
        whole, log_evidence(rho, share, velocity, **size, steady_lines=64)
    )


def test_the_table_is_the_evidence() -> None:
    velocity = np.linspace(-20, 20, 81)
    rng = np.random.default_rng(1)
    mean_rho, weight = rng.uniform(-0.1, 0.9, (2, 7, 81)), rng.uniform(1, 9, (2, 81))
    share, steady = rng.uniform(0.03, 0.95, 7), np.array([6.0, 64.0])
    size = {"width": 60, "window": 64, "cell_px": 4.0}
    table = EvidenceTable(velocity, weight, steady, **size)
    sums = (mean_rho * weight[:, None]).astype(np.float32)
    best, span = table.best(sums, share)
    wanted, wanted_span = best_span(
        np.stack(
            [
                log_evidence(rho, share, velocity, **size, steady_lines=lines)
                for rho, lines in zip(mean_rho, steady, strict=True)
            ]
        )
    )
    assert np.mean(span == wanted_span) > 0.95
    assert np.median(np.abs(best - wanted)) < 0.02 * np.median(np.abs(wanted))
    again = table.best(sums[:, 2:4], share[2:4])
    np.testing.assert_array_equal(again[0], best[2:4])

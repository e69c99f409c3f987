"""Plots of pools: every shape has the numbers it should, and dots are thinned, numbers are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cloudscope.errors import ParameterError
from cloudscope.pool import pool_statistics, pool_table
from cloudscope.pool.drawing import draw_pool
from cloudscope.pool.plot_parts import INK, PLOT_KINDS
from cloudscope.pool.shapes import bin_edges, box_numbers, cumulative_share, density
from tests.pool.folders import two_conditions


def some(n: int = 60, groups: int = 2, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "g": [f"g{i % groups}" for i in range(n)],
            "c": [f"c{i % 3}" for i in range(n)],
            "x": rng.normal(0, 1, n),
            "value": rng.normal(10, 2, n),
        }
    )


@pytest.mark.parametrize("kind", PLOT_KINDS)
def test_every_kind_draws_every_group(kind: str) -> None:
    plot = draw_pool(some(), kind, group_by=["g"])  # type: ignore[arg-type]
    colors = {part.color for part in [*plot.dots, *plot.curves]} - {INK}
    assert colors == {0, 1}
    assert [label for _, label in plot.legend] == ["g0", "g1"]
    assert plot.total == 60


def test_every_dot_stands_for_its_row() -> None:
    table = some(40)
    table.loc[7, "value"] = np.nan
    for kind in ("swarm", "scatter", "box"):
        plot = draw_pool(table, kind, group_by=["g"])  # type: ignore[arg-type]
        rows = np.concatenate([dots.rows for dots in plot.dots])
        assert sorted(rows) == [i for i in range(40) if i != 7]
        for dots in plot.dots:
            assert np.array_equal(dots.y, table["value"].to_numpy()[dots.rows])
            assert set(table["g"].to_numpy()[dots.rows]) == {dots.label}


def test_dots_of_a_swarm_do_not_overlap_at_the_size_asked_for() -> None:
    width, height = 300.0, 240.0
    plot = draw_pool(some(500), "swarm", group_by=["g"], width_px=width, height_px=height)
    x = np.concatenate([d.x for d in plot.dots]) * width / 2
    y = np.concatenate([d.y for d in plot.dots]) * height / np.ptp(plot.y_limits)
    apart = np.hypot(x[:, None] - x, y[:, None] - y) + 1e9 * np.eye(x.size)
    assert plot.drawn == 500
    assert apart.min() >= plot.dot_px * (1 - 1e-6)


def test_a_swarm_shows_means_with_their_intervals() -> None:
    table = pool_table(two_conditions(), "radon_velocity", group_by="condition")
    statistics = pool_statistics(table, "condition")
    plot = draw_pool(table, "swarm", group_by=["condition"], statistics=statistics)
    means = [float(c.y[0]) for c in plot.curves if c.wide]
    assert means == statistics["mean"].tolist()
    bars = [c for c in plot.curves if not c.wide]
    assert [float(np.nanmin(c.y)) for c in bars] == statistics["mean_ci95_low"].tolist()


def test_many_dots_are_thinned_and_the_extremes_stay() -> None:
    table = some(30_000, seed=4)
    for kind in ("swarm", "scatter"):
        plot = draw_pool(table, kind, group_by=["g"])  # type: ignore[arg-type]
        drawn = np.concatenate([d.y for d in plot.dots])
        assert plot.drawn <= 4000
        assert plot.total == 30_000
        assert drawn.max() == table["value"].max()
        assert drawn.min() == table["value"].min()
    histogram = draw_pool(table, "histogram", group_by=["g"])
    for curve, (_, part) in zip(histogram.curves, table.groupby("g"), strict=True):
        assert curve.y[1:-1:2].sum() == len(part)


def test_boxes_violins_and_shares_are_of_the_values() -> None:
    values = np.random.default_rng(1).normal(0, 1, 4000)
    box = box_numbers(values)
    assert (box.q25, box.median, box.q75) == tuple(np.percentile(values, (25, 50, 75)))
    at, share = density(values)
    truth = np.exp(-(at**2) / 2) / np.sqrt(2 * np.pi)
    assert np.abs(share - truth).max() < 0.02
    assert (at[0], at[-1]) == (values.min(), values.max())
    x, y = cumulative_share([3.0, 1.0, 2.0])
    assert x.tolist() == [1, 1, 2, 2, 3, 3]
    assert y[-1] == 1.0
    assert bin_edges([5.0, 5.0]).tolist() == [4.75, 5.25]


def test_more_groups_than_colors_are_said_to_share_one() -> None:
    plot = draw_pool(some(100, groups=12), "swarm", group_by=["g"])
    assert len(plot.x_labels) == 12
    assert plot.legend[-1] == (6, "6 others")


def test_a_group_that_nobody_named_is_said_so() -> None:
    table = pd.DataFrame({"g": ["a", "", None], "value": [1.0, 2.0, 3.0]})
    plot = draw_pool(table, "box", group_by=["g"])
    assert set(plot.x_labels) == {"a", "not said"}


def test_colors_of_another_column_stand_side_by_side() -> None:
    plot = draw_pool(some(), "box", group_by=["g"], color_by="c")
    filled = [curve for curve in plot.curves if curve.filled]
    assert len(filled) == 6
    centres = sorted(float(curve.x.mean()) for curve in filled)
    assert len({round(centre, 3) for centre in centres}) == 6


def test_one_value_a_group_and_none_at_all_are_drawn() -> None:
    one = pd.DataFrame({"g": ["a", "b"], "value": [1.0, 1.0]})
    for kind in PLOT_KINDS:
        plot = draw_pool(one, kind, group_by=["g"])
        assert plot.y_limits[0] < plot.y_limits[1]
        assert draw_pool(one.iloc[:0], kind, group_by=["g"]).total == 0


def test_wrong_kinds_and_columns_are_sentences() -> None:
    with pytest.raises(ParameterError, match="kind='pie'"):
        draw_pool(some(), "pie")  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="no column 'h'"):
        draw_pool(some(), group_by=["h"])

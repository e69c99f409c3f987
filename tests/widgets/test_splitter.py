"""`Splitter` keeps its size within its bounds."""

from __future__ import annotations

from cloudscope.widgets.splitter import Splitter


def test_value_stays_within_its_bounds() -> None:
    bar = Splitter(value=340, minimum=200, maximum=600)
    bar.value = 40
    assert bar.value == 200
    bar.value = 4000
    assert bar.value == 600
    assert repr(bar) == "Splitter(--left: 600 px)"

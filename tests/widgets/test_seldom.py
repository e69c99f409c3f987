"""Few changes are shown at once, thousands together."""

from __future__ import annotations

import asyncio

from cloudscope.widgets.seldom import Seldom


def test_few_calls_are_all_carried_out() -> None:
    shown: list[int] = []
    seldom = Seldom(lambda: shown.append(1))
    for _ in range(5):
        seldom()
    assert len(shown) == 5


def test_a_burst_is_shown_a_few_times_and_its_end_for_certain() -> None:
    value = 0
    shown: list[int] = []

    async def burst() -> None:
        nonlocal value
        seldom = Seldom(lambda: shown.append(value), calm=3, every_s=0.01)
        for _ in range(1000):
            value += 1
            seldom()
        await asyncio.sleep(0.05)
        seldom.close()

    asyncio.run(burst())
    assert len(shown) <= 5
    assert shown[-1] == 1000


def test_what_is_closed_shows_nothing_more() -> None:
    shown: list[int] = []

    async def burst() -> None:
        seldom = Seldom(lambda: shown.append(1), calm=1, every_s=0.01)
        seldom()
        seldom()
        seldom.close()
        await asyncio.sleep(0.03)

    asyncio.run(burst())
    assert shown == [1]


def test_without_a_loop_every_call_counts() -> None:
    shown: list[int] = []
    seldom = Seldom(lambda: shown.append(1), calm=1)
    for _ in range(4):
        seldom()
    assert len(shown) == 4

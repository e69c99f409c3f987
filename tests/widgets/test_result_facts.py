"""Numbers of a result in words: intervals in one line beside what they are of."""

from __future__ import annotations

from dataclasses import replace

from cloudscope.widgets.result_facts import summary_facts
from tests.widgets.small_app import recording


def facts(analysis: str, **summary: object) -> list[tuple[str, str]]:
    made = recording().analyze("intensity")
    return summary_facts(replace(made, analysis=analysis, summary=summary))


def test_an_interval_is_one_line_after_its_number() -> None:
    found = facts(
        "velocity_events",
        events_per_min=5.178,
        events_per_min_ci95_low=1.068,
        events_per_min_ci95_high=15.13,
        drops=3,
    )
    assert found == [
        ("events", "5.178 /min"),
        ("events, 95 %", "1.068 … 15.13 /min"),
        ("drops", "3"),
    ]


def test_the_unit_may_stand_behind_the_ends() -> None:
    found = facts(
        "x", beat_rate_bpm=300.0, beat_rate_ci95_low_bpm=290.0, beat_rate_ci95_high_bpm=310.0
    )
    assert found == [("beat rate", "300.0 bpm"), ("beat rate, 95 %", "290.0 … 310.0 bpm")]


def test_one_end_alone_stays_what_it_is() -> None:
    assert facts("x", lag_ci95_low_s=0.5) == [("lag ci95 low", "0.5000 s")]

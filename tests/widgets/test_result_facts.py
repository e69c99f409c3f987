"""Numbers of a result in words: intervals in one line beside what they are of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloudscope.acq_image import AcqImage
from cloudscope.synthetic import velocity_kymograph
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
        ("rate of events", "5.178 /min"),
        ("rate of events, 95 %", "1.068 … 15.13 /min"),
        ("drops", "3"),
    ]


def test_the_unit_may_stand_behind_the_ends() -> None:
    found = facts(
        "x", beat_rate_bpm=300.0, beat_rate_ci95_low_bpm=290.0, beat_rate_ci95_high_bpm=310.0
    )
    assert found == [("beat rate", "300.0 bpm"), ("beat rate, 95 %", "290.0 … 310.0 bpm")]


def test_one_end_alone_stays_what_it_is() -> None:
    assert facts("x", lag_ci95_low_s=0.5) == [("lag ci95 low", "0.5000 s")]


def test_shares_are_percents_and_what_cannot_be_by_chance_is_short() -> None:
    found = facts("x", saturated_share=0.0000514, false_alarm_probability=1e-58, last_event_id=3)
    assert found == [
        ("saturated pixels", "0.00514 %"),
        ("chance of a false alarm", "less than 0.0001"),
    ]
    assert facts("x", false_alarm_probability=0.25) == [("chance of a false alarm", "0.2500")]


@pytest.mark.parametrize("name", ["heart_rate", "beats", "flux", "intensity", "velocity_events"])
def test_no_two_numbers_of_a_result_have_one_name(name: str) -> None:
    truth = velocity_kymograph(400.0, lines=3000, pixels=32, seed=3)
    image = AcqImage.from_array(truth.image, line_period_s=1e-3, pixel_size_um=0.5)
    if name != "intensity":
        image.analyze("radon_velocity")
    found = [title for title, _ in summary_facts(image.analyze(name))]
    assert len(found) == len(set(found))
    assert not [title for title in found if "_" in title or "ci95" in title]

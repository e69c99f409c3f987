"""A row a window, result, recording or animal: what is averaged, what is left out, and why."""

from __future__ import annotations

import numpy as np
import pytest

from cloudscope.acq_image_list import AcqImageList
from cloudscope.errors import ParameterError
from cloudscope.pool import UNITS, group_choices, pool_table, pool_values
from tests.pool.folders import add_diameter, add_velocity, measured, two_conditions

VELOCITY = "radon_velocity"


def test_a_long_recording_weighs_no_more_than_a_short_one() -> None:
    images = [
        measured("long", [100.0] * 20, animal_id="a"),
        measured("short", [300.0] * 2, animal_id="a"),
        measured("other", [500.0] * 5, animal_id="b"),
    ]
    of_samples = pool_table(images, VELOCITY, unit="samples")
    assert len(of_samples) == 27
    recordings = pool_table(images, VELOCITY, "velocity_um_per_s", unit="recordings")
    assert recordings["value"].tolist() == [100.0, 300.0, 500.0]
    assert recordings["samples"].tolist() == [20, 2, 5]
    animals = pool_table(images, VELOCITY, "velocity_um_per_s", unit="animals")
    assert animals[["animal_id", "value", "recordings"]].to_numpy().tolist() == [
        ["a", 200.0, 2],
        ["b", 500.0, 1],
    ]


def test_rois_of_one_recording_are_averaged_before_recordings_are() -> None:
    image = measured("two", [100.0], animal_id="a")
    roi = image.add_roi(row_start=0, row_stop=400, col_start=0, col_stop=10)
    add_velocity(image, [200.0, 200.0, 200.0], roi_id=roi.roi_id)
    other = measured("one", [400.0], animal_id="a")
    assert pool_table([image, other], VELOCITY)["value"].tolist() == [100.0, 200.0, 400.0]
    recordings = pool_table([image, other], VELOCITY, unit="recordings")
    assert recordings["value"].tolist() == [150.0, 400.0]
    assert recordings["results"].tolist() == [2, 1]
    assert pool_table([image, other], VELOCITY, unit="animals")["value"].tolist() == [275.0]
    assert pool_table([image], VELOCITY, roi=roi.roi_id)["value"].tolist() == [200.0]


def test_an_animal_in_two_conditions_has_a_row_in_each() -> None:
    table = pool_table(two_conditions(), VELOCITY, unit="animals", group_by="condition")
    assert sorted(zip(table["animal_id"], table["condition"], strict=True)) == [
        (f"m{animal}", condition) for animal in range(3) for condition in ("drug", "sham")
    ]
    by_condition = table.groupby("condition")["value"].mean()
    assert by_condition["sham"] == pytest.approx(500, abs=15)
    assert by_condition["drug"] == pytest.approx(600, abs=15)


def test_what_differs_among_what_was_averaged_is_empty() -> None:
    table = pool_table(two_conditions(1), VELOCITY, unit="animals")
    assert table.loc[0, "animal_id"] == "m0"
    assert table["depth_um"].isna().all()
    assert table["condition"].isna().all()


def test_what_is_left_out_is_counted_by_reason() -> None:
    kept = measured("kept", [1.0, 2.0, 3.0], status=["ok", "ok", "low signal"])
    rejected = measured("rejected", [9.0])
    rejected.accepted = False
    stale = measured("stale", [9.0])
    stale.set_calibration(line_period_s=0.002)
    images = [kept, rejected, stale]
    table = pool_table(images, VELOCITY, unit="samples")
    assert table["value"].tolist() == [1.0, 2.0]
    assert table.attrs["left_out"] == {
        "rejected recordings": 1,
        "stale results": 1,
        "samples not accepted": 1,
    }
    everything = pool_table(images, VELOCITY, judged="all", fresh_only=False)
    assert everything["name"].tolist() == ["kept", "rejected", "stale"]
    kept.accepted = True
    assert pool_table(images, VELOCITY, judged="accepted")["name"].tolist() == ["kept"]
    animals = pool_table(images, VELOCITY, unit="animals")
    assert not len(animals)
    assert animals.attrs["left_out"]["recordings without an animal id"] == 1


def test_a_filter_asks_recordings_results_and_samples() -> None:
    images = two_conditions()
    assert len(pool_table(images, VELOCITY, filter="condition:sham depth_um>=100")) == 3
    assert len(pool_table(images, VELOCITY, filter="-drug m1_")) == 2
    fast = pool_table(images, VELOCITY, unit="samples", filter="sham velocity_um_per_s>500")
    assert 0 < len(fast) < 3 * 40
    assert fast["value"].min() > 500
    assert set(fast["condition"]) == {"sham"}
    with pytest.raises(ParameterError, match="no column 'flavour'"):
        pool_table(images, VELOCITY, filter="flavour:sweet")


def test_a_second_number_from_metadata_or_from_another_analysis() -> None:
    images = two_conditions(1)
    for number, image in enumerate(images):
        add_diameter(image, [4.0 + number] * 5)
    table = pool_table(images, VELOCITY, x="diameter.diameter_median_um")
    assert table["x"].tolist() == [4.0, 5.0, 6.0, 7.0]
    assert pool_table(images, VELOCITY, x="depth_um")["x"].tolist() == [0.0, 50.0, 100.0, 150.0]
    averaged = pool_table(images, VELOCITY, unit="animals", x="diameter.diameter_median_um")
    assert averaged["x"].tolist() == [5.5]


def test_velocities_of_both_directions_can_be_pooled_as_speeds() -> None:
    images = [measured("to", [100.0]), measured("fro", [-300.0])]
    assert pool_table(images, VELOCITY)["value"].tolist() == [100.0, -300.0]
    assert pool_table(images, VELOCITY, absolute=True)["value"].tolist() == [100.0, 300.0]
    both_ways = [measured("both", [100.0, -300.0])]
    speed = pool_table(both_ways, VELOCITY, "velocity_um_per_s", unit="recordings", absolute=True)
    assert speed["value"].tolist() == [200.0]


def test_times_count_from_the_first_line_of_the_recording() -> None:
    image = measured("a", [1.0])
    roi = image.add_roi(row_start=100, row_stop=400, col_start=0, col_stop=20)
    add_velocity(image, [1.0, 2.0], roi_id=roi.roi_id)
    table = pool_table([image], VELOCITY, unit="samples", roi=roi.roi_id)
    np.testing.assert_allclose(table["time_in_recording_s"], [0.1315, 0.1475])


def test_nothing_to_pool_is_an_empty_table_with_its_columns() -> None:
    for unit in UNITS:
        table = pool_table([], VELOCITY, unit=unit, group_by="condition")
        assert len(table) == 0
        assert {"value", "path", "condition"} <= set(table.columns)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"unit": "windows"}, "unit='windows' is not allowed"),
        ({"average": "mode"}, "average='mode' is not allowed"),
        ({"value": "colour"}, "there is no value 'colour'"),
        ({"value": "windows", "unit": "samples"}, "one number a result"),
        ({"group_by": "mood"}, "group_by='mood'"),
        ({"x": "mood"}, "x='mood'"),
    ],
)
def test_wrong_arguments_are_sentences(wrong: dict[str, str], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        pool_table([measured("a", [1.0])], VELOCITY, **wrong)  # type: ignore[arg-type]


def test_choices_offer_what_is_there() -> None:
    images = two_conditions(1)
    values = {value.name: value for value in pool_values(images, VELOCITY)}
    assert list(values)[:2] == ["velocity_median_um_per_s", "velocity_um_per_s"]
    assert values["velocity_um_per_s"].of_samples
    assert not values["velocity_um_per_s"].of_results
    assert values["windows"].of_results
    groups = group_choices(images, VELOCITY)
    assert list(groups)[:2] == ["animal_id", "depth_um"]
    assert groups["condition"] == "Condition"
    assert "species" not in groups


def test_paths_are_those_within_the_folder() -> None:
    images = AcqImageList(two_conditions(1))
    assert pool_table(images, VELOCITY)["path"].tolist() == ["m0_0", "m0_1", "m0_2", "m0_3"]

from __future__ import annotations

import pytest

from cloudscope.errors import RoiError
from cloudscope.roi import Roi, checked_rois


def make(**changes: object) -> Roi:
    values = {"roi_id": 1, "row_start": 10, "row_stop": 20, "col_start": 4, "col_stop": 16}
    return Roi(**{**values, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"row_stop": 10},
        {"col_start": -1},
        {"col_start": 16},
        {"roi_id": 0},
        {"row_start": 1.5},
        {"row_start": "a"},
        {"row_start": True},
        {"row_stop": float("nan")},
    ],
)
def test_impossible_bounds_are_refused_by_name(changes: dict[str, object]) -> None:
    with pytest.raises(RoiError, match=next(iter(changes)).split("_")[0]):
        make(**changes)


def test_a_whole_float_is_a_whole_number() -> None:
    assert make(row_start=3.0).row_start == 3


def test_moving_past_the_border_keeps_the_size() -> None:
    assert make().edited(100, 20, col_start=-6, col_stop=6).bounds == (10, 20, 0, 12)
    assert make().edited(100, 20, row_start=95, row_stop=105).bounds == (90, 100, 4, 16)


def test_resizing_past_the_border_keeps_the_other_edge() -> None:
    assert make().edited(100, 20, col_stop=40).bounds == (10, 20, 4, 20)
    assert make().edited(100, 20, row_start=-40).bounds == (0, 20, 4, 16)


def test_resizing_to_nothing_is_refused() -> None:
    with pytest.raises(RoiError, match="empty"):
        make().edited(100, 20, col_stop=4)


def test_a_roi_larger_than_the_image_is_cut_to_it() -> None:
    assert make(col_stop=400).clamped(15, 12).bounds == (5, 15, 0, 12)


def test_values_survive_a_dict_and_unknown_keys_are_left_out() -> None:
    roi = make(name="artery", note="n", color="#ff0000", locked=True)
    assert Roi.from_dict({**roi.to_dict(), "later": 1}) == roi


def test_a_dict_without_bounds_names_what_is_missing() -> None:
    with pytest.raises(RoiError, match="row_stop"):
        Roi.from_dict({"roi_id": 1, "row_start": 0, "col_start": 0, "col_stop": 4})


def test_double_ids_and_rois_outside_are_refused() -> None:
    with pytest.raises(RoiError, match="used twice"):
        checked_rois([make(), make()], 100, 20)
    with pytest.raises(RoiError, match="outside the recording of 15 lines"):
        checked_rois([make()], 15, 20)


def test_transposing_twice_is_nothing() -> None:
    assert make().transposed().bounds == (4, 16, 10, 20)
    assert make().transposed().transposed() == make()

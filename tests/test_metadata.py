from __future__ import annotations

import pickle

import pytest

from cloudscope.errors import ParameterError
from cloudscope.metadata import (
    ExperimentMetadata,
    HeaderCorrections,
    ImageHeader,
    experiment_fields,
)


def header(**changes: object) -> ImageHeader:
    values = {"format": "TIFF", "kind": "line_scan", "lines": 100, "pixels": 20}
    return ImageHeader(**{**values, **changes})


@pytest.mark.parametrize("value", [0, -1.0, float("nan"), float("inf"), "fast", True])
@pytest.mark.parametrize("name", ["line_period_s", "pixel_size_um"])
def test_a_scale_is_a_positive_number_or_unknown(name: str, value: object) -> None:
    for make in (header, HeaderCorrections):
        with pytest.raises(ParameterError, match=name):
            make(**{name: value})


def test_what_a_file_does_not_say_is_none() -> None:
    assert header().line_period_s is None
    assert header().duration_s is None
    assert header().width_um is None


def test_corrections_win_and_say_that_the_user_made_them() -> None:
    said = header(line_period_s=0.001, line_period_source="txt")
    now = HeaderCorrections(line_period_s=0.002, pixel_size_um=0.5).apply(said)
    assert (now.line_period_s, now.line_period_source) == (0.002, "user")
    assert now.pixel_size_um == 0.5
    assert HeaderCorrections().apply(said) == said


def test_swapping_the_time_axis_swaps_lines_and_pixels_and_keeps_the_period() -> None:
    said = header(line_period_s=0.001, pixel_size_um=0.3, row_size_um=0.7)
    swapped = HeaderCorrections(time_axis="columns").apply(said)
    assert (swapped.lines, swapped.pixels) == (20, 100)
    assert (swapped.line_period_s, swapped.pixel_size_um) == (0.001, 0.7)
    assert swapped.time_axis_source == "user"


def test_headers_cross_to_another_process_and_through_json() -> None:
    full = header(channel_names=("a", "b"), channels=2, raw={"k": "v"}, warnings=("odd",))
    assert pickle.loads(pickle.dumps(full)) == full
    assert ImageHeader.from_dict(full.to_dict() | {"later": 1}) == full


def test_metadata_is_typed() -> None:
    metadata = ExperimentMetadata(
        species=" mouse ", depth_um="120", branch_order="3", extra={"a": 1, "b": " x "}
    )
    assert metadata.species == "mouse"
    assert metadata.depth_um == 120.0
    assert metadata.branch_order == 3
    assert metadata.extra == {"a": 1, "b": "x"}
    assert pickle.loads(pickle.dumps(metadata)) == metadata


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sex", "girl"),
        ("vessel_type", "pipe"),
        ("depth_um", "deep"),
        ("depth_um", -1),
        ("branch_order", 1.5),
        ("date", "22.7.2025"),
        ("species", 3),
        ("depth_um", True),
    ],
)
def test_a_wrong_value_names_field_value_and_what_is_allowed(field: str, value: object) -> None:
    with pytest.raises(ParameterError, match=field) as caught:
        ExperimentMetadata(**{field: value})
    assert repr(value) in str(caught.value)
    assert "give" in str(caught.value)


def test_free_fields_need_a_name_that_is_not_taken() -> None:
    with pytest.raises(ParameterError, match="name"):
        ExperimentMetadata(extra={" ": "x"})
    with pytest.raises(ParameterError, match="species"):
        ExperimentMetadata(extra={"species": "x"})


def test_an_unknown_field_is_refused_with_those_there_are() -> None:
    with pytest.raises(ParameterError, match="specis"):
        ExperimentMetadata().replace(specis="mouse")


def test_the_fields_a_lab_needs_are_there() -> None:
    names = {spec.name for spec in experiment_fields()}
    assert names >= {
        "species", "strain", "sex", "age", "genotype", "condition", "treatment", "animal_id",
        "region", "vessel_id", "vessel_type", "branch_order", "depth_um", "date", "experimenter",
        "note",
    }  # fmt: skip
    assert all(spec.title and spec.group for spec in experiment_fields())

"""NWB: what stands in the file, what it asks for, and that the inspector finds nothing wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest

import cloudscope as cs
from cloudscope.export import write_nwb
from cloudscope.optics import Laser, Optics
from tests.export.inspected import bad_messages

pynwb = pytest.importorskip("pynwb")

BEGUN = "2025-07-22T14:30:00+02:00"


@pytest.fixture(scope="module")
def written(in_memory: cs.AcqImage, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("nwb") / "scan.nwb"
    return write_nwb(in_memory, path, session_start_time=BEGUN)


@pytest.fixture(scope="module")
def content(written: Path) -> Any:
    with pynwb.NWBHDF5IO(written, "r") as reader:
        yield reader.read()


def test_the_inspector_finds_no_violation(written: Path) -> None:
    assert bad_messages(written) == []


def test_a_recording_without_rois_region_and_results_passes_too(tmp_path: Path) -> None:
    image = cs.AcqImage.from_array(np.ones((50, 9), "u1"), line_period_s=0.001)
    subject = {"subject_id": "m1", "species": "rat", "sex": "U", "age": "P90D"}
    path = write_nwb(
        image, tmp_path / "a.nwb", session_start_time=BEGUN, subject=subject, location="cortex"
    )
    assert bad_messages(path) == []


def test_subject_device_channels_and_session(content: Any) -> None:
    subject = content.subject
    assert (subject.subject_id, subject.species, subject.sex, subject.age, subject.strain) == (
        "A89", "Mus musculus", "F", "P12W", "C57BL/6J",
    )  # fmt: skip
    assert content.session_start_time == datetime(2025, 7, 22, 12, 30, tzinfo=UTC)
    plane = content.imaging_planes["imaging_plane"]
    assert [channel.name for channel in plane.optical_channel] == ["FITC", "Texas Red"]
    assert plane.device is content.devices["microscope"]
    assert plane.location == "Isocortex"
    assert plane.grid_spacing[:].tolist() == pytest.approx([0.284e-6] * 2)
    assert "cage: 7" in content.notes


def test_the_settings_of_the_microscope_go_along(tmp_path: Path) -> None:
    optics = Optics(objective="XLPLN25XWMP2", lasers=(Laser(name="MaiTai", wavelength_nm=920.0),))
    image = cs.AcqImage.from_array(np.ones((50, 9), "u1"), line_period_s=0.001)
    image.set_trait("header", image.header.replace(optics=optics))
    image.edit_experiment(species="rat", sex="male", age="P30", animal_id="1", region="kidney")
    out = write_nwb(image, tmp_path / "a.nwb", session_start_time=BEGUN)
    with pynwb.NWBHDF5IO(out, "r") as reader:
        plane = reader.read().imaging_planes["imaging_plane"]
        assert plane.excitation_lambda == 920.0
        assert "XLPLN25XWMP2" in plane.device.description


def test_pixels_with_the_line_rate(content: Any, in_memory: cs.AcqImage) -> None:
    for channel in range(2):
        series = content.acquisition[f"kymograph_channel_{channel}"]
        assert np.array_equal(series.data[:], in_memory.frame(channel))
        assert series.rate == pytest.approx(1 / in_memory.header.line_period_s)
        assert series.starting_time == 0.0


def test_rois_and_results_with_units(content: Any, in_memory: cs.AcqImage) -> None:
    module = content.processing["ophys"]
    rois = module["ImageSegmentation"]["rois"]
    assert rois.id[:].tolist() == [1]
    assert rois["roi_name"][0] == "vessel"
    assert [x for x, _, _ in rois["pixel_mask"][0]] == list(range(3, 20))
    result = in_memory.result("radon_velocity", 0, 1)
    assert result is not None
    table = module["radon_velocity_channel_0_roi_1"]
    for name, values in result.columns.items():
        stored = table[name].data[:]
        assert (
            np.array_equal(stored, values, equal_nan=values.dtype.kind == "f")
            if values.dtype.kind != "U"
            else list(stored) == values.tolist()
        )
    assert "µm/s" in table["velocity_um_per_s"].description
    series = module["radon_velocity_channel_0_roi_1_velocity_um_per_s"]
    assert series.unit == "µm/s"
    assert series.starting_time == pytest.approx(
        result.columns["time_s"][0] + 100 * in_memory.header.line_period_s
    )


def test_how_each_result_came_about(content: Any, in_memory: cs.AcqImage) -> None:
    module = content.processing["ophys"]
    results = module["results"].to_dataframe().set_index("result")
    row = results.loc["diameter_channel_0_roi_1"]
    kept = in_memory.result("diameter", 0, 1)
    assert kept is not None
    assert (row["row_start"], row["col_stop"], row["digest"]) == (100, 20, kept.digest)
    assert row["stale_reason"] == "fresh"
    parameters = module["result_parameters"].to_dataframe()
    given = parameters[parameters["parameter"] == "average_lines"]
    assert given["value"].tolist() == ["20"]
    summaries = module["result_summaries"].to_dataframe().set_index(["result", "quantity"])
    median = summaries.loc[("radon_velocity_channel_0_roi_1", "velocity_median_um_per_s")]
    assert median["unit"] == "µm/s"


def test_stopping_in_the_middle_of_the_pixels_leaves_nothing(tmp_path: Path) -> None:
    image = cs.AcqImage.from_array(np.ones((200_000, 40), "u2"), line_period_s=0.001)
    image.edit_experiment(species="rat", sex="male", age="P30", animal_id="1", region="kidney")
    stop, shares = Event(), []

    def progress(share: float) -> None:
        shares.append(share)
        if share > 0.4:
            stop.set()

    with pytest.raises(cs.AnalysisCancelled):
        write_nwb(
            image, tmp_path / "a.nwb", session_start_time=BEGUN, progress=progress, cancel=stop
        )
    assert 0.4 < max(shares) < 0.9
    assert list(tmp_path.iterdir()) == []


def test_everything_that_is_missing_is_asked_for_at_once(tmp_path: Path) -> None:
    image = cs.AcqImage.from_array(np.zeros((50, 9)), name="scan")
    image.edit_experiment(species="gerbil", age="old")
    with pytest.raises(cs.ExportError) as caught:
        write_nwb(image, tmp_path / "a.nwb")
    words = str(caught.value)
    assert words.startswith("scan: NWB asks for the time the recording began")
    for part in (
        "the animal id",
        "it is 'gerbil'",
        "the sex",
        "it is 'old'",
        "the region",
        "Metadata",
    ):
        assert part in words
    assert list(tmp_path.iterdir()) == []


def test_without_a_line_period_there_is_no_rate(tmp_path: Path) -> None:
    image = cs.AcqImage.from_array(np.zeros((50, 9), "u1"), name="scan")
    subject = {"subject_id": "m1", "species": "rat", "sex": "U", "age": "P90D"}
    given: dict[str, Any] = {
        "session_start_time": BEGUN, "subject": subject, "location": "kidney",
    }  # fmt: skip
    with pytest.raises(cs.ExportError, match="the line period is not known"):
        write_nwb(image, tmp_path / "a.nwb", **given)
    write_nwb(image, tmp_path / "a.nwb", pixels=False, **given)
    with pynwb.NWBHDF5IO(tmp_path / "a.nwb", "r") as reader:
        assert not reader.read().acquisition


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"path": "a.h5"}, "ends in .nwb"),
        ({"subject": {"name": "x"}}, "subject has no 'name'"),
        ({"session_start_time": "yesterday"}, "it is 'yesterday'"),
        ({"subject": {"subject_id": "a/b"}}, "without a slash"),
    ],
)
def test_what_does_not_fit_is_one_sentence(
    in_memory: cs.AcqImage, tmp_path: Path, given: dict[str, Any], words: str
) -> None:
    options = {"session_start_time": BEGUN, "path": "a.nwb"} | given
    with pytest.raises(cs.ExportError, match=words):
        write_nwb(in_memory, tmp_path / options.pop("path"), **options)

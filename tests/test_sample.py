"""The sample folder: its files are read back as written, and the analyses find its truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cloudscope.acq_image_list import AcqImageList
from cloudscope.analysis.registry import get_analysis
from cloudscope.errors import CloudscopeError
from cloudscope.sample import SampleFolder, read_sample_folder, write_sample_folder


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SampleFolder:
    return write_sample_folder(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="module")
def images(sample: SampleFolder) -> AcqImageList:
    return AcqImageList.from_folder(sample.path)


def test_every_file_opens_as_a_line_scan_calibrated_by_the_file(
    sample: SampleFolder, images: AcqImageList
) -> None:
    assert not images.failures
    assert [image.name for image in images] == [r.file for r in sample.recordings]
    for recording in sample.recordings:
        header = images[recording.file].header
        assert header.kind == "line_scan"
        assert header.time_axis == "rows"
        assert header.line_period_s == pytest.approx(recording.line_period_s, rel=1e-9)
        assert header.pixel_size_um == pytest.approx(recording.pixel_size_um, rel=1e-9)
        assert header.warnings == ()


def test_the_kinds_of_recordings_are_those_promised(
    sample: SampleFolder, images: AcqImageList
) -> None:
    assert {images[r.file].header.format for r in sample.recordings} == {
        "ImageJ TIFF",
        "OME-TIFF",
        "TIFF with Olympus text header",
    }
    assert images["03_two_channels.ome.tif"].header.channel_names == ("cells", "plasma")
    assert len(next(r for r in sample.recordings if "two_vessels" in r.file).rois) == 2
    assert images["04_narrow_and_weak.tif"].header.pixels == 9


def test_pixels_are_12_bit_counts_without_saturation(images: AcqImageList) -> None:
    for image in images:
        for channel in range(image.header.channels):
            pixels = image.kymograph(channel)
            assert pixels.dtype == np.uint16
            assert 0 <= pixels.min() < pixels.max() < 4095
        image.release_pixels()


def test_the_folder_is_small(sample: SampleFolder) -> None:
    assert sum(file.stat().st_size for file in sample.path.iterdir()) < 15e6


def test_rois_and_metadata_fit_the_models(sample: SampleFolder, images: AcqImageList) -> None:
    for recording in sample.recordings:
        header = images[recording.file].header
        assert recording.experiment.species == "mouse"
        for roi in recording.rois:
            assert 0 <= roi.row_start < roi.row_stop <= header.lines
            assert 0 <= roi.col_start < roi.col_stop <= header.pixels
        for truth in recording.truths:
            assert truth.channel < header.channels
            assert 1 <= truth.roi_id <= len(recording.rois)


def test_the_analyses_find_the_truth(sample: SampleFolder, images: AcqImageList) -> None:
    for recording in sample.recordings:
        image = images[recording.file]
        for truth in recording.truths:
            roi = recording.rois[truth.roi_id - 1]
            pixels = image.kymograph(truth.channel)[
                roi.row_start : roi.row_stop, roi.col_start : roi.col_stop
            ]
            result = get_analysis(truth.analysis).function(
                pixels,
                line_period_s=image.header.line_period_s,
                pixel_size_um=image.header.pixel_size_um,
            )
            found = result.summary[truth.quantity]
            assert found == pytest.approx(truth.value, rel=0.03), (recording.file, truth)
            assert np.mean(result.columns["status"] == "ok") > 0.9, (recording.file, truth)


def test_writing_again_changes_nothing(sample: SampleFolder) -> None:
    before = {file.name: file.stat().st_mtime_ns for file in sample.path.iterdir()}
    again = write_sample_folder(sample.path)
    assert again.recordings == sample.recordings
    assert {file.name: file.stat().st_mtime_ns for file in sample.path.iterdir()} == before


def test_the_truth_comes_back_from_the_folder(sample: SampleFolder) -> None:
    assert read_sample_folder(sample.path).recordings == sample.recordings


def test_a_file_of_the_user_is_never_overwritten(tmp_path: Path) -> None:
    mine = tmp_path / "01_capillary.tif"
    mine.write_bytes(b"my own recording")
    with pytest.raises(CloudscopeError, match=r"01_capillary\.tif.*overwrite=True"):
        write_sample_folder(tmp_path)
    assert mine.read_bytes() == b"my own recording"
    assert list(tmp_path.iterdir()) == [mine]
    write_sample_folder(tmp_path, overwrite=True)
    assert mine.stat().st_size > 100_000


def test_a_file_in_the_way_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "sample").write_text("a file")
    with pytest.raises(CloudscopeError, match="cannot be written"):
        write_sample_folder(tmp_path / "sample")


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"format": "other", "version": 1}'])
def test_a_foreign_truth_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "truth.json").write_text(text)
    with pytest.raises(CloudscopeError, match=r"truth\.json is not the truth"):
        read_sample_folder(tmp_path)


def test_no_truth_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CloudscopeError, match="write the sample first"):
        read_sample_folder(tmp_path)

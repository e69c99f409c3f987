"""Where sidecars stand, and putting together what two people did."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import tifffile

from cloudscope import AcqImage, AcqImageList, sidecar
from cloudscope.errors import ParameterError, SidecarConflict, SidecarError

CALIBRATION = {"line_period_s": 0.001, "pixel_size_um": 0.5}


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    folder.mkdir()
    path = folder / "scan.npy"
    np.save(path, np.random.default_rng(0).normal(100, 10, (200, 30)).astype(np.float32))
    return path


@pytest.fixture
def two(recording: Path) -> tuple[AcqImage, AcqImage]:
    """Two people with one recording: calibrated, one ROI, one result."""
    first = AcqImage(recording)
    first.set_calibration(**CALIBRATION)
    first.add_roi(name="vessel", col_stop=20)
    first.analyze("intensity", roi_id=1)
    first.save()
    return first, AcqImage(recording)


def saved(image: AcqImage) -> AcqImage:
    assert image.path is not None
    return AcqImage(image.path)


class TestMerge:
    def test_changes_of_both_stand_together(self, two):
        mine, theirs = two
        theirs.accepted = True
        theirs.edit_roi(1, name="artery")
        theirs.experiment = theirs.experiment.replace(species="mouse", extra={"cage": "7"})
        theirs.analyze("intensity")
        theirs.save()
        mine.edit_roi(1, col_stop=25)
        mine.experiment = mine.experiment.replace(extra={"rig": "2"})
        with pytest.raises(SidecarConflict, match="merge"):
            mine.save()

        report = mine.merge_saved()
        mine.save()

        assert report.clashes == ()
        assert report.renumbered == {}
        both = saved(mine)
        assert both.accepted is True
        assert (both.roi(1).name, both.roi(1).col_stop) == ("artery", 25)
        assert both.experiment.species == "mouse"
        assert dict(both.experiment.extra) == {"cage": "7", "rig": "2"}
        assert {key[2] for key in both.results} == {0, 1}
        assert not mine.dirty

    def test_what_both_changed_is_listed_and_decided(self, two):
        mine, theirs = two
        theirs.edit_roi(1, name="artery")
        theirs.accepted = False
        theirs.save()
        mine.edit_roi(1, name="vein")
        mine.accepted = True

        asked = mine.preview_merge()
        assert {clash.where for clash in asked.clashes} == {"accepted", "ROI 1 name"}
        assert mine.roi(1).name == "vein"  # a preview changes nothing

        report = mine.merge_saved("mine", choices={"ROI 1 name": "theirs"})

        (name,) = (clash for clash in report.clashes if clash.where == "ROI 1 name")
        assert (name.base, name.mine, name.theirs, name.taken) == (
            "vessel", "vein", "artery", "theirs",
        )  # fmt: skip
        assert (mine.roi(1).name, mine.accepted) == ("artery", True)

    def test_rois_made_by_both_keep_apart_with_their_results(self, two):
        mine, theirs = two
        theirs.add_roi(name="theirs", col_start=5)
        theirs.analyze("intensity", roi_id=2)
        theirs.save()
        mine.add_roi(name="mine", col_start=10)
        mine.analyze("intensity", roi_id=2)
        wanted = mine.result("intensity", 0, 2)

        report = mine.merge_saved()

        assert report.renumbered == {2: 3}
        assert [(roi.roi_id, roi.name) for roi in mine.rois] == [
            (1, "vessel"), (2, "theirs"), (3, "mine"),
        ]  # fmt: skip
        kept = mine.result("intensity", 0, 3)
        assert kept.same_numbers(wanted)
        assert mine.stale_reason(kept) is None
        mine.save()
        again = saved(mine)
        assert again.result("intensity", 0, 3).same_numbers(wanted)
        assert again.result("intensity", 0, 2).bounds[2] == 5
        assert again.add_roi().roi_id == 4

    def test_a_merge_is_one_step_and_its_undo_brings_the_conflict_back(self, two):
        mine, theirs = two
        theirs.add_roi(name="theirs")
        theirs.analyze("intensity", roi_id=2)
        theirs.save()
        mine.add_roi(name="mine", col_start=10)
        mine.analyze("intensity", roi_id=2)
        before, results = mine.rois, dict(mine.results)

        mine.merge_saved()
        merged, together = mine.rois, dict(mine.results)
        assert mine.undo() == "merge with what was saved"

        assert mine.rois == before
        assert {k: id(r) for k, r in mine.results.items()} == {k: id(r) for k, r in results.items()}
        with pytest.raises(SidecarConflict):
            mine.save()
        mine.redo()
        assert mine.rois == merged
        assert {k: id(r) for k, r in mine.results.items()} == {
            k: id(r) for k, r in together.items()
        }
        mine.save()

    def test_a_roi_deleted_there_and_worked_on_here_is_a_clash(self, two):
        mine, theirs = two
        theirs.delete_roi(1)
        theirs.save()
        mine.analyze("diameter", roi_id=1)

        report = mine.merge_saved("theirs")
        assert [clash.where for clash in report.clashes] == ["ROI 1"]
        assert mine.rois == ()
        assert mine.results == {}
        mine.undo()
        mine.merge_saved("mine")
        assert {key[0] for key in mine.results} == {"intensity", "diameter"}
        mine.save()

    def test_a_roi_deleted_there_and_untouched_here_goes(self, two):
        mine, theirs = two
        theirs.delete_roi(1)
        theirs.save()
        mine.accepted = True

        report = mine.merge_saved()

        assert report.clashes == ()
        assert mine.rois == ()
        assert mine.results == {}

    def test_who_corrected_what_goes_along(self, two):
        mine, theirs = two
        theirs.user = "Ada"
        theirs.set_calibration(line_period_s=0.002)
        theirs.save()
        mine.user = "Ben"
        mine.set_calibration(pixel_size_um=0.3)

        mine.merge_saved()

        assert (mine.corrections.line_period_s, mine.corrections.pixel_size_um) == (0.002, 0.3)
        assert mine.corrections.stamp("line_period_s").by == "Ada"
        assert mine.corrections.stamp("pixel_size_um").by == "Ben"

    def test_time_axis_swapped_there_turns_my_rois_too(self, two):
        mine, theirs = two
        theirs.swap_time_axis()
        theirs.save()
        new = mine.add_roi(row_start=10, row_stop=50, col_start=3, col_stop=9)

        mine.merge_saved()

        assert mine.header.time_axis == "columns"
        assert mine.roi(new.roi_id).bounds == (3, 9, 10, 50)
        assert mine.roi(1).bounds == theirs.roi(1).bounds

    def test_nothing_is_lost_where_the_sidecar_was_removed(self, two):
        mine, _ = two
        path = mine.sidecar_path
        raw = json.loads(path.read_bytes())
        raw["of another program"] = {"kept": 1}
        path.write_text(json.dumps(raw))
        mine.reload()
        path.unlink()
        mine.accepted = True
        with pytest.raises(SidecarConflict):
            mine.save()

        mine.merge_saved()
        mine.save()

        again = saved(mine)
        assert again.accepted is True
        assert again.result("intensity", 0, 1).table.shape[0] > 0
        assert json.loads(path.read_bytes())["of another program"] == {"kept": 1}

    def test_wrong_choices_change_nothing(self, two):
        mine, theirs = two
        theirs.accepted = True
        theirs.save()
        mine.accepted = False
        with pytest.raises(ParameterError, match="'ours' is not allowed"):
            mine.merge_saved("ours")
        with pytest.raises(ParameterError, match="no clash 'ROI 9'; both changed accepted"):
            mine.merge_saved(choices={"ROI 9": "mine"})
        assert mine.accepted is False

    def test_an_unreadable_sidecar_is_not_merged(self, two):
        mine, _ = two
        mine.accepted = True
        mine.sidecar_path.write_text("{")
        with pytest.raises(SidecarError, match="not merged"):
            mine.merge_saved()
        assert mine.accepted is True


@pytest.fixture
def several(tmp_path: Path) -> Path:
    path = tmp_path / "scans.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as tif:
        for number, name in enumerate(("overview", "vessel 1", "vessel 2")):
            pixels = np.full((200 + number, 30), number + 1, np.uint16)
            tif.write(pixels, metadata={"axes": "YX", "Name": name, "PhysicalSizeX": 0.1 + number})
    return path


class TestSeveralImages:
    def test_each_is_a_recording_with_pixels_and_sidecars_of_its_own(self, several):
        images = [AcqImage(several, image=number) for number in range(3)]

        assert [image.name for image in images] == [
            "scans.ome.tif · overview", "scans.ome.tif · vessel 1", "scans.ome.tif · vessel 2",
        ]  # fmt: skip
        assert [image.image_index for image in images] == [0, 1, 2]
        assert [image.header.pixel_size_um for image in images] == pytest.approx([0.1, 1.1, 2.1])
        assert [image.sidecar_path.name for image in images] == [
            "scans.ome.tif.json", "scans.ome.tif.image-1.json", "scans.ome.tif.image-2.json",
        ]  # fmt: skip
        for number, image in enumerate(images):
            assert image.kymograph().shape == (200 + number, 30)
            image.set_calibration(line_period_s=0.001)
            result = image.analyze("intensity")
            image.save()
            again = AcqImage(several, image=image.image_name)
            assert again.result("intensity").same_numbers(result)
            assert again.kymograph().max() == number + 1

    def test_a_folder_lists_every_image_and_measures_them_in_workers(self, several):
        folder = AcqImageList.from_folder(several.parent)

        assert [image.image_index for image in folder] == [0, 1, 2]
        paths = [folder.relative_path(image) for image in folder]
        assert len(set(paths)) == 3
        assert folder["scans.ome.tif · vessel 1"] is folder[1]
        for image in folder:
            image.set_calibration(line_period_s=0.001)
        report = folder.analyze("intensity", workers=2, save=True)
        assert len(report.done) == 3
        again = AcqImageList.from_folder(several.parent)
        means = [image.result("intensity").table.iloc[:, -1].dropna() for image in again]
        assert len(means) == 3
        assert len(again) == 3
        assert all(image.stale_reason(image.result("intensity")) is None for image in again)
        folder.refresh()
        assert [image.image_index for image in folder] == [0, 1, 2]

    def test_sidecars_of_every_image_are_known_as_such(self, several):
        image = AcqImage(several, image=2)
        image.set_calibration(line_period_s=0.001)
        image.analyze("intensity")
        image.save()
        copy = image.save_copy()
        names = {path.name for path in several.parent.iterdir()} - {several.name}
        assert all(sidecar.is_sidecar(name) for name in names)
        assert copy.name.startswith("scans.ome.copy-")
        assert copy.name.endswith(".tif.image-2.json")

    def test_an_image_that_changed_places_is_not_mixed_up(self, several):
        image = AcqImage(several, image=1)
        image.accepted = True
        image.save()
        with tifffile.TiffWriter(several, ome=True) as tif:
            for name in ("overview", "vessel 0", "vessel 1"):
                tif.write(np.ones((200, 30), np.uint16), metadata={"axes": "YX", "Name": name})

        other = AcqImage(several, image=1)

        assert other.accepted is None
        assert other.sidecar_unreadable
        assert "belongs to the image 'vessel 1'" in other.problems[0]
        with pytest.raises(SidecarError):
            other.save()
        other.set_aside_sidecar()
        other.save()


class TestResultsFolder:
    def test_sidecars_are_mirrored_and_found_again(self, tmp_path, recording):
        inner = recording.parent / "day 1" / "scan.npy"
        inner.parent.mkdir()
        np.save(inner, np.ones((100, 20), np.float32))
        results = tmp_path / "results"

        folder = AcqImageList.from_folder(recording.parent, results_folder=results)
        for image in folder:
            image.set_calibration(**CALIBRATION)
            image.analyze("intensity")
            image.save()

        assert (results / "day 1" / "scan.npy.json").is_file()
        assert (results / "scan.npy.intensity.csv").is_file()
        assert sorted(p.name for p in recording.parent.iterdir()) == ["day 1", "scan.npy"]
        again = AcqImageList.from_folder(recording.parent, results_folder=results)
        assert all(image.result("intensity").table.shape[0] for image in again)
        assert not again.dirty
        assert not again[0].problems
        one = AcqImage(inner, results_folder=results, folder=recording.parent)
        assert one.result("intensity") is not None
        assert AcqImage(inner).result("intensity") is None

    def test_sidecars_beside_the_file_are_where_it_begins(self, tmp_path, two):
        mine, _ = two
        there = mine.sidecar_path.read_bytes()

        image = AcqImage(mine.path, results_folder=tmp_path / "results")
        assert image.roi(1).name == "vessel"
        assert not image.dirty
        image.edit_roi(1, name="here")
        image.save()

        again = AcqImage(mine.path, results_folder=tmp_path / "results")
        assert again.roi(1).name == "here"
        assert again.result("intensity", 0, 1).same_numbers(mine.result("intensity", 0, 1))
        assert mine.sidecar_path.read_bytes() == there

    def test_those_of_another_file_of_the_name_are_not_taken(self, tmp_path, recording):
        image = AcqImage(recording, results_folder=tmp_path / "results")
        image.accepted = True
        image.save()
        np.save(recording, np.zeros((200, 30), np.float32))

        other = AcqImage(recording, results_folder=tmp_path / "results")

        assert other.accepted is None
        assert other.sidecar_unreadable
        assert "belongs to another file of this name" in other.problems[0]

    @pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
    def test_a_read_only_folder_names_the_way_out(self, recording):
        recording.parent.chmod(0o555)
        try:
            image = AcqImage(recording)
            image.accepted = True
            with pytest.raises(SidecarError, match=r"results_folder=.*--results FOLDER"):
                image.save()
        finally:
            recording.parent.chmod(0o755)

    def test_a_results_folder_that_cannot_be_made(self, tmp_path, recording):
        (tmp_path / "file").write_bytes(b"")
        image = AcqImage(recording, results_folder=tmp_path / "file")
        image.accepted = True
        with pytest.raises(SidecarError, match="the results folder cannot be made"):
            image.save()
        assert image.dirty

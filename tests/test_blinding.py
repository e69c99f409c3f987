"""Reading recordings blind: codes, what is hidden, what is locked."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from cloudscope import export_recordings, metadata_sheet, plan_import, pool_table, tidy_tables
from cloudscope.acq_image_list import AcqImageList
from cloudscope.blinding import Blinding
from cloudscope.blinding_file import BLINDING_NAME
from cloudscope.errors import BlindingError, ParameterError
from cloudscope.sheets import read_metadata_sheet
from cloudscope.veil import Veil, hide_names
from tests.two_groups import NAMES, leaked, write_two_groups


@pytest.fixture(autouse=True)
def no_veil_stays() -> Iterator[None]:
    """Names of these recordings are hidden for as long as their list is kept: until here."""
    yield
    gc.collect()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return write_two_groups(tmp_path / "mouse 7")


def codes_of(folder: AcqImageList) -> dict[str, str]:
    return dict(folder.blinding.codes)


class TestCodes:
    def test_the_same_seed_and_recordings_give_the_same_codes_in_any_order(self) -> None:
        one = Blinding.start(NAMES, "Ann", seed=5)
        other = Blinding.start(reversed(NAMES), "Bob", seed=5)
        assert dict(one.codes) == dict(other.codes)
        assert dict(one.codes) != dict(Blinding.start(NAMES, "Ann", seed=6).codes)
        assert sorted(one.codes.values()) == [f"R-00{n}" for n in range(1, 6)]

    def test_codes_are_what_this_seed_has_always_given(self) -> None:
        codes = Blinding.start(["a", "b", "c", "d"], "Ann", seed=1).codes
        assert dict(codes) == {"d": "R-001", "b": "R-002", "c": "R-003", "a": "R-004"}

    def test_every_order_is_about_as_likely(self) -> None:
        firsts = [min(Blinding.start("abcd", "x", seed=s).codes.items(), key=lambda i: i[1])[0]
                  for s in range(400)]  # fmt: skip
        counts = [firsts.count(path) for path in "abcd"]
        assert min(counts) > 65
        assert max(counts) < 140

    def test_one_that_joins_changes_no_code(self) -> None:
        begun = Blinding.start(NAMES[:3], "Ann", seed=5)
        more = begun.with_recordings(NAMES)
        assert {path: more.codes[path] for path in begun.codes} == dict(begun.codes)
        assert sorted(more.codes.values())[3:] == ["R-004", "R-005"]
        assert more.log[-1].kind == "joined"
        assert more.with_recordings(NAMES) is more

    def test_an_accent_is_the_same_however_the_system_writes_it(self) -> None:
        begun = Blinding.start(["ä.tif"], "Ann", seed=1)
        assert begun.code_of("ä.tif") == "R-001"

    @pytest.mark.parametrize("seed", [-1, 2**60, 1.5, True])
    def test_a_seed_that_is_none_is_refused(self, seed: object) -> None:
        with pytest.raises(ParameterError, match="seed="):
            Blinding.start(NAMES, "Ann", seed=seed)  # type: ignore[arg-type]

    def test_a_reader_without_a_name_is_refused(self) -> None:
        with pytest.raises(ParameterError, match="say who reads"):
            Blinding.start(NAMES, "  ")


class TestReadingBlind:
    def test_names_are_codes_in_shuffled_order_until_unblinded(self, place: Path) -> None:
        folder = AcqImageList.from_folder(place)
        before = [image.name for image in folder]
        folder.start_blinding("Ann", seed=11)
        assert folder.blinded
        assert [image.name for image in folder] == [image.blind_code for image in folder]
        shown = [image.name for image in folder]
        assert shown == sorted(shown)
        assert [image.path.name for image in folder] != before
        assert folder["R-001"] is next(i for i in folder if i.name == "R-001")
        for text in (
            repr(folder[0]),
            repr(folder.plan("intensity")),
            folder.relative_path(folder[0]),
        ):
            assert not leaked(text)
        folder.unblind("all are judged", by="Ann")
        assert [image.name for image in folder] == before
        assert folder[0].blind_code == codes_of(folder)["drug/b7.npy"]

    def test_it_is_blind_again_when_opened_again(self, place: Path) -> None:
        folder = AcqImageList.from_folder(place)
        folder.start_blinding("Ann")
        again = AcqImageList.from_folder(place)
        assert again.blinded
        assert [image.name for image in again] == [image.name for image in folder]
        assert codes_of(again) == codes_of(folder)

    def test_a_part_of_a_blinded_folder_is_blind_too(self, place: Path) -> None:
        whole = AcqImageList.from_folder(place)
        whole.start_blinding("Ann")
        part = AcqImageList.from_folder(place / "sham")
        codes = codes_of(whole)
        assert sorted(i.name for i in part) == sorted(codes[n] for n in NAMES if "sham" in n)
        one = AcqImageList.from_folder(place / "drug" / "b7.npy")
        assert [image.name for image in one] == [codes["drug/b7.npy"]]

    def test_a_folder_of_which_a_part_is_blind_is_not_opened(self, place: Path) -> None:
        AcqImageList.from_folder(place / "sham").start_blinding("Ann")
        with pytest.raises(BlindingError, match="open it by itself"):
            AcqImageList.from_folder(place)

    def test_rows_and_columns_of_the_table_tell_nothing(self, place: Path) -> None:
        folder = AcqImageList.from_folder(place)
        folder.start_blinding("Ann")
        with pytest.raises(ParameterError, match="no column 'condition'"):
            folder.filter(condition="sham")
        with pytest.raises(ParameterError, match="no column"):
            folder.group_by("folder")
        assert len(folder.filter("sham")) == 0
        assert len(folder.filter("R-00")) == 5
        table = folder.to_dataframe()
        assert not leaked(table.to_csv())
        assert table["name"].tolist()[-1] == folder.name_of(folder.failures[0])
        code = folder.images[0].name
        kept = folder.filter(code)
        assert [kept.relative_path(image) for image in kept] == [code]

    def test_files_that_cannot_be_read_have_codes_too(self, place: Path) -> None:
        folder = AcqImageList.from_folder(place)
        folder.start_blinding("Ann")
        (failure,) = folder.failures
        assert folder.name_of(failure) == codes_of(folder)["drug/broken1.tif"]
        assert not leaked(folder.reason_of(failure))

    def test_what_names_groups_is_refused(self, place: Path, tmp_path: Path) -> None:
        sheet = metadata_sheet(AcqImageList.from_folder(place))
        sheet.to_csv(tmp_path / "sheet.csv", index=False)
        folder = AcqImageList.from_folder(place)
        folder.start_blinding("Ann")
        for doing in (
            lambda: export_recordings(folder, "csv", tmp_path / "out"),
            lambda: pool_table(folder, "intensity"),
            lambda: tidy_tables(folder),
            lambda: metadata_sheet(folder),
            lambda: plan_import(folder, read_metadata_sheet(tmp_path / "sheet.csv")),
        ):
            with pytest.raises(BlindingError, match="unblind them first"):
                doing()
        assert not (tmp_path / "out").exists()

    def test_what_is_judged_and_drawn_is_saved_with_the_recording(self, place: Path) -> None:
        folder = AcqImageList.from_folder(place)
        folder.start_blinding("Ann")
        image = folder[1]
        image.accepted = False
        image.add_roi(name="wall", col_stop=9)
        image.edit_experiment(note="drifts")
        path = image.path
        assert folder.save().saved == (image.blind_code,)
        folder.unblind("done")
        (found,) = [i for i in AcqImageList.from_folder(place) if i.path == path]
        assert (found.accepted, found.rois[0].name) == (False, "wall")
        assert found.experiment.note == "drifts"
        assert found.experiment.condition == path.parent.name

    def test_one_that_joins_later_has_a_code_at_once(self, place: Path) -> None:
        folder = AcqImageList.from_folder(place)
        folder.start_blinding("Ann")
        codes = codes_of(folder)
        np.save(place / "sham" / "late1.npy", np.ones((60, 8), "u2"))
        folder.refresh()
        assert folder.images[-1].name == "R-007"
        assert codes.items() <= codes_of(folder).items()
        assert codes_of(AcqImageList.from_folder(place)) == codes_of(folder)
        assert [e.kind for e in folder.blinding.log] == ["started", "joined"]

    def test_codes_can_be_cited_after_unblinding(self, place: Path) -> None:
        folder = AcqImageList.from_folder(place)
        blinding = folder.start_blinding("Ann")
        with pytest.raises(BlindingError, match="once the recordings are unblinded"):
            blinding.to_dataframe()
        folder.analyze("intensity", workers=1)
        folder.unblind("done")
        table = folder.blinding.to_dataframe()
        assert table.columns.tolist() == ["blind_code", "path", "name"]
        codes = dict(zip(table["path"], table["blind_code"], strict=True))
        for made in (
            tidy_tables(folder)["recordings"],
            tidy_tables(folder)["intensity"],
            pool_table(folder, "intensity", unit="recordings"),
            folder.to_dataframe().dropna(subset="blind_code"),
        ):
            assert {codes[path] for path in made["path"]} == set(made["blind_code"])
        code = folder.images[-1].blind_code
        assert [i.blind_code for i in folder.filter(blind_code=code)] == [code]

    def test_a_second_reading_has_codes_of_its_own(self, place: Path) -> None:
        folder = AcqImageList.from_folder(place)
        folder.start_blinding("Ann", seed=1)
        folder.unblind("first reading done")
        folder.start_blinding("Ann", seed=2)
        assert all(image.name.startswith("R2-00") for image in folder)
        kept = json.loads((place / BLINDING_NAME).read_text("utf-8"))["blindings"]
        assert [one["seed"] for one in kept] == [1, 2]


class TestLock:
    def test_parameters_are_those_of_the_start(self, place: Path) -> None:
        folder = AcqImageList.from_folder(place)
        folder.start_blinding("Ann", parameters={"radon_velocity": {"window_lines": 32}})
        image = folder[0]
        assert image.analyze("radon_velocity").parameters["window_lines"] == 32
        assert image.analyze("radon_velocity", window_lines=32).parameters["window_lines"] == 32
        with pytest.raises(
            BlindingError, match=r"window_lines=64 is not allowed: while R-00\d is read blind"
        ):
            image.analyze("radon_velocity", window_lines=64)
        report = folder.analyze("radon_velocity", workers=1, window_lines=64)
        assert len(report.failed) == 5
        folder.analyze("radon_velocity", workers=1)
        plan = folder.plan("radon_velocity", skip_fresh=True)
        assert (len(plan.fresh), len(plan.to_measure)) == (5, 0)
        folder.unblind("done")
        result = image.analyze("radon_velocity", window_lines=64)
        assert result.parameters["window_lines"] == 64

    def test_a_parameter_that_is_none_locks_nothing(self, place: Path) -> None:
        folder = AcqImageList.from_folder(place)
        with pytest.raises(ParameterError, match="window_linse"):
            folder.start_blinding("Ann", parameters={"radon_velocity": {"window_linse": 32}})
        assert not folder.blinded
        assert not (place / BLINDING_NAME).exists()


class TestVeil:
    def test_every_way_to_write_a_name(self) -> None:
        veil = Veil({"sham/a12.tif": "R-001", "drug/a12b.tif": "R-002"}, ["/data/mouse 7"])
        for text, shown in (
            ("/data/mouse 7/sham/a12.tif: empty", "R-001: empty"),
            ("C:\\x\\SHAM\\A12.TIF is gone", "C:\\x\\R-001 is gone"),
            ("a12b.tif.json", "R-002.json"),
            ("a12 and a12b", "R-001 and R-002"),
            ("/elsewhere/sham/notes.txt", "/elsewhere/…/notes.txt"),
            ("/data/mouse 7/cloudscope.toml", "[hidden folder]/cloudscope.toml"),
            ("no sham, a12bc, 12", "no sham, a12bc, 12"),
        ):
            assert veil.over(text) == shown

    def test_a_name_that_two_have_stands_for_neither(self) -> None:
        veil = Veil({"a/scan 1.tif": "R-001", "b/scan 1.tif": "R-002"}, [])
        assert veil.over("scan 1.tif: empty") == "[hidden]: empty"
        assert veil.over("b/scan 1.tif: empty") == "R-002: empty"

    def test_it_falls_with_the_blinding(self, place: Path) -> None:
        folder = AcqImageList.from_folder(place)
        folder.start_blinding("Ann")
        assert not leaked(hide_names(f"{place / NAMES[0]}: empty"))
        folder.unblind("done")
        gc.collect()  # those of other tests
        assert leaked(hide_names(f"{place / NAMES[0]}: empty"))

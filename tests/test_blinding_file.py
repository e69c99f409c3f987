"""The file of a blinding: its log, damage to it, where it is kept."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudscope.acq_image_list import AcqImageList
from cloudscope.blinding_file import BLINDING_NAME
from cloudscope.errors import BlindingError, UnknownNameError
from tests.two_groups import write_two_groups


@pytest.fixture(autouse=True)
def no_veil_stays() -> Iterator[None]:
    """Names of these recordings are hidden for as long as their list is kept: until here."""
    yield
    gc.collect()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return write_two_groups(tmp_path / "mouse 7")


class TestLog:
    def test_who_did_what_when_and_why(self, place: Path) -> None:
        folder = AcqImageList.from_folder(place)
        folder.start_blinding("Ann")
        folder.log_reading("opened", by="Ann")
        path = folder.look_behind("r-002", "the file may be damaged", by="Ben")
        assert folder.blinding.codes[path] == "R-002"
        folder.log_reading("closed", by="Ann")
        folder.unblind("all are\njudged", by="Cleo")
        (kept,) = json.loads((place / BLINDING_NAME).read_text("utf-8"))["blindings"]
        said = [(e["kind"], e["by"], e["code"], e["reason"]) for e in kept["log"]]
        assert said == [
            ("started", "Ann", "", ""),
            ("opened", "Ann", "", ""),
            ("looked", "Ben", "R-002", "the file may be damaged"),
            ("closed", "Ann", "", ""),
            ("unblinded", "Cleo", "", "all are judged"),
        ]

    def test_nothing_is_shown_without_a_reason(self, place: Path) -> None:
        folder = AcqImageList.from_folder(place)
        folder.start_blinding("Ann")
        with pytest.raises(BlindingError, match="say why"):
            folder.unblind(" ")
        with pytest.raises(BlindingError, match="say why"):
            folder.look_behind("R-001", "")
        with pytest.raises(UnknownNameError, match="R-001 to R-006"):
            folder.look_behind("R-099", "curious")
        assert folder.blinded
        assert len(folder.blinding.log) == 1

    def test_two_who_read_write_one_log(self, place: Path) -> None:
        one = AcqImageList.from_folder(place)
        one.start_blinding("Ann")
        two = AcqImageList.from_folder(place)
        one.log_reading("opened", by="Ann")
        two.log_reading("opened", by="Bob")
        two.unblind("done", by="Bob")
        assert [entry.by for entry in two.blinding.log] == ["Ann", "Ann", "Bob", "Bob"]
        with pytest.raises(BlindingError, match="not read blind any more"):
            one.log_reading("closed", by="Ann")


class TestFileFaults:
    @pytest.mark.parametrize(
        "damage",
        [
            lambda text: text[: len(text) // 2],
            lambda text: "",
            lambda text: "[]",
            lambda text: text.replace('"1.0"', '"9.0"'),
            lambda text: text.replace('"seed"', '"sead"'),
            lambda text: text.replace('"kind": "started"', '"kind": "unblinded"'),
            lambda text: text.replace('"reason": ""', '"reason": "no reason"', 1),
            lambda text: text.replace('"R-001"', '"R-009"'),
            lambda text: text.replace('"R-001"', '"R-002"'),
            lambda text: text.replace('"seed": 4', '"seed": 5'),
        ],
    )
    def test_names_stay_hidden_and_the_file_as_it_is(self, place: Path, damage: object) -> None:
        AcqImageList.from_folder(place).start_blinding("Ann", seed=4)
        file = place / BLINDING_NAME
        broken = damage(file.read_text("utf-8"))  # type: ignore[operator]
        file.write_text(broken, "utf-8")
        with pytest.raises(BlindingError, match="the recordings stay closed"):
            AcqImageList.from_folder(place)
        assert file.read_text("utf-8") == broken

    def test_an_entry_taken_out_of_the_log_shows(self, place: Path) -> None:
        folder = AcqImageList.from_folder(place)
        folder.start_blinding("Ann")
        folder.look_behind("R-001", "curious")
        folder.log_reading("closed")
        file = place / BLINDING_NAME
        raw = json.loads(file.read_text("utf-8"))
        del raw["blindings"][0]["log"][1]
        file.write_text(json.dumps(raw), "utf-8")
        with pytest.raises(BlindingError, match="entry 2 of its log"):
            AcqImageList.from_folder(place)

    def test_a_log_that_cannot_be_written_shows_nothing(
        self, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = AcqImageList.from_folder(place)
        folder.start_blinding("Ann")
        before = (place / BLINDING_NAME).read_bytes()

        def full(path: Path, data: bytes) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("cloudscope.blinding_file.replace_file", full)
        for doing in (lambda: folder.unblind("done"), lambda: folder.look_behind("R-001", "why")):
            with pytest.raises(BlindingError, match="No space left"):
                doing()
        assert folder.blinded
        assert folder[0].name.startswith("R-00")
        assert (place / BLINDING_NAME).read_bytes() == before

    def test_where_the_folder_is_read_only_it_is_kept_with_the_results(
        self, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from cloudscope.sidecar import atomic

        def guarded(path: Path, data: bytes) -> None:
            if path.parent == place:
                raise PermissionError(13, "Permission denied")
            atomic.replace_file(path, data)

        monkeypatch.setattr("cloudscope.blinding_file.replace_file", guarded)
        with pytest.raises(BlindingError, match="open the recordings with a results folder"):
            AcqImageList.from_folder(place).start_blinding("Ann")
        results = tmp_path / "results"
        folder = AcqImageList.from_folder(place, results_folder=results)
        folder.start_blinding("Ann")
        assert (results / BLINDING_NAME).exists()
        assert not (place / BLINDING_NAME).exists()
        assert AcqImageList.from_folder(place, results_folder=results).blinded

    def test_recordings_of_no_folder_are_refused(self) -> None:
        with pytest.raises(BlindingError, match="of a folder"):
            AcqImageList([]).start_blinding("Ann")

"""Folders open from what was kept of their headers, and nothing wrong can come of it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from cloudscope import header_cache, loaders
from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.errors import LoadError
from cloudscope.read_later import ReadLater
from tests.recordings import write_line_scan

LONG_AGO = (1_600_000_000, 1_600_000_000)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLOUDSCOPE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    folder.mkdir()
    for number in range(24):
        write_line_scan(folder / f"rec{number}.tif", seed=number, lines=50)
    for path in folder.iterdir():
        os.utime(path, LONG_AGO)
    return folder


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files whose header was read from the file itself."""
    names: list[str] = []
    plain = loaders.read_header

    def counting(path: Path, **options: object) -> object:
        names.append(Path(path).name)
        return plain(path, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(loaders, "read_header", counting)
    return names


def kept(cache: Path) -> Path:
    (file,) = (cache / "headers").iterdir()
    return file


def test_a_folder_opened_again_reads_no_file_and_says_the_same(
    cache: Path, recordings: Path, read: list[str]
) -> None:
    before = sorted(recordings.iterdir())
    first = AcqImageList.from_folder(recordings)
    assert len(read) == 24
    read.clear()
    second = AcqImageList.from_folder(recordings)
    assert read == []
    assert [image.name for image in second] == [image.name for image in first]
    assert [image.header for image in second] == [image.header for image in first]
    assert second.to_dataframe().equals(first.to_dataframe())
    assert sorted(recordings.iterdir()) == before, "nothing is put into the lab's folder"


def test_the_raw_text_is_read_when_it_is_looked_at(
    cache: Path, recordings: Path, read: list[str]
) -> None:
    AcqImageList.from_folder(recordings)
    read.clear()
    image = AcqImageList.from_folder(recordings)["rec3.tif"]
    assert isinstance(image.header.raw, ReadLater)
    assert read == []
    assert dict(image.header.raw) == dict(AcqImage(recordings / "rec3.tif").header.raw)
    assert "rec3.tif" in read


def test_a_changed_file_or_text_beside_it_is_read_again(
    cache: Path, recordings: Path, read: list[str]
) -> None:
    AcqImageList.from_folder(recordings)
    write_line_scan(recordings / "rec5.tif", lines=60)
    os.utime(recordings / "rec5.tif", (1_700_000_000, 1_700_000_000))
    (recordings / "rec7.txt").unlink()
    write_line_scan(recordings / "new.tif")
    (recordings / "rec9.tif").unlink()
    read.clear()
    folder = AcqImageList.from_folder(recordings)
    assert sorted(read) == ["new.tif", "rec5.tif", "rec7.tif"]
    assert len(folder) == 24
    assert folder["rec5.tif"].header.lines == 60
    assert folder["rec7.tif"].header.line_period_s is None


def test_a_file_written_just_now_is_not_trusted_to_be_finished(
    cache: Path, recordings: Path, read: list[str]
) -> None:
    write_line_scan(recordings / "running.tif")
    AcqImageList.from_folder(recordings)
    read.clear()
    AcqImageList.from_folder(recordings)
    assert read == ["running.tif"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"[]", b'{"version": "0", "content": {}}', b"[" * 100_000],
    ids=["empty", "cut", "binary", "list", "older", "deep"],
)
def test_a_cache_that_cannot_be_understood_is_as_good_as_deleted(
    cache: Path, recordings: Path, read: list[str], content: bytes
) -> None:
    whole = AcqImageList.from_folder(recordings)
    good = kept(cache).read_bytes()
    kept(cache).write_bytes(content)
    again = AcqImageList.from_folder(recordings)
    assert [image.header for image in again] == [image.header for image in whole]
    assert kept(cache).read_bytes() == good, "and it is written anew"


@pytest.mark.parametrize(
    "change",
    [{"lines": "many"}, {"no_such_field": 1}, {"line_period_s": -1}, {"optics": 7}, {"kind": []}],
)
def test_an_entry_that_makes_no_header_is_left_out(
    cache: Path, recordings: Path, read: list[str], change: dict[str, object]
) -> None:
    whole = AcqImageList.from_folder(recordings)
    stored = json.loads(kept(cache).read_text())
    for entry in stored["content"].values():
        entry[1] |= change
    kept(cache).write_text(json.dumps(stored))
    again = AcqImageList.from_folder(recordings)
    assert [image.header for image in again] == [image.header for image in whole]


def test_a_cache_that_lies_gives_no_number(cache: Path, recordings: Path) -> None:
    AcqImageList.from_folder(recordings)
    stored = json.loads(kept(cache).read_text())
    for entry in stored["content"].values():
        entry[1]["lines"] = 49
    kept(cache).write_text(json.dumps(stored))
    image = AcqImageList.from_folder(recordings)[0]
    with pytest.raises(LoadError, match="its pixels are not those of the header"):
        image.kymograph()


def test_another_cloudscope_reads_for_itself(
    cache: Path, recordings: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    AcqImageList.from_folder(recordings)
    read.clear()
    monkeypatch.setattr(header_cache, "_version", lambda: "another")
    AcqImageList.from_folder(recordings)
    assert len(read) == 24


@pytest.mark.parametrize("where", ["off", "/proc/nobody/may/write/here"])
def test_where_nothing_can_be_kept_the_folder_opens_all_the_same(
    recordings: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setenv("CLOUDSCOPE_CACHE", where)
    assert len(AcqImageList.from_folder(recordings)) == 24


def test_pixels_and_fingerprints_come_from_the_file(cache: Path, recordings: Path) -> None:
    AcqImageList.from_folder(recordings)
    image = AcqImageList.from_folder(recordings)["rec2.tif"]
    alone = AcqImage(recordings / "rec2.tif")
    assert np.array_equal(image.kymograph(), alone.kymograph())
    assert image.fingerprint() == alone.fingerprint() == loaders.fingerprint(image.path or "")


def test_links_that_lead_in_a_circle_are_passed_by(cache: Path, recordings: Path) -> None:
    (recordings / "again").symlink_to(recordings, target_is_directory=True)
    assert len(AcqImageList.from_folder(recordings)) == 24

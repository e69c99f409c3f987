"""Files that were cut, edited, moved or removed behind cloudscope's back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cloudscope import sidecar
from cloudscope.errors import ResultTableError, SidecarConflict, SidecarError
from cloudscope.sidecar import SidecarContents

OURS = '{"cloudscope": {"schema": "1.0"}'


@pytest.fixture
def saved(source, make_result) -> SidecarContents:
    results = [make_result(roi_id=1), make_result(roi_id=2)]
    contents = SidecarContents(next_roi_id=3, results={r.key: r for r in results})
    sidecar.save(source, contents, sidecar.load(source))
    return contents


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not complete JSON"),
        (OURS.encode(), "not complete JSON"),
        (b'{"cloudscope": {"schema": "1.0"}, "rois": [\xff]}', "not complete JSON"),
        (b"[1, 2]", "no JSON object"),
        (b"null", "no JSON object"),
        (b"[" * 100_000, "not complete JSON"),
        (f"{OURS}, 'a': 1}}".encode(), "not complete JSON"),
        (f'{OURS}, "a": NaN}}'.encode(), "NaN"),
        (f'{OURS}, "a": 1e999}}'.encode(), "1e999"),
        (f'{OURS}, "rois": [], "rois": [1]}}'.encode(), "'rois' twice"),
        (f'{OURS}, "rois": 3}}'.encode(), "its rois is not what the schema says"),
        (b'{"cloudscope": {}}', "does not say which version"),
        (b'{"cloudscope": {"schema": 1}}', "does not say which version"),
        (b'{"cloudscope": {"schema": "1"}}', "does not say which version"),
        (b'{"cloudscope": "1.0"}', "another program wrote it"),
    ],
)
def test_an_unreadable_json_is_named_and_never_overwritten(source, make_result, data, says):
    path = sidecar.sidecar_path(source)
    path.write_bytes(data)
    document = sidecar.load(source)
    assert says in document.read_only_reason
    assert document.problems == (document.read_only_reason,)
    assert str(path) in document.read_only_reason
    result = make_result()
    contents = SidecarContents(accepted=True, results={result.key: result})
    with pytest.raises(SidecarError, match="never overwritten"):
        sidecar.save(source, contents, document)
    assert path.read_bytes() == data
    assert len(list(source.parent.iterdir())) == 2

    aside = sidecar.set_aside(source)
    assert aside.read_bytes() == data
    assert aside.name.startswith("my_file.tif.json.unreadable-")
    sidecar.save(source, contents, sidecar.load(source))
    assert sidecar.load(source).contents.accepted is True
    assert aside.read_bytes() == data


def test_a_json_that_breaks_after_loading_is_not_overwritten(source, saved):
    document = sidecar.load(source)
    path = sidecar.sidecar_path(source)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(SidecarError, match="cannot be read") as caught:
        sidecar.save(source, replace(saved, accepted=True), document)
    assert not isinstance(caught.value, SidecarConflict)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_an_editors_byte_order_mark_does_no_harm(source, saved, encoding):
    path = sidecar.sidecar_path(source)
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    loaded = sidecar.load(source)
    assert loaded.problems == ()
    sidecar.save(source, replace(loaded.contents, accepted=True), loaded)
    assert json.loads(path.read_text(encoding="utf-8"))["accepted"] is True


def test_setting_aside_twice_in_a_second_keeps_both(source):
    names = set()
    for text in ("one", "two"):
        sidecar.sidecar_path(source).write_text(text, encoding="utf-8")
        names.add(sidecar.set_aside(source).read_text(encoding="utf-8"))
    assert names == {"one", "two"}
    with pytest.raises(SidecarError, match="not set aside: No such file"):
        sidecar.set_aside(source)


def test_a_sidecar_that_is_a_folder_is_reported(source, saved):
    sidecar.sidecar_path(source).unlink()
    sidecar.sidecar_path(source).mkdir()
    document = sidecar.load(source)
    assert "cannot be read: Is a directory" in document.read_only_reason
    with pytest.raises(SidecarError, match="Is a directory"):
        sidecar.save(source, saved, document)


def as_a_spreadsheet_saves(table: Path) -> None:
    table.write_bytes(table.read_bytes().replace(b"\n", b"\r\n"))


def one_digit(table: Path) -> None:
    table.write_bytes(table.read_bytes().replace(b"0.00123", b"0.00124"))


def swapped_columns(table: Path) -> None:
    table.write_bytes(table.read_bytes().replace(b"time_s,row_start", b"row_start,time_s", 1))


@pytest.mark.parametrize(
    "damage", [Path.unlink, as_a_spreadsheet_saves, one_digit, swapped_columns]
)
def test_numbers_that_are_not_those_saved_are_never_handed_out(source, saved, damage):
    table = sidecar.table_path(source, "radon_velocity")
    good = table.read_bytes()
    damage(table)
    loaded = sidecar.load(source)
    if not table.exists() or table.stat().st_size != len(good):
        assert len(loaded.problems) == 1
        assert table.name in loaded.problems[0]
    result = loaded.contents.results["radon_velocity", 0, 1]
    with pytest.raises(ResultTableError, match="radon_velocity, channel 0, ROI 1 are"):
        _ = result.columns
    # The rest of the recording can be edited and saved, and the table comes back unharmed.
    loaded = sidecar.save(source, replace(loaded.contents, accepted=True), loaded)
    table.write_bytes(good)
    for key, back in sidecar.load(source).contents.results.items():
        assert back.same_numbers(saved.results[key])


def test_an_edited_table_is_kept_beside_the_one_that_takes_its_place(source, saved, make_result):
    table = sidecar.table_path(source, "radon_velocity")
    edited = table.read_bytes() + b"a note by hand\n"
    table.write_bytes(edited)
    loaded = sidecar.load(source)
    new = make_result(roi_id=3)
    results = dict(loaded.contents.results) | {new.key: new}
    document = sidecar.save(source, replace(loaded.contents, results=results), loaded)
    (kept,) = source.parent.glob("*.kept-*")
    assert kept.read_bytes() == edited
    assert any(kept.name in problem for problem in document.problems)
    for key, back in sidecar.load(source).contents.results.items():
        assert back.same_numbers((dict(saved.results) | {new.key: new})[key])


def test_lost_rows_are_said_to_be_lost_and_the_others_are_saved(source, saved, make_result):
    table = sidecar.table_path(source, "radon_velocity")
    one_digit(table)
    changed = table.read_bytes()
    loaded = sidecar.load(source)
    new = make_result(roi_id=3)
    results = dict(loaded.contents.results) | {new.key: new}
    document = sidecar.save(source, replace(loaded.contents, results=results), loaded)
    assert any("could not be carried over" in problem for problem in document.problems)
    again = sidecar.load(source)
    assert [p for p in again.problems if "ROI 1 are lost" in p]
    assert again.contents.results[new.key].same_numbers(new)
    assert again.contents.results["radon_velocity", 0, 1].summary
    with pytest.raises(ResultTableError):
        _ = again.contents.results["radon_velocity", 0, 1].columns
    (kept,) = source.parent.glob("*.kept-*")
    assert kept.read_bytes() == changed


def test_a_table_that_was_removed_is_written_again_while_the_numbers_are_at_hand(source, saved):
    document = sidecar.save(source, saved, sidecar.load(source))
    document = replace(document, contents=saved)
    sidecar.table_path(source, "radon_velocity").unlink()
    document = sidecar.save(source, saved, document)
    assert document.problems == ()
    for key, back in sidecar.load(source).contents.results.items():
        assert back.same_numbers(saved.results[key])


def test_only_tables_of_ours_are_removed_with_their_results(source, saved, make_result):
    foreign = sidecar.table_path(source, "sum_intensity")
    foreign.write_text("another program's", encoding="utf-8")
    diameter = make_result("diameter")
    loaded = sidecar.load(source)
    both = dict(loaded.contents.results) | {diameter.key: diameter}
    document = sidecar.save(source, replace(loaded.contents, results=both), loaded)
    edited = sidecar.table_path(source, "diameter")
    edited.write_text("edited by hand", encoding="utf-8")
    document = sidecar.save(source, replace(loaded.contents, results={}), document)
    assert not sidecar.table_path(source, "radon_velocity").exists()
    assert edited.read_text(encoding="utf-8") == "edited by hand"
    assert any("was therefore not removed" in problem for problem in document.problems)
    assert foreign.read_text(encoding="utf-8") == "another program's"


def test_another_programs_table_of_the_same_name_is_kept(source, make_result):
    table = sidecar.table_path(source, "diameter")
    table.write_text("another program's", encoding="utf-8")
    diameter = make_result("diameter")
    contents = SidecarContents(results={diameter.key: diameter})
    document = sidecar.save(source, contents, sidecar.load(source))
    (kept,) = source.parent.glob("*.kept-*")
    assert kept.read_text(encoding="utf-8") == "another program's"
    assert kept.name in document.problems[0]
    assert sidecar.load(source).contents.results[diameter.key].same_numbers(diameter)


def test_a_json_cannot_make_cloudscope_read_or_write_elsewhere(source, saved, tmp_path):
    path = sidecar.sidecar_path(source)
    raw = json.loads(path.read_bytes())
    raw["tables"]["../../evil"] = dict(raw["tables"]["radon_velocity"])
    raw["tables"]["radon_velocity"]["file"] = "../../secret.csv"
    raw["tables"]["radon_velocity"]["blake2b"] = "../../../secret"
    for item in raw["results"]:
        item["table_part"]["bytes"] = 10**15
    path.write_text(json.dumps(raw), encoding="utf-8")
    loaded = sidecar.load(source)
    with pytest.raises(ResultTableError):
        _ = loaded.contents.results["radon_velocity", 0, 1].columns
    sidecar.save(source, replace(loaded.contents, accepted=True), loaded)
    assert [p.name for p in tmp_path.iterdir()] == ["recordings"]

from __future__ import annotations

import json
import pickle
import shutil
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cloudscope.sidecar
from cloudscope import sidecar
from cloudscope.analysis.result import AnalysisResult
from cloudscope.errors import ResultTableError, SidecarError
from cloudscope.metadata import ExperimentMetadata, HeaderCorrections, ImageHeader
from cloudscope.roi import Roi
from cloudscope.sidecar import SidecarContents, SidecarDocument

ROI = Roi(
    roi_id=1, row_start=0, row_stop=1000, col_start=4, col_stop=30, name="Ader µ", locked=True
)
HEADER = ImageHeader(
    format="ImageJ TIFF",
    kind="line_scan",
    lines=30_000,
    pixels=38,
    channels=2,
    line_period_s=0.1 + 0.2,
    pixel_size_um=None,
    channel_names=("FITC", "中"),
    raw={"unit": "\\u00B5m", "half a pair": "\udcff"},
    warnings=("odd",),
)


def in_step(a: SidecarContents, b: SidecarContents) -> bool:
    plain = [replace(contents, results={}) for contents in (a, b)]
    return (
        plain[0] == plain[1]
        and list(a.results) == list(b.results)
        and all(a.results[key].same_numbers(b.results[key]) for key in a.results)
    )


def holding(*results: AnalysisResult, accepted: bool | None = None) -> SidecarContents:
    by_key = {result.key: result for result in results}
    return SidecarContents(accepted=accepted, next_roi_id=9, results=by_key)


@pytest.fixture
def full(make_result) -> SidecarContents:
    results = [
        make_result(roi_id=0),
        make_result(roi_id=1, seed=3),
        make_result(roi_id=1, channel=1, rows=0),
        make_result("diameter", roi_id=1, diameter_um=np.array([1.5, np.nan], dtype=np.float32)),
        make_result("events", roi_id=1, when=np.array([], dtype=object), sure=np.array([], bool)),
    ]
    return SidecarContents(
        accepted=False,
        experiment=ExperimentMetadata(species="mouse", depth_um=1 / 3, extra={"cage": "7"}),
        file_header=HEADER,
        corrections=HeaderCorrections(line_period_s=0.1, time_axis="columns"),
        rois=(ROI,),
        next_roi_id=9,
        results={result.key: result for result in results},
    )


def test_a_recording_without_sidecar_is_an_empty_document(source):
    assert sidecar.load(source) == SidecarDocument()
    assert sidecar.load(source.with_name("not there.tif")) == SidecarDocument()
    assert sidecar.load(source.parent / "no folder" / "a.tif") == SidecarDocument()


def test_everything_comes_back_as_it_was(source, full):
    saved = sidecar.save(source, full, sidecar.load(source))
    loaded = sidecar.load(source)
    assert saved.contents is full
    assert (saved.raw, saved.revision) == (loaded.raw, loaded.revision)
    assert saved.problems == loaded.problems == ()
    assert in_step(loaded.contents, full)
    for key, result in full.results.items():
        back = loaded.contents.results[key]
        for name in ("parameters", "calibration", "bounds", "time_axis", "source_fingerprint"):
            assert getattr(back, name) == getattr(result, name)
        assert (back.software, back.created_at) == (result.software, result.created_at)
        for name, values in result.columns.items():
            assert back.columns[name].dtype.kind == values.dtype.kind
            assert not back.columns[name].flags.writeable


def test_the_folder_holds_the_three_files_and_the_source_is_untouched(source, full):
    before = (source.read_bytes(), source.stat().st_mtime_ns)
    sidecar.save(source, full, sidecar.load(source))
    assert sorted(path.name for path in source.parent.iterdir()) == [
        ".cloudscope.lock",
        "my_file.tif",
        "my_file.tif.diameter.csv",
        "my_file.tif.events.csv",
        "my_file.tif.json",
        "my_file.tif.radon_velocity.csv",
    ]
    assert (source.read_bytes(), source.stat().st_mtime_ns) == before
    assert all(sidecar.is_sidecar(p) for p in source.parent.iterdir() if p != source)


def test_the_json_follows_its_schema(source, full):
    schema_file = Path(cloudscope.sidecar.__file__).with_name("schema-1.0.json")
    schema = json.loads(schema_file.read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    empty = sidecar.save(source, SidecarContents(), sidecar.load(source))
    validator.validate(json.loads(sidecar.sidecar_path(source).read_bytes()))
    taken_back = replace(full, corrections=HeaderCorrections())
    sidecar.save(source, taken_back, sidecar.save(source, full, empty))
    text = sidecar.sidecar_path(source).read_text(encoding="utf-8")
    validator.validate(json.loads(text))
    assert "NaN" not in text
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(json.loads(text) | {"next_roi_id": 0})


def test_a_table_is_plain_csv_with_every_roi(source, full):
    sidecar.save(source, full, sidecar.load(source))
    table = sidecar.table_path(source, "radon_velocity")
    frame = pd.read_csv(table, keep_default_na=False, na_values={"velocity_um_per_s": [""]})
    assert list(frame) == [
        "channel", "roi_id", "time_s", "row_start", "velocity_um_per_s", "status",
    ]  # fmt: skip
    assert frame.groupby(["channel", "roi_id"]).size().to_dict() == {(0, 0): 20, (0, 1): 20}
    one = frame[(frame["roi_id"] == 1) & (frame["channel"] == 0)]
    expected = full.results["radon_velocity", 0, 1].columns
    np.testing.assert_array_equal(one["velocity_um_per_s"], expected["velocity_um_per_s"])
    assert one["status"].tolist() == expected["status"].tolist()


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just("nan")
)


@given(summary=st.dictionaries(st.text(max_size=5), SCALARS, max_size=6))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_summary_of_any_scalars_comes_back_exactly(source, make_result, summary):
    result = replace(make_result(rows=2), summary=summary)
    contents = holding(result)
    sidecar.save(source, contents, sidecar.load(source))
    back = sidecar.load(source).contents.results[result.key].summary
    assert list(back) == list(summary)
    for key, value in summary.items():
        assert type(back[key]) is type(value)
        assert back[key] == value or (value != value and back[key] != back[key])


def test_numpy_scalars_are_saved_as_numbers_and_other_things_refused(source, make_result):
    result = replace(make_result(), summary={"n": np.int64(3), "m": np.float32(0.1), "x": np.nan})
    sidecar.save(source, holding(result), sidecar.load(source))
    assert sidecar.load(source).contents.results[result.key].same_numbers(result)
    odd = replace(result, summary={"peaks": [1, 2]})
    with pytest.raises(SidecarError, match=r"peaks=\[1, 2\] in the summary of radon_velocity"):
        sidecar.save(source, holding(odd), sidecar.load(source))


def test_a_table_is_read_only_when_a_number_is_wanted(source, full, monkeypatch):
    sidecar.save(source, full, sidecar.load(source))
    opened: list[str] = []
    plain_open = Path.open
    monkeypatch.setattr(
        Path, "open", lambda self, *a, **k: opened.append(self.name) or plain_open(self, *a, **k)
    )
    loaded = sidecar.load(source)
    assert not [name for name in opened if name.endswith(".csv")]
    assert loaded.contents.results["diameter", 0, 1].summary["windows"] == 20
    assert len(loaded.contents.results["diameter", 0, 1].table) == 2
    assert [name for name in opened if name.endswith(".csv")] == ["my_file.tif.diameter.csv"]


def test_results_nobody_looked_at_are_carried_over_unread(source, make_result, monkeypatch):
    results = [make_result(roi_id=roi_id) for roi_id in (1, 2, 3)]
    contents = holding(*results)
    sidecar.save(source, contents, sidecar.load(source))
    loaded = sidecar.load(source)
    monkeypatch.setattr(
        "cloudscope.sidecar.stored.decode_rows", lambda *_a, **_k: pytest.fail("a table was read")
    )
    loaded = sidecar.save(source, replace(loaded.contents, accepted=True), loaded)
    new = make_result(roi_id=4, seed=8, rows=7)
    more = dict(loaded.contents.results) | {new.key: new}
    loaded = sidecar.save(source, replace(loaded.contents, results=more), loaded)
    del more[results[0].key]
    monkeypatch.undo()
    sidecar.save(source, replace(loaded.contents, results=more), loaded)
    final = sidecar.load(source).contents
    assert in_step(final, holding(*results[1:], new, accepted=True))


def test_numbers_that_a_save_drops_are_still_there_for_undo(source, make_result):
    old, other = make_result(roi_id=1), make_result("diameter", roi_id=1)
    first = holding(old, other)
    sidecar.save(source, first, sidecar.load(source))
    loaded = sidecar.load(source)
    moved = loaded.contents.results[old.key].bound_to(bounds=(0, 9, 0, 9))
    new = make_result(roi_id=1, seed=5, rows=3)
    saved = sidecar.save(source, holding(new), loaded)
    assert not sidecar.table_path(source, "diameter").exists()
    undone = holding(moved, loaded.contents.results[other.key])
    sidecar.save(source, undone, saved)
    assert in_step(sidecar.load(source).contents, first)
    assert moved.same_numbers(old)


def test_a_result_that_only_moved_keeps_its_numbers(source, make_result):
    old = make_result()
    sidecar.save(source, holding(old), sidecar.load(source))
    loaded = sidecar.load(source)
    moved = loaded.contents.results[old.key].bound_to(bounds=(5, 9, 5, 9), time_axis="columns")
    sidecar.save(source, replace(loaded.contents, results={old.key: moved}), loaded)
    back = sidecar.load(source).contents.results[old.key]
    assert (back.bounds, back.time_axis) == ((5, 9, 5, 9), "columns")
    assert back.same_numbers(old)


def test_columns_may_differ_between_results_of_one_analysis(source, make_result):
    old = make_result(roi_id=1)
    sidecar.save(source, holding(old), sidecar.load(source))
    loaded = sidecar.load(source)
    new = make_result(roi_id=2, quality=np.array([0.5]), status=np.array(["ok"]))
    both = dict(loaded.contents.results) | {new.key: new}
    sidecar.save(source, replace(loaded.contents, results=both), loaded)
    assert in_step(sidecar.load(source).contents, holding(old, new))


def test_somebody_else_may_save_before_the_numbers_are_read(source, make_result):
    first, second = make_result(roi_id=1), make_result(roi_id=2)
    contents = holding(first, second)
    sidecar.save(source, contents, sidecar.load(source))
    slow, quick = sidecar.load(source), sidecar.load(source)
    new = make_result(roi_id=1, seed=9, rows=500)
    results = dict(quick.contents.results) | {new.key: new}
    sidecar.save(source, replace(quick.contents, results=results), quick)
    assert slow.contents.results[second.key].same_numbers(second)
    with pytest.raises(ResultTableError, match="are not as they were saved"):
        _ = slow.contents.results[first.key].columns


def test_a_change_of_folder_loses_nothing(source, full, monkeypatch):
    monkeypatch.chdir(source.parent)
    sidecar.save("my_file.tif", full, sidecar.load("my_file.tif"))
    loaded = sidecar.load("my_file.tif")
    monkeypatch.chdir("/")
    assert in_step(loaded.contents, full)


def test_saving_nothing_new_leaves_the_files_alone(source, full):
    sidecar.save(source, full, sidecar.load(source))
    before = {path.name: path.stat().st_mtime_ns for path in source.parent.iterdir()}
    loaded = sidecar.load(source)
    again = sidecar.save(source, loaded.contents, loaded)
    after = {path.name: path.stat().st_mtime_ns for path in source.parent.iterdir()}
    lock = ".cloudscope.lock"
    assert again.revision == loaded.revision
    assert after | {lock: 0} == before | {lock: 0}


def test_who_corrected_a_scale_and_when_is_kept(source, monkeypatch):
    def raw() -> dict:
        return json.loads(sidecar.sidecar_path(source).read_bytes())["header_corrections"]

    monkeypatch.setattr("getpass.getuser", lambda: "ada")
    corrected = SidecarContents(corrections=HeaderCorrections(line_period_s=0.1))
    document = sidecar.save(source, corrected, sidecar.load(source))
    first = raw()["line_period_s"]
    assert (first["value"], first["by"]) == (0.1, "ada")
    monkeypatch.setattr("getpass.getuser", lambda: "bob")
    both = replace(corrected, corrections=HeaderCorrections(line_period_s=0.1, pixel_size_um=2.0))
    document = sidecar.save(source, both, document)
    assert raw()["line_period_s"] == first
    assert raw()["pixel_size_um"]["by"] == "bob"
    sidecar.save(source, replace(both, corrections=HeaderCorrections(pixel_size_um=2.0)), document)
    assert raw()["line_period_s"]["value"] is None
    assert raw()["line_period_s"]["by"] == "bob"
    assert sidecar.load(source).contents.corrections == HeaderCorrections(pixel_size_um=2.0)


def test_a_header_not_at_hand_leaves_the_one_saved_before(source, full):
    document = sidecar.save(source, full, sidecar.load(source))
    sidecar.save(source, replace(full, file_header=None, accepted=True), document)
    assert sidecar.load(source).contents.file_header == HEADER


@pytest.mark.parametrize(
    "name", ["ü µ 中文.tif", "a b#%<&'$`;.tif", "x" * 225 + ".tif", "új\n.tif"]
)
def test_odd_names(tmp_path, full, name):
    source = tmp_path / name
    sidecar.save(source, full, sidecar.load(source))
    assert in_step(sidecar.load(source).contents, full)


def test_a_name_too_long_for_its_table_is_refused_whole(tmp_path, full):
    source = tmp_path / ("x" * 240 + ".tif")
    with pytest.raises(SidecarError, match="name too long"):
        sidecar.save(source, full, sidecar.load(source))
    assert [p.name for p in tmp_path.iterdir()] == [".cloudscope.lock"]


def test_contents_and_documents_cross_to_another_process(source, full):
    document = sidecar.save(source, full, sidecar.load(source))
    copy = pickle.loads(pickle.dumps(sidecar.load(source)))
    assert copy.revision == document.revision
    shutil.rmtree(source.parent)
    assert in_step(copy.contents, full)


def test_a_result_must_be_filed_under_its_own_key(source, make_result):
    result: AnalysisResult = make_result(roi_id=2)
    with pytest.raises(SidecarError, match="filed under"):
        sidecar.save(
            source, SidecarContents(results={("diameter", 0, 2): result}), sidecar.load(source)
        )

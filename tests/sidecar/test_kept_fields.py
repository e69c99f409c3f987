"""What a sidecar holds beyond what this version knows, or could read, outlives every save."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cloudscope import sidecar
from cloudscope.errors import SidecarError
from cloudscope.metadata import ExperimentMetadata, HeaderCorrections, ImageHeader
from cloudscope.roi import Roi
from cloudscope.sidecar import SidecarContents

HEADER = ImageHeader(format="plain TIFF", kind="line_scan", lines=1000, pixels=38)
ROIS = tuple(Roi(roi_id=n, row_start=0, row_stop=1000, col_start=n, col_stop=n + 9) for n in (1, 2))


@pytest.fixture
def contents(make_result) -> SidecarContents:
    results = [make_result(roi_id=1), make_result(roi_id=2), make_result("diameter", roi_id=1)]
    return SidecarContents(
        accepted=True,
        experiment=ExperimentMetadata(species="mouse", extra={"cage": "7"}),
        file_header=HEADER,
        corrections=HeaderCorrections(line_period_s=0.001),
        rois=ROIS,
        next_roi_id=3,
        results={result.key: result for result in results},
    )


@pytest.fixture
def saved(source, contents) -> Path:
    sidecar.save(source, contents, sidecar.load(source))
    return sidecar.sidecar_path(source)


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_bytes())


def objects(value: Any, path: tuple = ()) -> dict[tuple, dict]:
    """Every object in a JSON by its place."""
    found = {path: value} if isinstance(value, dict) else {}
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in pairs:
        if isinstance(item, dict | list):
            found |= objects(item, (*path, key))
    return found


def edited(contents: SidecarContents, make_result) -> SidecarContents:
    """Contents with something changed in every part."""
    new = make_result(roi_id=2, seed=7)
    return replace(
        contents,
        accepted=False,
        experiment=contents.experiment.replace(strain="C57BL/6J"),
        file_header=HEADER.replace(channels=2),
        corrections=HeaderCorrections(line_period_s=0.002),
        rois=(ROIS[1], ROIS[0].replace(name="artery")),
        next_roi_id=4,
        results=dict(contents.results) | {new.key: new},
    )


FREE = ("extra", "parameters", "summary", "columns", "not_finite")


def test_unknown_fields_survive_at_every_depth(source, saved, make_result):
    raw = read(saved)
    places = [place for place in objects(raw) if not {*place} & {*FREE, "raw"}]
    assert len(places) > 15
    for place in places:
        objects(raw)[place]["x-lab"] = {"from": list(map(str, place)), "n": [1, 0.1 + 0.2, None]}
    saved.write_text(json.dumps(raw), encoding="utf-8")
    loaded = sidecar.load(source)
    assert loaded.problems == ()
    sidecar.save(source, edited(loaded.contents, make_result), loaded)
    kept = [value["x-lab"] for value in objects(read(saved)).values() if "x-lab" in value]
    assert sorted(map(str, kept)) == sorted(
        str({"from": list(map(str, place)), "n": [1, 0.1 + 0.2, None]}) for place in places
    )
    rois = read(saved)["rois"]
    assert [(roi["roi_id"], roi["x-lab"]["from"]) for roi in rois] == [
        (2, ["rois", "1"]),
        (1, ["rois", "0"]),
    ]
    assert sidecar.load(source).problems == ()


@pytest.mark.parametrize(
    ("place", "value", "says"),
    [
        (("accepted",), "yes", "accepted='yes'"),
        (("experiment_metadata", "depth_um"), "deep", "depth_um"),
        (("experiment_metadata", "sex"), "both", "sex"),
        (("experiment_metadata", "extra"), [1], "extra"),
        (("header_corrections", "line_period_s"), 3, "line_period_s"),
        (("header_corrections", "line_period_s", "value"), -1.0, "line_period_s"),
        (("rois", 0, "row_stop"), 0, "ROI 1 is empty"),
        (("rois", 0, "col_start"), 1.5, "not a whole number"),
        (("rois", 0, "name"), 7, "name=7"),
        (("rois", 0), "a rectangle", "entry 1 of rois cannot be read"),
        (("rois", 1, "roi_id"), 1, "twice"),
        (("results", 0, "channel"), "first", "channel='first'"),
        (("results", 0, "analysis"), "../../etc", "cannot be part of a file name"),
        (("results", 0, "bounds"), [1, 2], "bounds"),
        (("results", 0, "summary"), [], "summary"),
        (("results", 0, "calibration", "line_period_s"), "fast", "line_period_s"),
        (("results", 0, "rows"), -1, "negative"),
        (("results", 0), None, "entry 1 of results cannot be read"),
    ],
)
def test_what_cannot_be_read_is_named_and_left_as_it_is(
    source, saved, make_result, place, value, says
):
    raw = read(saved)
    node = raw
    for step in place[:-1]:
        node = node[step]
    node[place[-1]] = value
    saved.write_text(json.dumps(raw), encoding="utf-8")
    loaded = sidecar.load(source)
    assert len([p for p in loaded.problems if says in p and "my_file.tif.json" in p]) == 1
    assert loaded.contents.next_roi_id >= 3
    assert loaded.contents.experiment.species == "mouse"
    changed = replace(loaded.contents, experiment=ExperimentMetadata(species="mouse", note="new"))
    sidecar.save(source, changed, loaded)
    again = read(saved)
    for step in place[:-1]:
        if isinstance(again, list):  # an entry that could not be read comes after the others
            again = again[-1] if place[-1] != "roi_id" else again[1]
        else:
            again = again[step]
    assert value in (again if isinstance(again, list) else [again[place[-1]]])


def test_rows_of_an_unreadable_result_are_carried_along(source, saved, contents, make_result):
    raw = read(saved)
    item = raw["results"][0]
    good = item["rows"]
    item["rows"] = "many"
    saved.write_text(json.dumps(raw), encoding="utf-8")
    loaded = sidecar.load(source)
    new = make_result(roi_id=2, seed=5, rows=100)
    results = dict(loaded.contents.results) | {new.key: new}
    sidecar.save(source, replace(loaded.contents, results=results), loaded)
    raw = read(saved)
    raw["results"][-1]["rows"] = good
    saved.write_text(json.dumps(raw), encoding="utf-8")
    back = sidecar.load(source).contents.results
    key = ("radon_velocity", 0, 1)
    assert back[key].same_numbers(contents.results[key])
    assert back["radon_velocity", 0, 2].same_numbers(new)


def test_ids_are_never_given_twice_whatever_the_json_says(source, saved):
    raw = read(saved)
    raw["next_roi_id"] = 1
    raw["results"][0]["roi_id"] = 12
    raw["rois"].append({"roi_id": 40})
    saved.write_text(json.dumps(raw), encoding="utf-8")
    assert sidecar.load(source).contents.next_roi_id == 41


def test_a_newer_minor_schema_is_kept_and_saved_over(source, saved):
    raw = read(saved)
    raw["cloudscope"]["schema"] = "1.7"
    saved.write_text(json.dumps(raw), encoding="utf-8")
    loaded = sidecar.load(source)
    assert (loaded.read_only_reason, loaded.problems) == (None, ())
    sidecar.save(source, replace(loaded.contents, accepted=None), loaded)
    assert read(saved)["cloudscope"]["schema"] == "1.7"


def test_a_newer_major_schema_is_read_but_not_written(source, saved, contents):
    raw = read(saved)
    raw["cloudscope"]["schema"] = "2.0"
    raw["tables"] = ["something else"]
    saved.write_text(json.dumps(raw), encoding="utf-8")
    before = saved.read_bytes()
    loaded = sidecar.load(source)
    assert "newer cloudscope" in loaded.read_only_reason
    assert loaded.contents.rois == contents.rois
    for attempt in (sidecar.save, sidecar.save_copy):
        with pytest.raises(SidecarError, match="newer cloudscope"):
            attempt(source, contents, loaded)
    assert saved.read_bytes() == before


def test_another_programs_sidecar_is_left_alone(source, contents):
    path = sidecar.sidecar_path(source)
    path.write_text('{"version": "2", "rois": [], "accepted": true, "x": NaN}', encoding="utf-8")
    before = path.read_bytes()
    loaded = sidecar.load(source)
    assert "another program wrote it" in loaded.read_only_reason
    with pytest.raises(SidecarError, match="another program wrote it"):
        sidecar.save(source, contents, loaded)
    assert path.read_bytes() == before


def test_another_programs_sidecars_on_this_machine_are_left_alone(shared_data, contents):
    files = sorted((shared_data / "sidecars").glob("acqstore*/*.json"))
    assert files
    for path in files:
        loaded = sidecar.load(path.with_suffix(""))
        assert "another program wrote it" in loaded.read_only_reason

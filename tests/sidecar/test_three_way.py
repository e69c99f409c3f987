"""Putting two people's changes together: whatever they did, nothing is lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudscope.analysis.result import AnalysisResult, InputRecord
from cloudscope.display import ChannelDisplay
from cloudscope.metadata import ExperimentMetadata, HeaderCorrections
from cloudscope.roi import Roi
from cloudscope.sidecar import SidecarContents, merge_contents

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def result(roi_id: int, seed: int, analysis: str = "intensity") -> AnalysisResult:
    measured = AnalysisResult.measured(
        analysis,
        parameters={},
        columns={"value": np.array([float(seed), np.nan])},
        summary={"mean": float(seed)},
        line_period_s=None,
        pixel_size_um=None,
    )
    return measured.bound_to(channel=0, roi_id=roi_id)


bounds = st.tuples(*(st.integers(0, 40) for _ in range(2)))
names = st.sampled_from(["", "a", "b", "c"])
verdicts = st.sampled_from([True, False, None])
scales = st.sampled_from([None, 0.5, 1.5, 2.5])
extras = st.dictionaries(st.sampled_from(["cage", "rig", "day"]), st.sampled_from(["1", "2"]))


@st.composite
def rois(draw: st.DrawFn, roi_id: int) -> Roi:
    row, col = draw(bounds)
    return Roi(
        roi_id=roi_id,
        row_start=row,
        row_stop=row + draw(st.integers(1, 9)),
        col_start=col,
        col_stop=col + draw(st.integers(1, 9)),
        name=draw(names),
    )


@st.composite
def contents(draw: st.DrawFn) -> SidecarContents:
    found = tuple(draw(rois(i + 1)) for i in range(draw(st.integers(0, 3))))
    measured = [result(r.roi_id, draw(st.integers(0, 3))) for r in found if draw(st.booleans())]
    return SidecarContents(
        accepted=draw(verdicts),
        experiment=ExperimentMetadata(species=draw(names), extra=draw(extras)),
        corrections=HeaderCorrections(line_period_s=draw(scales), pixel_size_um=draw(scales)),
        rois=found,
        next_roi_id=len(found) + 1,
        results={r.key: r for r in measured},
        display={0: ChannelDisplay(lut=draw(st.sampled_from(["gray", "magma"])))},
    )


@st.composite
def edited(draw: st.DrawFn, base: SidecarContents) -> SidecarContents:
    """What somebody made of `base`: edited, deleted, added and measured."""
    other = draw(contents())
    kept = [roi for roi in base.rois if draw(st.integers(0, 3))]
    kept = [draw(rois(roi.roi_id)) if draw(st.integers(0, 2)) == 0 else roi for roi in kept]
    new = [draw(rois(base.next_roi_id + i)) for i in range(draw(st.integers(0, 2)))]
    ids = {roi.roi_id for roi in (*kept, *new)}
    results = {key: r for key, r in base.results.items() if key[2] in ids}
    for roi_id in ids:
        if draw(st.integers(0, 2)) == 0:
            fresh = result(roi_id, draw(st.integers(4, 8)))
            results[fresh.key] = fresh
    pick = st.booleans()
    return SidecarContents(
        accepted=other.accepted if draw(pick) else base.accepted,
        experiment=other.experiment if draw(pick) else base.experiment,
        corrections=other.corrections if draw(pick) else base.corrections,
        rois=(*kept, *new),
        next_roi_id=base.next_roi_id + len(new),
        results=results,
        display=other.display if draw(pick) else base.display,
    )


@st.composite
def three(draw: st.DrawFn) -> tuple[SidecarContents, SidecarContents, SidecarContents]:
    base = draw(contents())
    return base, draw(edited(base)), draw(edited(base))


def said(contents: SidecarContents) -> tuple[object, ...]:
    """What a state says, results by their numbers."""
    results = {key: r.digest for key, r in contents.results.items()}
    fields = (contents.accepted, contents.experiment, contents.corrections, contents.display)
    return (*fields, {roi.roi_id: roi for roi in contents.rois}, results)


@QUICK
@given(three())
def test_a_side_that_did_nothing_changes_nothing(states):
    base, mine, _ = states
    for left, right in ((base, mine), (mine, base)):
        merged, report = merge_contents(base, left, right)
        assert said(merged) == said(mine)
        assert report.clashes == ()


@QUICK
@given(three(), st.sampled_from(["mine", "theirs"]))
def test_what_one_side_changed_is_there_and_what_both_changed_is_told(states, side):
    base, mine, theirs = states
    merged, report = merge_contents(base, mine, theirs, decide=lambda clash: side)
    clashes = {clash.where: clash for clash in report.clashes}
    assert len(clashes) == len(report.clashes)
    plain = [
        ("accepted", *(c.accepted for c in (base, mine, theirs, merged))),
        ("species", *(c.experiment.species for c in (base, mine, theirs, merged))),
        ("line_period_s", *(c.corrections.line_period_s for c in (base, mine, theirs, merged))),
        *(
            (f"extra.{n}", *(c.experiment.extra.get(n) for c in (base, mine, theirs, merged)))
            for n in ("cage", "rig", "day")
        ),
    ]
    for where, was, here, there, now in plain:
        both = here != there and here != was and there != was
        assert (where in clashes) == both
        if both:
            found = clashes[where]
            assert (found.base, found.mine, found.theirs) == (was, here, there)
            assert now == (here if side == "mine" else there)
        else:
            assert now == (here if here != was else there)


@QUICK
@given(three())
def test_no_roi_and_no_result_of_either_is_lost(states):
    base, mine, theirs = states
    merged, report = merge_contents(base, mine, theirs)
    ids = [roi.roi_id for roi in merged.rois]
    assert len(set(ids)) == len(ids)
    assert all(roi_id < merged.next_roi_id for roi_id in ids)
    assert all(key[2] in ids and key == r.key for key, r in merged.results.items())
    by_id = {roi.roi_id: roi for roi in merged.rois}
    known = {roi.roi_id for roi in base.rois}
    for contents_, ids_ in ((mine, report.renumbered), (theirs, {})):
        for roi in contents_.rois:
            now = ids_.get(roi.roi_id, roi.roi_id)
            if roi.roi_id not in known:
                assert by_id[now] == roi.replace(roi_id=now)
        for key, kept in contents_.results.items():
            if key[2] not in known:
                found = merged.results[(key[0], key[1], ids_.get(key[2], key[2]))]
                if contents_ is mine:
                    assert found.digest == kept.digest
    deleted = known - {r.roi_id for r in mine.rois} - {r.roi_id for r in theirs.rois}
    assert not deleted & set(ids)


@QUICK
@given(three())
def test_who_is_called_mine_does_not_matter(states):
    base, mine, theirs = states
    one, _ = merge_contents(base, mine, theirs, decide=lambda clash: "mine")
    other, _ = merge_contents(base, theirs, mine, decide=lambda clash: "theirs")
    assert said(one)[:4] == said(other)[:4]

    def new(contents_: SidecarContents) -> list[tuple[object, ...]]:
        return sorted((roi.bounds, roi.name) for roi in contents_.rois)

    assert new(one) == new(other)
    assert sorted(r.digest for r in one.results.values()) == sorted(
        r.digest for r in other.results.values()
    )


@QUICK
@given(three())
def test_merging_again_changes_nothing(states):
    base, mine, theirs = states
    merged, _ = merge_contents(base, mine, theirs)
    again, report = merge_contents(theirs, merged, theirs)
    assert said(again) == said(merged)
    assert report.clashes == ()


def test_results_of_results_follow_the_new_id_of_their_roi():
    base = SidecarContents()
    roi = Roi(roi_id=1, row_start=0, row_stop=5, col_start=0, col_stop=5)
    velocity = result(1, 1, "radon_velocity")
    pulse = replace(
        result(1, 2, "heart_rate"), inputs={"velocity": InputRecord(velocity.key, velocity.digest)}
    )
    mine = SidecarContents(
        rois=(roi,), next_roi_id=2, results={velocity.key: velocity, pulse.key: pulse}
    )
    theirs = SidecarContents(rois=(roi.replace(col_stop=9),), next_roi_id=2)

    merged, report = merge_contents(base, mine, theirs)

    assert report.renumbered == {1: 2}
    moved = merged.results["heart_rate", 0, 2]
    assert moved.inputs["velocity"] == InputRecord(("radon_velocity", 0, 2), velocity.digest)
    assert merged.results["radon_velocity", 0, 2].columns["value"][0] == 1.0


@pytest.mark.parametrize("mine_swaps", [True, False])
def test_rois_lie_on_their_pixels_whoever_swapped_the_time_axis(mine_swaps):
    roi = Roi(roi_id=1, row_start=0, row_stop=50, col_start=2, col_stop=8)
    base = SidecarContents(rois=(roi,), next_roi_id=2)
    swapped = replace(
        base, corrections=HeaderCorrections(time_axis="columns"), rois=(roi.transposed(),)
    )
    added = roi.replace(roi_id=2, row_start=7)
    plain = replace(base, rois=(roi, added), next_roi_id=3)

    sides = (swapped, plain) if mine_swaps else (plain, swapped)
    merged, report = merge_contents(base, *sides)

    assert report.clashes == ()
    assert merged.corrections.time_axis == "columns"
    assert merged.rois == (roi.transposed(), added.transposed())

"""Two people changed one sidecar: what both did, put together field by field.

Three states are compared: the one both began with (`base`), `mine`, and `theirs`, which is on disk.
Whatever only one side changed is taken. Where both changed the same thing differently there is a
clash, which somebody has to decide. ROIs that both sides made are different ROIs even where they
have the same id: mine get new ids.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from cloudscope.analysis.result import AnalysisResult, InputRecord, ResultKey
from cloudscope.metadata import HeaderCorrections
from cloudscope.roi import WHOLE_RECORDING, Roi
from cloudscope.sidecar.document import SidecarContents
from cloudscope.sidecar.stored import StoredColumns

__all__ = ["MergeClash", "MergeReport", "Side", "merge_contents"]

Side = Literal["mine", "theirs"]
Decide = Callable[["MergeClash"], Side]

_T = TypeVar("_T")
_BOUNDS = ("row_start", "row_stop", "col_start", "col_stop")
_OF_ROI = ("name", "note", "color", "locked")


@dataclass(frozen=True, slots=True)
class MergeClash:
    """Something that both sides changed, each in another way.

    Attributes
    ----------
    where : str
        What it is, for people and for naming it, for example ``"ROI 2 bounds"``.
    base, mine, theirs : object
        The values; ``None`` for what is not there, for example a ROI that one side deleted.
    taken : {"mine", "theirs"}
        Whose value the merge takes.
    """

    where: str
    base: Any
    mine: Any
    theirs: Any
    taken: Side = "mine"


@dataclass(frozen=True, slots=True)
class MergeReport:
    """What a merge does, or would do.

    Attributes
    ----------
    clashes : tuple of MergeClash
        What both sides changed, and whose value is taken.
    from_theirs, from_mine : tuple of str
        What only one of the sides changed.
    renumbered : mapping of int to int
        New id of each ROI of mine whose id the other side had given out too.
    lost : tuple of str
        Results whose numbers the other side removed from disk, a sentence each.

    Examples
    --------
    >>> print(MergeReport(from_theirs=("accepted",), renumbered={2: 4}))
    1 change of theirs; my ROI 2 is ROI 4 now
    """

    clashes: tuple[MergeClash, ...] = ()
    from_theirs: tuple[str, ...] = ()
    from_mine: tuple[str, ...] = ()
    renumbered: Mapping[int, int] = field(default_factory=dict)
    lost: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "renumbered", MappingProxyType(dict(self.renumbered)))

    def __str__(self) -> str:
        words = []
        for names, whose in ((self.from_theirs, "theirs"), (self.from_mine, "mine")):
            if names:
                words.append(f"{len(names)} change{'s' * (len(names) > 1)} of {whose}")
        for side in ("mine", "theirs"):
            named = [clash.where for clash in self.clashes if clash.taken == side]
            if named:
                words.append(f"both changed {', '.join(named)}: {side} taken")
        words += [f"my ROI {old} is ROI {new} now" for old, new in self.renumbered.items()]
        return "; ".join([*words, *self.lost]) or "nothing differs"


def merge_contents(
    base: SidecarContents,
    mine: SidecarContents,
    theirs: SidecarContents,
    *,
    file_time_axis: str = "rows",
    decide: Decide = lambda clash: "mine",
) -> tuple[SidecarContents, MergeReport]:
    """Both sides' changes together.

    Parameters
    ----------
    base, mine, theirs : SidecarContents
        What both began with, what is here, and what is on disk.
    file_time_axis : {"rows", "columns"}
        Which axis the file itself takes as time: ROIs of a side that swapped it lie crosswise.
    decide : callable
        Called with each clash; returns whose value is taken.

    Returns
    -------
    (SidecarContents, MergeReport)
        The numbers of results are those of `mine` and `theirs`; nothing is computed.
    """
    return _Merge(base, mine, theirs, file_time_axis, decide).done()


class _Merge:
    """One merge: the three states and what was found so far."""

    def __init__(
        self,
        base: SidecarContents,
        mine: SidecarContents,
        theirs: SidecarContents,
        file_time_axis: str,
        decide: Decide,
    ) -> None:
        self._axis = file_time_axis
        self._decide = decide
        self._clashes: list[MergeClash] = []
        self._came: dict[Side, list[str]] = {"mine": [], "theirs": []}
        along = _axis(base.corrections, file_time_axis)
        self._base, self._theirs = base, self._turned(theirs, along)
        self._mine, self._renumbered = _renumbered(base, self._turned(mine, along), self._theirs)

    def done(self) -> tuple[SidecarContents, MergeReport]:
        base, mine, theirs = self._base, self._mine, self._theirs
        accepted = self._pick("accepted", base.accepted, mine.accepted, theirs.accepted)
        experiment = self._experiment()
        corrections = self._corrections()
        display = self._mapped(
            base.display, mine.display, theirs.display, lambda key: f"display of channel {key}"
        )
        rois, kept_by = self._rois()
        results = self._results({roi.roi_id for roi in rois}, kept_by)
        merged = SidecarContents(
            accepted=accepted,
            experiment=experiment,
            file_header=mine.file_header,
            corrections=corrections,
            rois=rois,
            next_roi_id=max(
                base.next_roi_id,
                mine.next_roi_id,
                theirs.next_roi_id,
                *(roi.roi_id + 1 for roi in rois),
            ),
            results=results,
            display=display,
            origin=mine.origin,
        )
        merged = self._turned(
            merged,
            _axis(corrections, self._axis),
            now=_axis(base.corrections, self._axis),
        )
        report = MergeReport(
            tuple(self._clashes),
            tuple(self._came["theirs"]),
            tuple(self._came["mine"]),
            self._renumbered,
        )
        return merged, report

    # ------------------------------------------------------------------ one thing

    def _pick(
        self,
        where: str,
        base: Any,
        mine: Any,
        theirs: Any,
        same: Callable[[Any, Any], bool] = lambda a, b: bool(a == b),
    ) -> Any:
        if same(mine, theirs):
            return theirs
        if same(mine, base):
            self._came["theirs"].append(where)
            return theirs
        if same(theirs, base):
            self._came["mine"].append(where)
            return mine
        return mine if self._clash(where, base, mine, theirs) == "mine" else theirs

    def _clash(self, where: str, base: Any, mine: Any, theirs: Any) -> Side:
        clash = MergeClash(where, base, mine, theirs)
        clash = replace(clash, taken=self._decide(clash))
        self._clashes.append(clash)
        return clash.taken

    def _mapped(
        self,
        base: Mapping[_T, Any],
        mine: Mapping[_T, Any],
        theirs: Mapping[_T, Any],
        where: Callable[[_T], str],
    ) -> dict[_T, Any]:
        """Entries by key; ``None`` is one that is not there."""
        merged = {}
        for key in dict.fromkeys((*theirs, *mine, *base)):
            value = self._pick(where(key), base.get(key), mine.get(key), theirs.get(key))
            if value is not None:
                merged[key] = value
        return merged

    def _experiment(self) -> Any:
        base, mine, theirs = (c.experiment for c in (self._base, self._mine, self._theirs))
        before, here, there = dict(base), dict(mine), dict(theirs)
        values = {name: self._pick(name, before[name], here[name], there[name]) for name in before}
        extra = self._mapped(base.extra, mine.extra, theirs.extra, lambda name: f"extra.{name}")
        return theirs.replace(**values, extra=extra)

    def _corrections(self) -> HeaderCorrections:
        base, mine, theirs = (c.corrections for c in (self._base, self._mine, self._theirs))
        before, here, there = base.to_dict(), mine.to_dict(), theirs.to_dict()
        values, stamps = {}, []
        for name in before:
            values[name] = self._pick(name, before[name], here[name], there[name])
            # who said it goes along with what was said
            said = theirs if values[name] == there[name] else mine
            stamp = said.stamp(name)
            if stamp is not None:
                stamps.append(stamp)
        return HeaderCorrections(**values, stamps=tuple(stamps))

    # ------------------------------------------------------------------ ROIs and their results

    def _rois(self) -> tuple[tuple[Roi, ...], dict[int, Side]]:
        """The ROIs, and by id the side whose results hold where the other side deleted it."""
        base, mine, theirs = (
            {roi.roi_id: roi for roi in c.rois} for c in (self._base, self._mine, self._theirs)
        )
        found: dict[int, Roi] = {}
        kept_by: dict[int, Side] = {}
        for roi_id in dict.fromkeys((*theirs, *mine, *base)):
            before, here, there = base.get(roi_id), mine.get(roi_id), theirs.get(roi_id)
            if here is not None and there is not None:
                found[roi_id] = self._roi(before, here, there)
                continue
            left, side = (here, "mine") if here is not None else (there, "theirs")
            if left is None:
                continue
            if before is None:
                self._came[side].append(f"ROI {roi_id}")  # type: ignore[index]
            elif not self._changed(roi_id, before, left, side):  # type: ignore[arg-type]
                self._came["theirs" if side == "mine" else "mine"].append(f"ROI {roi_id} deleted")
                continue
            elif self._clash(f"ROI {roi_id}", before, here, there) != side:
                continue
            found[roi_id] = left
            kept_by[roi_id] = side  # type: ignore[assignment]
        order = [list(each) for each in (base, mine, theirs)]
        common = set(base) & set(mine) & set(theirs)
        in_base, in_mine, in_theirs = ([i for i in each if i in common] for each in order)
        first = mine if in_theirs == in_base and in_mine != in_base else theirs
        ids = [i for i in dict.fromkeys((*first, *found)) if i in found]
        return tuple(found[i] for i in ids), kept_by

    def _roi(self, base: Roi | None, mine: Roi, theirs: Roi) -> Roi:
        if base is None:
            return theirs  # made by both alike
        roi_id = base.roi_id
        bounds = self._pick(f"ROI {roi_id} bounds", base.bounds, mine.bounds, theirs.bounds)
        values = {
            name: self._pick(
                f"ROI {roi_id} {name}",
                getattr(base, name),
                getattr(mine, name),
                getattr(theirs, name),
            )
            for name in _OF_ROI
        }
        return theirs.replace(**dict(zip(_BOUNDS, bounds, strict=True)), **values)

    def _changed(self, roi_id: int, before: Roi, left: Roi, side: Side) -> bool:
        """Whether a side worked on a ROI that the other side deleted."""
        if before != left:
            return True
        old = self._base.results
        new = (self._mine if side == "mine" else self._theirs).results
        keys = [key for key in {*old, *new} if key[2] == roi_id]
        return any(not _same(old.get(key), new.get(key)) for key in keys)

    def _results(
        self, roi_ids: set[int], kept_by: Mapping[int, Side]
    ) -> dict[ResultKey, AnalysisResult]:
        base, mine, theirs = (c.results for c in (self._base, self._mine, self._theirs))
        merged = {}
        for key in dict.fromkeys((*theirs, *mine, *base)):
            analysis, channel, roi_id = key
            if roi_id != WHOLE_RECORDING and roi_id not in roi_ids:
                continue
            if roi_id in kept_by:
                result = (mine if kept_by[roi_id] == "mine" else theirs).get(key)
            else:
                place = f"ROI {roi_id}" if roi_id != WHOLE_RECORDING else "whole recording"
                where = f"{analysis}, channel {channel}, {place}"
                result = self._pick(where, base.get(key), mine.get(key), theirs.get(key), _same)
            if result is not None:
                merged[key] = result
        return merged

    def _turned(
        self, contents: SidecarContents, along: str, now: str | None = None
    ) -> SidecarContents:
        """With its ROIs as they lie where time runs `along` this axis."""
        if (now or _axis(contents.corrections, self._axis)) == along:
            return contents
        return replace(contents, rois=tuple(roi.transposed() for roi in contents.rois))


def _axis(corrections: HeaderCorrections, of_file: str) -> str:
    return corrections.time_axis or of_file


def _same(a: AnalysisResult | None, b: AnalysisResult | None) -> bool:
    """Whether two results say the same, whenever each was measured."""
    if a is b or a is None or b is None:
        return a is b
    told = [
        (
            *(r.parameters, r.bounds, r.calibration, r.time_axis),
            *(r.source_fingerprint, r.software, r.inputs, _numbers(r)),
        )
        for r in (a, b)
    ]
    return _numbers(a) is not None and told[0] == told[1]


def _numbers(result: AnalysisResult) -> str | None:
    """What names the numbers of a result without reading them; ``None`` where nothing does."""
    if result.digest is not None:
        return result.digest
    load = result.load_columns
    return load.part.digest if isinstance(load, StoredColumns) and load.part else None


def _renumbered(
    base: SidecarContents, mine: SidecarContents, theirs: SidecarContents
) -> tuple[SidecarContents, dict[int, int]]:
    """`mine` with a new id for each new ROI whose id the other side gave out as well."""
    known = {roi.roi_id for roi in base.rois}
    there = {roi.roi_id: roi for roi in theirs.rois}
    free = max(base.next_roi_id, mine.next_roi_id, theirs.next_roi_id, *known, *there, 0)
    ids: dict[int, int] = {}
    for roi in mine.rois:
        if roi.roi_id in known or there.get(roi.roi_id) == roi:
            continue
        if roi.roi_id in there or base.next_roi_id <= roi.roi_id < theirs.next_roi_id:
            ids[roi.roi_id] = free = max(free, *(r.roi_id + 1 for r in mine.rois))
            free += 1
    if not ids:
        return mine, ids

    def key_of(key: ResultKey) -> ResultKey:
        return (key[0], key[1], ids.get(key[2], key[2]))

    def moved(result: AnalysisResult) -> AnalysisResult:
        inputs = {
            name: InputRecord(key_of(record.key), record.digest)
            for name, record in result.inputs.items()
        }
        if result.roi_id not in ids and inputs == dict(result.inputs):
            return result
        new = ids.get(result.roi_id or WHOLE_RECORDING, result.roi_id)
        if new == result.roi_id:
            return result.bound_to(inputs=inputs)
        columns = result.columns  # rows on disk carry the old id
        return result.bound_to(roi_id=new, inputs=inputs, load_columns=lambda: columns)

    return (
        replace(
            mine,
            rois=tuple(roi.replace(roi_id=ids.get(roi.roi_id, roi.roi_id)) for roi in mine.rois),
            results={key_of(key): moved(result) for key, result in mine.results.items()},
            next_roi_id=free,
        ),
        ids,
    )

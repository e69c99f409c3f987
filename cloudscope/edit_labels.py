"""What an edit is called on the undo button."""

from __future__ import annotations

from typing import Any, cast

from cloudscope.roi import Roi

__all__ = ["edit_label"]

_CORRECTED = {
    "line_period_s": "line period",
    "pixel_size_um": "pixel size",
    "time_axis": "time axis",
}


def edit_label(name: str, old: Any, new: Any) -> str:
    """What an assignment did, for the undo button."""
    if name == "rois":
        return _roi_label(cast("tuple[Roi, ...]", old), cast("tuple[Roi, ...]", new))
    if name == "display":
        return "change colours or contrast"
    if name == "experiment":
        before, after = dict(old) | dict(old.extra), dict(new) | dict(new.extra)
        names = dict.fromkeys([*after, *before])
        changed = [key for key in names if before.get(key) != after.get(key)]
        return "edit " + (", ".join(changed) or "metadata")
    if name == "corrections":
        changed = [key for key, value in new.to_dict().items() if old.to_dict()[key] != value]
        return "correct " + (", ".join(_CORRECTED[key] for key in changed) or "header")
    return {True: "accept", False: "reject", None: "clear verdict"}[new]


def _roi_label(old: tuple[Roi, ...], new: tuple[Roi, ...]) -> str:
    before, after = {r.roi_id: r for r in old}, {r.roi_id: r for r in new}
    added, gone = after.keys() - before.keys(), before.keys() - after.keys()
    changed = [i for i in after.keys() & before.keys() if after[i] != before[i]]
    touched = [("add", sorted(added)), ("delete", sorted(gone)), ("edit", sorted(changed))]
    parts = [f"{verb} ROI {', '.join(map(str, ids))}" for verb, ids in touched if ids]
    return " and ".join(parts) or "reorder ROIs"

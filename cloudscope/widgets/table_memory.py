"""How a table of a folder was arranged, remembered for the next time it is opened.

It is kept in the user's own cache, never in the folder of recordings.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from cloudscope.cache_folder import read_cached, write_cached

__all__ = ["REMEMBERED", "recall", "remember"]

VERSION = "1"

REMEMBERED: dict[str, type] = {
    "hidden": list,
    "column_order": list,
    "widths": dict,
    "sort_by": str,
    "group_by": str,
    "choice": str,
}
"""Traits of a table that are its arrangement, with the type that each must have."""


def _name(folder: Path) -> str:
    digest = hashlib.blake2b(
        str(folder.absolute()).encode("utf-8", "surrogateescape"), digest_size=16
    )
    return f"tables/{digest.hexdigest()}.json"


def recall(folder: Path) -> dict[str, Any]:
    """The arrangement of a folder's table, as far as it is known and makes sense."""
    kept = read_cached(_name(folder), VERSION)
    if not isinstance(kept, dict):
        return {}
    known = {n: kept[n] for n, kind in REMEMBERED.items() if isinstance(kept.get(n), kind)}
    for name in ("hidden", "column_order"):
        if not all(isinstance(key, str) for key in known.get(name, ())):
            known.pop(name)
    widths = known.get("widths", {})
    if not all(type(width) is int and 0 < width < 4000 for width in widths.values()):
        known.pop("widths")
    return known


def remember(folder: Path, arrangement: dict[str, Any]) -> None:
    """Keep an arrangement; where the disk refuses, nothing is kept."""
    write_cached(_name(folder), VERSION, {name: arrangement[name] for name in REMEMBERED})

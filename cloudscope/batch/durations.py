"""How long measurements took on this machine, so that the next batch can say how long it takes."""

from __future__ import annotations

import hashlib
import json
import threading
from typing import TYPE_CHECKING, Any

from cloudscope.cache_folder import read_cached, write_cached

if TYPE_CHECKING:
    from cloudscope.batch.outcomes import BatchItem

__all__ = ["expected_seconds", "keep_durations", "note_duration"]

_NAME, _VERSION = "durations.json", "1"
_MOST_KEPT = 100

_lock = threading.Lock()
_rates: dict[str, float] = {}
"""Seconds a pixel, by analysis and parameters; the last ones at the end."""
_read = False
_changed = False


def _key(item: BatchItem) -> str:
    measurement = item.measurement
    assert measurement is not None
    said = json.dumps(dict(measurement.parameters), sort_keys=True, default=str)
    return f"{measurement.analysis} {hashlib.blake2b(said.encode(), digest_size=8).hexdigest()}"


def _known() -> dict[str, float]:
    global _read
    if not _read:
        _read = True
        kept: Any = read_cached(_NAME, _VERSION)
        if isinstance(kept, dict):
            for key, rate in kept.items():
                if isinstance(rate, float) and 0 < rate < 1e6:
                    _rates.setdefault(str(key), rate)
    return _rates


def expected_seconds(item: BatchItem) -> float | None:
    """How long one worker would take; ``None`` if these parameters were never measured here."""
    if item.measurement is None:
        return None
    with _lock:
        rate = _known().get(_key(item))
    return None if rate is None else rate * item.pixels


def note_duration(item: BatchItem, seconds: float) -> None:
    """Learn from a measurement that is done."""
    global _changed
    if item.pixels < 1:
        return
    with _lock:
        rates, key = _known(), _key(item)
        new = seconds / item.pixels
        before = rates.pop(key, None)
        rates[key] = new if before is None else 0.7 * before + 0.3 * new
        while len(rates) > _MOST_KEPT:
            del rates[next(iter(rates))]
        _changed = True


def keep_durations() -> None:
    """Keep what was learnt for the next session."""
    global _changed
    with _lock:
        if _changed:
            _changed = False
            write_cached(_NAME, _VERSION, _rates)

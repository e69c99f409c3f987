"""Damaged copies of a file, each of which must give pixels or the one error, and soon.

The suite reads 30 copies of each format; ``CLOUDSCOPE_FLIPS=300`` reads as many as that.
"""

from __future__ import annotations

import os
import random
import signal
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cloudscope import loaders
from cloudscope.errors import LoadError

__all__ = ["read_everything", "survives_damage"]

FLIPS = int(os.environ.get("CLOUDSCOPE_FLIPS", "30"))
PATIENCE_S = 20


class TooLong(BaseException):
    """Not an `Exception`, so that no reader catches it."""


def damaged(whole: bytes, chance: random.Random) -> bytes:
    """A copy with one to ten bytes changed, most of them where the structure stands."""
    data = bytearray(whole)
    for _ in range(chance.choice((1, 1, 2, 3, 10))):
        near = chance.random()
        spot = chance.randrange(min(6000, len(data)) if near < 0.8 else len(data))
        data[spot if near < 0.5 or near >= 0.8 else len(data) - 1 - spot] = chance.randrange(256)
    return bytes(data)


def read_everything(path: Path) -> None:
    """Read all that loaders read: list, headers, pixels of some channels, reference image."""
    for entry in loaders.list_images(path)[:3]:
        header = loaders.read_header(path, image=entry.index)
        header.to_dict()
        header.optics.rows()
        pixels = loaders.open_pixels(path, header)
        for channel in range(min(header.channels, 3)):
            plane = pixels.channel(channel)
            assert plane.shape == (header.lines, header.pixels)
            plane[:: max(1, len(plane) // 50)].sum()
        reference = loaders.read_reference(path, header)
        assert reference is None or reference.pixels.size > 0


def survives_damage(path: Path, damages: Path | None = None, *, flips: int | None = None) -> int:
    """Read damaged copies in the place of the file; returns how many were refused.

    Parameters
    ----------
    path : Path
        The recording.
    damages : Path, optional
        The file to damage, where it is not the recording itself but belongs to it.
    flips : int, optional
    """
    target = damages or path
    whole = target.read_bytes()
    chance = random.Random(len(whole))
    refused = 0
    try:
        for _ in range(FLIPS if flips is None else flips):
            target.write_bytes(damaged(whole, chance))
            with warnings.catch_warnings(), _in_time():
                warnings.simplefilter("ignore")  # readers warn of what they mend
                refused += bool(_refusal(path))
    finally:
        target.write_bytes(whole)
    return refused


def _refusal(path: Path) -> str:
    """Why a file is refused, in one line; ``""`` where it is read."""
    try:
        read_everything(path)
    except LoadError as caught:
        reason = caught.reason
    else:
        return ""
    assert reason
    assert "\n" not in reason
    return reason


@contextmanager
def _in_time() -> Iterator[None]:
    def too_long(*_: object) -> None:
        raise TooLong(f"a damaged file was not read within {PATIENCE_S} s")

    if not hasattr(signal, "SIGALRM"):
        yield
        return
    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(PATIENCE_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)

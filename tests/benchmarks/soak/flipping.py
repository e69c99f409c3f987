"""Read damaged copies of one recording: ``python -m tests.benchmarks.soak.flipping FILE N SEED``.

Each copy has some bytes changed, and is read as far as its pixels. Anything but a `LoadError` that
it raises is a failure; so is a copy that takes longer than `PATIENCE_S`. Prints JSON.
"""

from __future__ import annotations

import json
import random
import signal
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path

from cloudscope import loaders
from cloudscope.errors import LoadError

PATIENCE_S = 20


class TooLong(BaseException):
    """Not an `Exception`, so that nothing but this program catches it."""


def damaged(whole: bytes, chance: random.Random) -> bytes:
    """A copy with one to ten bytes changed, most of them where the structure stands."""
    data = bytearray(whole)
    for _ in range(chance.choice((1, 1, 2, 3, 10))):
        near = chance.random()
        reach = min(4000, len(data)) if near < 0.8 else len(data)
        spot = chance.randrange(reach)
        data[spot if near < 0.5 or near >= 0.8 else len(data) - 1 - spot] = chance.randrange(256)
    return bytes(data)


def read(path: Path) -> str:
    """Read header and pixels; what came of it."""
    try:
        header = loaders.read_header(path)
        source = loaders.open_pixels(path, header)
        for channel in range(min(header.channels, 3)):
            plane = source.channel(channel)
            if plane.shape != (header.lines, header.pixels):
                return f"a plane of {plane.shape} where the header says something else"
            plane[:: max(1, len(plane) // 50)].sum()
    except LoadError as error:
        return "refused" if str(error).strip() else "an error without words"
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:120]
    return "read"


def main(file: str, times: str, seed: str) -> None:
    """Count what comes of damaged copies."""
    source = Path(file)
    whole = source.read_bytes()
    chance = random.Random(int(seed))
    found: Counter[str] = Counter()

    def too_long(*_: object) -> None:
        raise TooLong

    signal.signal(signal.SIGALRM, too_long)
    with tempfile.TemporaryDirectory(prefix="soak-flip-") as folder:
        copy = Path(folder) / source.name
        for _ in range(int(times)):
            copy.write_bytes(damaged(whole, chance))
            signal.alarm(PATIENCE_S)
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    found[read(copy)] += 1
            except TooLong:
                found["hung"] += 1
            finally:
                signal.alarm(0)
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:4])

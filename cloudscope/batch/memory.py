"""How much memory a measurement may take, and how much there is.

A declared limit is kept in three ways: what is estimated to need more is refused in words before
it starts; no more is started at once than fits; and each worker process of our own may not have
more from the system, so that what was estimated wrongly fails alone instead of taking the machine
along.
"""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING

from cloudscope import loaders
from cloudscope.analysis.registry import get_analysis
from cloudscope.errors import LoadError, ParameterError

if TYPE_CHECKING:
    from cloudscope.measurement import Measurement

__all__ = ["bytes_needed", "checked_limit", "limit_this_process", "memory_there_is", "too_large"]

MB = 1_000_000

WORKING_BYTES = 60 * MB
"""Of an analysis that works on results alone."""

_WORTH_A_LOOK = 128 * MB
"""Bytes of a plane from which on the file is asked what it takes to decode a part of it."""

_SHARE_OF_WHAT_IS_FREE = 0.6


def checked_limit(memory_limit_mb: float | None) -> int:
    """A declared limit in bytes; by default most of the memory that is free now.

    Raises
    ------
    ParameterError
        If it is no positive number.
    """
    if memory_limit_mb is None:
        return int(memory_there_is() * _SHARE_OF_WHAT_IS_FREE)
    wrong = isinstance(memory_limit_mb, bool) or not isinstance(memory_limit_mb, int | float)
    if wrong or not math.isfinite(memory_limit_mb) or memory_limit_mb <= 0:
        raise ParameterError(
            f"memory_limit_mb={memory_limit_mb!r} is not allowed: give a number of MB above 0"
        )
    return int(memory_limit_mb * MB)


def bytes_needed(measurement: Measurement) -> int:
    """What a measurement takes beyond an idle worker, estimated without reading pixels.

    Pixels that a file stores plainly are mapped and cost nothing, and so do those that are
    decoded onto the disk because they are many. What is left is what the analysis says it works
    with.
    """
    if not measurement.needs_pixels:
        return WORKING_BYTES
    analysis = get_analysis(measurement.analysis)
    parameters = {each.name: each.default for each in analysis.parameters}
    row_start, row_stop, col_start, col_stop = measurement.bounds
    lines, columns = row_stop - row_start, col_stop - col_start
    working = analysis.memory.bytes_for(lines, columns, {**parameters, **measurement.parameters})
    return working + _bytes_of_pixels(measurement, lines * columns)


def _bytes_of_pixels(measurement: Measurement, roi_pixels: int) -> int:
    header = measurement.header
    item_bytes = _item_bytes(header.dtype)
    if measurement.path is None:
        return roi_pixels * item_bytes  # they travel along
    plane = header.lines * header.pixels * item_bytes
    if plane > _WORTH_A_LOOK:
        try:
            source = loaders.open_pixels(measurement.path, header)
            return loaders.bytes_to_decode(source, measurement.bounds)
        except LoadError:
            return 0  # measuring says what is wrong
    stored = plane * header.channels * header.frames
    return 2 * plane if _size(measurement.path) < stored else 0


def _item_bytes(dtype: str) -> int:
    bits = "".join(character for character in dtype if character.isdigit())
    return max(1, int(bits) // 8) if bits else 2


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # opening it will say what is wrong


def too_large(needed: int, limit: int) -> str:
    """Why a measurement is not started under this limit; ``""`` where it fits."""
    if needed <= limit:
        return ""
    return (
        f"it would take about {needed / MB:,.0f} MB, and the limit is {limit / MB:,.0f} MB: "
        f"measure a smaller ROI, or allow more with memory_limit_mb"
    )


def memory_there_is() -> int:
    """Bytes that can be had now without swapping, within the limit of a container."""
    found = [_available(), *_container_limits()]
    return min(value for value in found if value > 0)


def _available() -> int:
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass  # another system than Linux
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (AttributeError, OSError, ValueError):
        return 4_000 * MB


def _container_limits() -> list[int]:
    """What is left of the limits of a control group, version 2."""
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
        used = Path("/sys/fs/cgroup/memory.current").read_text(encoding="ascii").strip()
    except OSError:
        return []
    return [max(1, int(limit) - int(used))] if limit.isdigit() and used.isdigit() else []


def limit_this_process(allowed: int) -> None:
    """Let this process have at most so many bytes more than now, where the system can do that.

    Files that are mapped do not count.
    """
    try:
        import resource

        status = Path("/proc/self/status").read_text(encoding="ascii")
        now = next(int(line.split()[1]) for line in status.splitlines() if "VmData" in line)
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        wanted = now * 1024 + allowed
        if hard == resource.RLIM_INFINITY or wanted < hard:
            resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))
    except (ImportError, OSError, StopIteration, ValueError):
        return  # not Linux: the estimate alone keeps the limit

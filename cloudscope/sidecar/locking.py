"""One save at a time in a folder, across threads, processes and, where flock works, machines."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from cloudscope.errors import SidecarError
from cloudscope.sidecar.names import LOCK_NAME

__all__ = ["LOCK_TIMEOUT_S", "FolderBusy", "folder_lock"]

LOCK_TIMEOUT_S = 10.0


class FolderBusy(SidecarError):
    """Another program is saving in the folder and did not finish in time."""


@contextlib.contextmanager
def folder_lock(path: Path, timeout_s: float | None = None) -> Iterator[None]:
    """Hold the lock of the folder in which the file `path` really stands.

    Raises
    ------
    FolderBusy
        If it is not free within `timeout_s` seconds (default `LOCK_TIMEOUT_S`).
    OSError
        If the lock cannot be made, for example in a read-only folder.
    """
    from filelock import FileLock, Timeout

    # Colleagues who share a folder share the lock: they need the right to open it for writing.
    timeout_s = LOCK_TIMEOUT_S if timeout_s is None else timeout_s
    lock = FileLock(Path(os.path.realpath(path)).with_name(LOCK_NAME), mode=0o666)
    try:
        lock.acquire(timeout=timeout_s, poll_interval=0.01)
    except Timeout:
        raise FolderBusy(
            f"{path}: not saved: another program has been saving in this folder for "
            f"{timeout_s:g} s; wait until it has finished and save again"
        ) from None
    try:
        yield
    finally:
        lock.release()

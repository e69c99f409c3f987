"""Writing a file so that at every instant either the old bytes or the new ones are there."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from pathlib import Path

from cloudscope.sidecar.names import temporary_path

__all__ = ["move", "replace_file", "sync_folder"]

_WINDOWS = os.name == "nt"
_PAUSES_S = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4)
_NO_FOLDER_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF)


def replace_file(path: Path, data: bytes) -> None:
    """Make `data` the content of `path` in one step; call `sync_folder` to make that durable.

    A symbolic link stays a link: the file it points to is replaced. Mode and, where allowed, owner
    of an existing file are kept; a new file gets what the umask says.

    Raises
    ------
    OSError
        The old file is as it was, and no temporary file is left.
    """
    target = Path(os.path.realpath(path))
    temporary = temporary_path(target)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(temporary, flags, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            _keep_mode(target, file.fileno())
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        move(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _keep_mode(target: Path, descriptor: int) -> None:
    try:
        old = target.stat()
    except FileNotFoundError:
        return
    if not os.access(target, os.W_OK):
        # Replacing needs no right on the file itself, but who made it read-only meant it.
        raise PermissionError(errno.EACCES, "the file is read-only", str(target))
    if not _WINDOWS:
        with contextlib.suppress(PermissionError):  # only root may give a file to somebody else
            os.fchown(descriptor, old.st_uid, old.st_gid)
        os.fchmod(descriptor, stat.S_IMODE(old.st_mode))


def move(source: Path, target: Path) -> None:
    """`os.replace`, with patience for Windows, where a scanner may hold a file for a moment."""
    for pause_s in _PAUSES_S if _WINDOWS else ():
        try:
            source.replace(target)
            return
        except PermissionError:
            time.sleep(pause_s)
    source.replace(target)


def sync_folder(folder: Path) -> None:
    """Wait until the names in `folder` are on the disk, where the system can do that at all."""
    if _WINDOWS:
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:  # some network file systems have no such thing
            raise
    finally:
        os.close(descriptor)

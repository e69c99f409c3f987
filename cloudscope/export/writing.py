"""Where an export goes: new files and folders that appear whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.errors import ExportError
from cloudscope.sidecar.atomic import move, sync_folder
from cloudscope.sidecar.names import temporary_path

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage

__all__ = ["file_name", "needed", "new_file", "new_folder", "refuse_sources", "target_path"]

_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_LONGEST_NAME = 180  # bytes; what is added to it must still fit into the 255 of a file system


def needed(module: str, extra: str, what: str) -> Any:
    """An optional package, or the one sentence that says how to install it.

    Raises
    ------
    ExportError
        If it is not installed.

    Examples
    --------
    >>> needed("no_such_package", "nwb", "writing NWB")
    Traceback (most recent call last):
    ...
    cloudscope.errors.ExportError: writing NWB needs no_such_package: pip install 'cloudscope[nwb]'
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise ExportError(f"{what} needs {package}: pip install 'cloudscope[{extra}]'") from error


def target_path(path: str | os.PathLike[str], suffixes: Iterable[str]) -> Path:
    """`path`, if its name ends as the format's do.

    Raises
    ------
    ExportError
        If it does not: a file under a wrong name is one that nothing opens.
    """
    target = Path(os.fsdecode(path))
    allowed = tuple(suffixes)
    if not target.name.lower().endswith(allowed):
        raise ExportError(f"{target}: give a name that ends in {' or '.join(allowed)}")
    return target


def file_name(name: str) -> str:
    """A recording's name as a file name of any system.

    Examples
    --------
    >>> file_name("a/b:c?.tif"), file_name("CON"), file_name(" .. ")
    ('a_b_c_.tif', '_CON', '_')
    """
    plain = _NOT_IN_NAMES.sub("_", name).strip(" .") or "_"
    if _RESERVED.match(plain):
        plain = f"_{plain}"
    encoded = plain.encode("utf-8", "replace")
    return encoded[:_LONGEST_NAME].decode("utf-8", "ignore")


def refuse_sources(target: Path, images: Iterable[AcqImage]) -> None:
    """Raise `ExportError` where a target is a recording, its sidecar, or holds or is inside one."""
    real = Path(os.path.realpath(target))
    for image in images:
        if image.path is None:
            continue
        source = Path(os.path.realpath(image.path))
        beside = real.parent == source.parent and (
            real.name.startswith(f"{source.name}.") and real.suffix in (".json", ".csv")
        )
        if real == source or beside or source.is_relative_to(real) or real.is_relative_to(source):
            raise ExportError(
                f"{target}: that is where {image.name} or its sidecar stands, which an export "
                "never writes to; choose another name or folder"
            )


@contextmanager
def new_file(
    path: Path, images: Iterable[AcqImage] = (), *, overwrite: bool = False
) -> Iterator[Path]:
    """A temporary name to write to; it becomes `path` when the block ends without an exception.

    Raises
    ------
    ExportError
        If `path` is a source, is there already and `overwrite` is not set, or cannot be written.
    """
    refuse_sources(path, images)
    if path.is_dir():
        raise ExportError(f"{path}: there is a folder of this name; choose another name")
    _refuse_existing(path, overwrite)
    with _as_sentences(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = temporary_path(path)
        try:
            yield temporary
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            _refuse_existing(path, overwrite)
            move(temporary, path)
            sync_folder(path.parent)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def new_folder(
    path: Path,
    images: Iterable[AcqImage] = (),
    *,
    overwrite: bool = False,
    is_ours: Callable[[Path], bool],
) -> Iterator[Path]:
    """A temporary folder to fill; it becomes `path` when the block ends without an exception.

    Parameters
    ----------
    path : Path
    images : iterable of AcqImage
        What is exported.
    overwrite : bool
    is_ours : callable
        Whether the folder that is there holds nothing but such an export, so that replacing it
        loses nothing else.

    Raises
    ------
    ExportError
        As for `new_file`, and where the folder to be replaced holds something else.
    """
    refuse_sources(path, images)
    _refuse_existing(path, overwrite)
    with _as_sentences(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = temporary_path(path)
        temporary.mkdir()
        try:
            yield temporary
            _refuse_existing(path, overwrite)
            old = None
            if os.path.lexists(path):
                if path.is_symlink() or not path.is_dir() or not is_ours(path):
                    raise ExportError(
                        f"{path}: what is there is no such export, and is not replaced; choose "
                        "another name"
                    )
                old = temporary_path(path)
                move(path, old)
            try:
                move(temporary, path)
            except OSError:
                if old is not None:
                    move(old, path)
                raise
            sync_folder(path.parent)
            if old is not None:
                shutil.rmtree(old)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def _refuse_existing(path: Path, overwrite: bool) -> None:
    if not overwrite and os.path.lexists(path):
        raise ExportError(f"{path} is there already: give overwrite=True to replace it")


@contextmanager
def _as_sentences(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ExportError(f"{path} cannot be written: {reason}; nothing was left") from error

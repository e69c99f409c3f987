"""Where what can be made again at any time is kept: a folder of this user, safe to delete."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from cloudscope.sidecar.atomic import replace_file

__all__ = ["CACHE_VARIABLE", "cache_folder", "read_cached", "write_cached"]

CACHE_VARIABLE = "CLOUDSCOPE_CACHE"
"""Environment variable that names another folder; ``off`` keeps nothing."""


def cache_folder() -> Path | None:
    """The folder, which need not exist yet; ``None`` where nothing is to be kept.

    It is the user's own and not the lab's: folders of recordings stay as clean as they are, may be
    read-only or on a network drive, and what one user keeps is never taken for true by another.
    """
    named = os.environ.get(CACHE_VARIABLE)
    if named == "off":
        return None
    if named:
        return Path(named)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
        return Path(base) / "cloudscope" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "cloudscope"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cloudscope"


def read_cached(name: str, version: str) -> Any:
    """What was kept under a name; ``None`` where there is nothing, or it cannot be understood."""
    folder = cache_folder()
    if folder is None:
        return None
    try:
        kept = json.loads((folder / name).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None  # as if it had been deleted: it is written anew
    if not isinstance(kept, dict) or kept.get("version") != version:
        return None
    return kept.get("content")


def write_cached(name: str, version: str, content: Any) -> None:
    """Keep something under a name; where the disk refuses, nothing is kept."""
    folder = cache_folder()
    if folder is None:
        return
    data = json.dumps({"version": version, "content": content}, ensure_ascii=False)
    with contextlib.suppress(OSError, UnicodeEncodeError):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        replace_file(folder / name, data.encode())

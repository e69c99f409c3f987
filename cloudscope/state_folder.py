"""Where what this user made and wants to have again is kept: never beside the recordings."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["STATE_VARIABLE", "state_folder"]

STATE_VARIABLE = "CLOUDSCOPE_STATE"
"""Environment variable that names another folder; ``off`` keeps nothing."""


def state_folder() -> Path | None:
    """The folder, which need not exist yet; ``None`` where nothing is to be kept."""
    named = os.environ.get(STATE_VARIABLE)
    if named == "off":
        return None
    if named:
        return Path(named)
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
        return Path(local) / "cloudscope"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "cloudscope"
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "cloudscope"

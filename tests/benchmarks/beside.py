"""The shared data beside the clone: real recordings, and a scorer that knows the truth."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("CLOUDSCOPE_SHARED", ROOT.parent / "shared"))


def recordings() -> Path | None:
    """Folder of real recordings, if it is on this machine."""
    data = SHARED / "data"
    return data if data.is_dir() else None


def scorer() -> ModuleType | None:
    """The module that draws kymographs with truth and scores an analysis, if it is here."""
    path = SHARED / "bench" / "kymo_truth.py"
    if not path.is_file():
        return None
    spec = importlib.util.spec_from_file_location("kymo_truth", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["kymo_truth"] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    return module

"""Imports go one way: widgets → models → loaders, sidecar, analysis, synthetic → values."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "cloudscope"

VALUES = {
    "display", "errors", "experiment_metadata", "folder_settings", "metadata", "name_pattern",
    "optics", "read_later", "roi", "state_folder", "veil",
}  # fmt: skip
MODELS = {
    "acq_image", "acq_image_list", "batch", "blind_folder", "blind_state", "blinding",
    "blinding_file", "cache_folder", "edits", "folder_listing",
    "header_cache", "image_state", "inputs", "kept_rows", "measurement", "merged_image",
    "presets", "preview",
    "stretch_statistics",
    "recording_columns", "row_filter", "selection", "table_columns",
    "edit_labels", "experiment_state", "metadata_edits", "past", "recording", "recovery",
    "reviewing",
    "recording_folder", "watched_folder", "watching",
    "results_folder", "roi_exchange",
    "saved_image", "tables", "trait_types",
    "verification",
}  # fmt: skip

ALLOWED = {
    "errors": set(),
    "display": {"errors"},
    "roi": {"errors"},
    "experiment_metadata": {"errors"},
    "optics": set(),
    "read_later": set(),
    "state_folder": set(),
    "veil": set(),
    "metadata": {"errors", "experiment_metadata", "optics", "read_later"},
    "name_pattern": {"errors"},
    "folder_settings": {"errors", "experiment_metadata", "name_pattern"},
    "analysis": {"errors", "analysis", "synthetic"},
    "synthetic": {"errors", "synthetic"},
    "loaders": VALUES | {"loaders"},
    "sidecar": VALUES | {"analysis", "sidecar"},
    **{model: VALUES | MODELS | {"analysis", "loaders", "sidecar"} for model in sorted(MODELS)},
    "export": VALUES | MODELS | {"analysis", "loaders", "sidecar", "export"},
    "figures": VALUES | MODELS | {"analysis", "export", "figures", "pool"},
    "pool": VALUES | MODELS | {"analysis", "export", "pool"},
    "sheets": VALUES | MODELS | {"sheets", "export", "sidecar"},
    "widgets": VALUES
    | MODELS
    | {"analysis", "widgets", "loaders", "export", "figures", "pool", "sheets"},
}


def _imports(path: Path) -> set[str]:
    """Rooms of the package that a module imports, at its top or within its functions."""
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cloudscope"):
            parts = (node.module or "").split(".")
            names = parts[1:2] or [alias.name for alias in node.names]
            rooms |= {name for name in names if not name.startswith("_")}
        elif isinstance(node, ast.Import):
            rooms |= {
                alias.name.split(".")[1]
                for alias in node.names
                if alias.name.startswith("cloudscope.")
            }
    return rooms


@pytest.mark.parametrize("room", ALLOWED)
def test_a_room_imports_only_what_lies_below_it(room: str) -> None:
    folder = PACKAGE / room
    files = sorted(folder.rglob("*.py")) if folder.is_dir() else [PACKAGE / f"{room}.py"]
    assert files
    for path in files:
        wrong = _imports(path) - ALLOWED[room]
        assert not wrong, f"{path.relative_to(PACKAGE)} imports {', '.join(sorted(wrong))}"

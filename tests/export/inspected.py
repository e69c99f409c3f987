"""What NWB Inspector has against a file."""

from __future__ import annotations

from pathlib import Path

import pytest


def bad_messages(path: Path) -> list[str]:
    """Everything but suggestions."""
    inspector = pytest.importorskip("nwbinspector")
    suggestion = inspector.Importance.BEST_PRACTICE_SUGGESTION
    return [
        f"{message.check_function_name}: {message.message}"
        for message in inspector.inspect_nwbfile(nwbfile_path=path)
        if message.importance != suggestion
    ]

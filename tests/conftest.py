"""Fixtures every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: they take longest, and need what the others have tested."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real recordings, or a skip that says why there is none."""
    root = Path(__file__).resolve().parents[1]
    shared = Path(os.environ.get("CLOUDSCOPE_SHARED", root.parent / "shared"))
    data = shared / "data"
    if not data.is_dir():
        pytest.skip(
            "real recordings are not on this machine (set CLOUDSCOPE_SHARED to their folder)"
        )
    return data


@pytest.fixture(scope="session")
def shared_bench(shared_data: Path) -> Path:
    """Folder of the truth generators and scorers that sit beside the real recordings."""
    bench = shared_data.parent / "bench"
    if not bench.is_dir():
        pytest.skip("the scorer is not on this machine (set CLOUDSCOPE_SHARED to its folder)")
    return bench

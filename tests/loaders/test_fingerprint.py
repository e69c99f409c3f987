"""The digest that tells whether a recording is still the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloudscope.errors import LoadError
from cloudscope.loaders import fingerprint

_MIB = 1 << 20


@pytest.mark.parametrize("size", [0, 1, _MIB, _MIB + 1, 2 * _MIB, 3 * _MIB + 5])
def test_any_visible_change_is_seen(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.tif"
    content = bytes(i % 251 for i in range(1000)) * (size // 1000 + 1)
    path.write_bytes(content[:size])
    first = fingerprint(path)

    assert len(first) == 32
    assert int(first, 16) >= 0
    assert fingerprint(str(path)) == first
    path.write_bytes(content[:size] + b"\0")
    assert fingerprint(path) != first
    for spot in {0, size // 2 if size < 2 * _MIB else 0, size - 1} if size else set():
        changed = bytearray(content[:size])
        changed[spot] ^= 1
        path.write_bytes(changed)
        assert fingerprint(path) != first


def test_a_copy_has_the_same(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"pixels")

    assert fingerprint(tmp_path / "a") == fingerprint(tmp_path / "b")


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="no such file"):
        fingerprint(tmp_path / "a")

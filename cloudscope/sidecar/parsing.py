"""From the bytes of a JSON to an object that is certainly one of ours."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from cloudscope.errors import SidecarError

__all__ = ["SCHEMA", "parse_json", "schema_of"]

SCHEMA = (1, 0)
"""Major and minor version written. A newer minor adds fields; a newer major changes meanings."""

_CONTAINERS: dict[str, type] = {
    "experiment_metadata": dict,
    "header": dict,
    "header_corrections": dict,
    "rois": list,
    "results": list,
    "tables": dict,
}


def parse_json(data: bytes) -> dict[str, Any]:
    """The object in the bytes of a sidecar.

    Raises
    ------
    SidecarError
        If it is damaged or another program's; the text says how, without the name of the file.
    """
    odd: list[str] = []

    def finite(text: str) -> float:
        if not math.isfinite(float(text)):
            odd.append(text)
        return float(text)

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        values = dict(pairs)
        if len(values) < len(pairs):
            names = [name for name, _ in pairs]
            odd.append(next(repr(name) + " twice" for name in names if names.count(name) > 1))
        return values

    try:
        raw = json.loads(data, parse_float=finite, parse_constant=finite, object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:  # a UnicodeDecodeError is a ValueError
        raise SidecarError(f"it is not complete JSON ({error})") from error
    if not isinstance(raw, dict):
        raise SidecarError("it holds no JSON object")
    if not isinstance(raw.get("cloudscope"), dict):
        raise SidecarError("another program wrote it")
    if odd:
        raise SidecarError(f"it holds {odd[0]}, which is not allowed in JSON")
    if schema_of(raw)[0] == SCHEMA[0]:
        for name, kind in _CONTAINERS.items():
            if not isinstance(raw.get(name), kind | None):
                raise SidecarError(f"its {name} is not what the schema says ({raw[name]!r})")
    return raw


def schema_of(raw: Mapping[str, Any]) -> tuple[int, int]:
    """Major and minor version of a sidecar's schema.

    Raises
    ------
    SidecarError
        If it names none.
    """
    text = raw["cloudscope"].get("schema")
    parts = text.split(".") if isinstance(text, str) else []
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() for part in parts):
        raise SidecarError(f"it does not say which version of the schema it has ({text!r})")
    return int(parts[0]), int(parts[1])

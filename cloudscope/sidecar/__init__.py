"""The files next to a recording: one JSON, and one CSV for each analysis.

``my_file.tif`` is never written to. What the user enters and what is measured goes into
``my_file.tif.json`` and, for example, ``my_file.tif.radon_velocity.csv``. The documentation
describes both under "The files next to a recording"; ``schema-1.0.json`` does so formally.
"""

from __future__ import annotations

from cloudscope.sidecar.document import SidecarContents, SidecarDocument
from cloudscope.sidecar.leftovers import sweep
from cloudscope.sidecar.loading import load
from cloudscope.sidecar.names import is_sidecar, sidecar_path, sidecar_source, table_path
from cloudscope.sidecar.saving import save, save_copy, set_aside
from cloudscope.sidecar.three_way import MergeClash, MergeReport, Side, merge_contents

__all__ = [
    "MergeClash",
    "MergeReport",
    "Side",
    "SidecarContents",
    "SidecarDocument",
    "is_sidecar",
    "load",
    "merge_contents",
    "save",
    "save_copy",
    "set_aside",
    "sidecar_path",
    "sidecar_source",
    "sweep",
    "table_path",
]

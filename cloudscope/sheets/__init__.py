"""Metadata in spreadsheets: reading one, a preview of what it would change, doing it, writing one.

A sheet has a row for each recording and names it in a column such as ``file``; the other columns
are fields of the experimental metadata. Nothing is changed by reading or planning.
"""

from __future__ import annotations

from cloudscope.sheets.plan import ImportPlan, PlannedCell, apply_import, plan_import
from cloudscope.sheets.reading import MetadataSheet, read_metadata_sheet
from cloudscope.sheets.writing import metadata_sheet, write_metadata_sheet

__all__ = [
    "ImportPlan",
    "MetadataSheet",
    "PlannedCell",
    "apply_import",
    "metadata_sheet",
    "plan_import",
    "read_metadata_sheet",
    "write_metadata_sheet",
]

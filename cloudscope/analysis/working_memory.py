"""How much memory an analysis takes for its work, beside its pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["UNKNOWN_MEMORY", "WorkingMemory"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingMemory:
    """Bytes that an analysis takes at most, by the size of what it measures.

    Pixels are not counted: they may lie on the disk, and are read in stretches.

    Attributes
    ----------
    fixed_bytes : int
        Whatever the size.
    line_bytes, pixel_bytes : float
        For each line, and for each pixel.
    row_bytes : float
        For each row of the table.
    lines_a_row : str
        Parameter that says how many lines there are to a row; ``""`` where it is one.

    Examples
    --------
    >>> memory = WorkingMemory(row_bytes=1000, lines_a_row="step_lines")
    >>> memory.bytes_for(16_000, 100, {"step_lines": 16}) - memory.fixed_bytes
    1000000
    """

    fixed_bytes: int = 60_000_000
    line_bytes: float = 0.0
    pixel_bytes: float = 0.0
    row_bytes: float = 0.0
    lines_a_row: str = ""

    def bytes_for(self, lines: int, columns: int, parameters: Mapping[str, Any]) -> int:
        """For a kymograph of this size.

        Parameters
        ----------
        lines, columns : int
        parameters : mapping
            Detection parameters, defaults included.
        """
        rows = lines / max(1, parameters.get(self.lines_a_row) or 1)
        growing = self.line_bytes * lines + self.row_bytes * rows
        return int(self.fixed_bytes + growing + self.pixel_bytes * lines * columns)


UNKNOWN_MEMORY = WorkingMemory(line_bytes=1000, pixel_bytes=16)
"""Of an analysis that does not say: it may work on a copy of its pixels."""

"""What every step reads: lines of a recording, from an array or made when they are asked for."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

__all__ = ["Lines"]


class Lines(Protocol):
    """The part of a two-dimensional array that is used: a slice of rows gives an array."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Lines and columns."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: slice, /) -> np.ndarray[Any, Any]: ...

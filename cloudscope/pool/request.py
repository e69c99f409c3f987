"""What is asked of a pool, in one value: how it is computed, shown, and written as Python."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from cloudscope.analysis.execution import Cancel, Progress
from cloudscope.pool.drawing import draw_pool
from cloudscope.pool.plot_parts import PlotKind, PoolDrawing
from cloudscope.pool.rows import Judged
from cloudscope.pool.statistics import pool_statistics
from cloudscope.pool.table import Unit, pool_table

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from cloudscope.acq_image import AcqImage

__all__ = ["PoolRequest", "Pooled"]

_LINE = 88


@dataclass(frozen=True, eq=False)
class Pooled:
    """The answer to a `PoolRequest`: tables of pandas.

    Attributes
    ----------
    table : DataFrame
        Of `pool_table`.
    statistics : DataFrame
        Of `pool_statistics`.
    """

    table: pd.DataFrame
    statistics: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolRequest:
    """What to pool and how to plot it; see `pool_table` and `draw_pool` for the meaning of each.

    Examples
    --------
    >>> request = PoolRequest(analysis="diameter", value="diameter_median_um", unit="animals",
    ...                       group_by=("condition",))
    >>> print(request.code(None))
    import cloudscope as cs
    <BLANKLINE>
    folder = cs.AcqImageList.from_folder(".")
    table = cs.pool_table(
        folder,
        "diameter",
        "diameter_median_um",
        unit="animals",
        group_by=["condition"],
    )
    cs.pool_statistics(table, ["condition"])
    """

    analysis: str
    value: str
    unit: Unit = "results"
    kind: PlotKind = "swarm"
    group_by: tuple[str, ...] = ()
    color_by: str | None = None
    x: str | None = None
    average: Literal["mean", "median"] = "mean"
    absolute: bool = False
    filter: str = ""
    judged: Judged = "not rejected"
    fresh_only: bool = True
    min_quality: float = 0.0

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that tell rows apart: of the groups, and of the colours."""
        return tuple(dict.fromkeys([*self.group_by, *([self.color_by] if self.color_by else [])]))

    def run(
        self,
        images: Iterable[AcqImage],
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> Pooled:
        """Compute it; fit to run in a worker thread.

        Raises
        ------
        ParameterError, UnknownNameError, ResultTableError, AnalysisCancelled
            As `pool_table` does.
        """
        table = pool_table(
            images,
            self.analysis,
            self.value,
            unit=self.unit,
            group_by=self.columns,
            x=self.x,
            average=self.average,
            absolute=self.absolute,
            filter=self.filter,
            judged=self.judged,
            fresh_only=self.fresh_only,
            min_quality=self.min_quality,
            progress=progress,
            cancel=cancel,
        )
        return Pooled(table, pool_statistics(table, self.group_by))

    def drawing(
        self, pooled: Pooled, *, width_px: float, height_px: float, dot_px: float = 6.0
    ) -> PoolDrawing:
        """The plot of an answer."""
        return draw_pool(
            pooled.table,
            self.kind,
            group_by=self.group_by,
            color_by=self.color_by,
            statistics=pooled.statistics,
            width_px=width_px,
            height_px=height_px,
            dot_px=dot_px,
        )

    def code(self, folder: Path | None) -> str:
        """Python that gives the same table and statistics.

        Parameters
        ----------
        folder : Path or None
            Where the recordings are; ``None`` is the present folder.
        """
        defaults = PoolRequest(analysis="", value="")
        named: dict[str, Any] = {"unit": self.unit}
        if self.columns:
            named["group_by"] = list(self.columns)
        for name in ("x", "average", "absolute", "filter", "judged", "fresh_only", "min_quality"):
            if getattr(self, name) != getattr(defaults, name):
                named[name] = getattr(self, name)
        arguments = [
            "folder",
            _literal(self.analysis),
            _literal(self.value),
            *(f"{name}={_literal(value)}" for name, value in named.items()),
        ]
        line = f"table = cs.pool_table({', '.join(arguments)})"
        if len(line) > _LINE:
            line = "table = cs.pool_table(\n" + "".join(f"    {a},\n" for a in arguments) + ")"
        groups = f", {_literal(list(self.group_by))}" if self.group_by else ""
        return "\n".join(
            [
                "import cloudscope as cs",
                "",
                f"folder = cs.AcqImageList.from_folder({_literal(str(folder or '.'))})",
                line,
                f"cs.pool_statistics(table{groups})",
            ]
        )


def _literal(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_literal(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)

"""Results of many recordings in one table: chosen, grouped, counted, compared and drawn."""

from cloudscope.pool.choices import PoolValue, group_choices, pool_values
from cloudscope.pool.statistics import pool_statistics
from cloudscope.pool.table import UNITS, pool_table

__all__ = [
    "UNITS",
    "PoolValue",
    "group_choices",
    "pool_statistics",
    "pool_table",
    "pool_values",
]

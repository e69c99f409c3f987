"""Many measurements: images × ROIs over any `concurrent.futures.Executor` or a Dask cluster.

How many workers there are never changes a number: each measurement is a pure function of its
`Measurement`, and results are stored by whoever called, never by a worker.

`planning` says what would be measured and what not, and why; `running` measures it; `workers` are
the pools and clusters it runs on; `memory` bounds what runs at once.
"""

from __future__ import annotations

from cloudscope.batch.outcomes import BatchItem, BatchOutcome, BatchReport
from cloudscope.batch.planning import BatchPlan, RoiChoice, plan_batch
from cloudscope.batch.running import Deliver, memory_for, run_batch, workers_for

__all__ = [
    "BatchItem",
    "BatchOutcome",
    "BatchPlan",
    "BatchReport",
    "Deliver",
    "RoiChoice",
    "memory_for",
    "plan_batch",
    "run_batch",
    "workers_for",
]

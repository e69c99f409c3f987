"""Results whose tables are spoiled, as edits, other programs or crashes might leave them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from cloudscope.analysis.result import AnalysisResult


@dataclass(frozen=True)
class Spoiling:
    """How a table is spoiled: which rows stay, and what becomes of numbers, times and statuses."""

    rows: str = "all"
    numbers: str = "as they are"
    times: str = "as they are"
    status: str = "as it is"
    bounds: tuple[int, int, int, int] | None = None

    def of(self, result: AnalysisResult) -> AnalysisResult:
        """`result`, spoiled."""
        rows = ROWS[self.rows](np.arange(next(iter(result.columns.values())).size))
        columns = {name: np.array(values[rows]) for name, values in result.columns.items()}
        for name, values in columns.items():
            if name == "time_s":
                columns[name] = TIMES[self.times](values)
            elif values.dtype.kind == "f":
                spoiled_values = NUMBERS[self.numbers](values)
                # No analysis gives a quality that is not a share.
                columns[name] = (
                    np.clip(spoiled_values, 0, 1) if name == "quality" else spoiled_values
                )
            elif name == "status":
                columns[name] = STATUSES[self.status](values)
        made = result.with_numbers(columns=columns, summary=result.summary)
        return made if self.bounds is None else made.bound_to(bounds=self.bounds)


ROWS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "all": lambda rows: rows,
    "none": lambda rows: rows[:0],
    "one": lambda rows: rows[:1],
    "two": lambda rows: rows[:2],
    "few": lambda rows: rows[:7],
    "backwards": lambda rows: rows[::-1],
    "mixed": lambda rows: np.random.default_rng(0).permutation(rows),
    "with a hole": lambda rows: np.concatenate([rows[: rows.size // 3], rows[rows.size // 2 :]]),
    "each twice": lambda rows: np.repeat(rows, 2),
    "every ninth": lambda rows: rows[::9],
}


def one(values: np.ndarray, value: float) -> np.ndarray:
    values = values.copy()
    values[values.size // 2 : values.size // 2 + 1] = value
    return values


def every_third(values: np.ndarray, value: float) -> np.ndarray:
    values = values.copy()
    values[::3] = value
    return values


NUMBERS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "as they are": lambda values: values,
    "NaN": lambda values: np.full(values.shape, np.nan),
    "a NaN": lambda values: one(values, np.nan),
    "every third NaN": lambda values: every_third(values, np.nan),
    "infinite": lambda values: np.full(values.shape, np.inf),
    "an infinity": lambda values: one(values, -np.inf),
    "constant": lambda values: np.full(values.shape, 5.0),
    "zero": np.zeros_like,
    "negative": lambda values: -np.abs(values) - 1.0,
    "huge": lambda values: np.full(values.shape, 1e300) * (1 + np.arange(values.size) % 2),
    "a huge number": lambda values: one(values, 1e200),
    "next to nothing": lambda values: values * 1e-300,
    "steps": lambda values: np.where(np.arange(values.size) % 20 < 10, 1.0, 2.0),
    "alternating": lambda values: np.where(np.arange(values.size) % 2 == 0, 1.0, -1.0),
}

TIMES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "as they are": lambda times: times,
    "NaN": lambda times: np.full(times.shape, np.nan),
    "a NaN": lambda times: one(times, np.nan),
    "an infinity": lambda times: one(times, np.inf),
    "all the same": np.zeros_like,
    "negative": lambda times: times - 100.0,
    "far away": lambda times: times + 1e9,
    "uneven": lambda times: times**3,
    "huge": lambda times: times * 1e290,
}

STATUSES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "as it is": lambda status: status,
    "ok": lambda status: np.full(status.shape, "ok"),
    "no signal": lambda status: np.full(status.shape, "no signal"),
    "manual": lambda status: np.full(status.shape, "manual"),
    "strange": lambda status: np.full(status.shape, "whatever this is"),
}

SPOILINGS = st.builds(
    Spoiling,
    rows=st.sampled_from(sorted(ROWS)),
    numbers=st.sampled_from(sorted(NUMBERS)),
    times=st.sampled_from(sorted(TIMES)) | st.just("as they are"),
    status=st.sampled_from(sorted(STATUSES)) | st.just("ok"),
    bounds=st.sampled_from([None, (0, 1500, 0, 24), (400, 1900, 3, 27), (10**7, 10**7 + 9, 0, 9)]),
)

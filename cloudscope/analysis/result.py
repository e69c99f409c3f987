"""What an analysis returns: a frozen value that carries its own provenance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cloudscope.analysis.frozen_dict import FrozenDict

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

__all__ = ["AnalysisResult", "Calibration", "InputRecord", "ResultKey", "RoiBounds"]

ResultKey = tuple[str, int, int]
"""(analysis name, channel, ROI id); ROI id 0 is the whole recording."""

RoiBounds = tuple[int, int, int, int]
"""row_start, row_stop, col_start, col_stop: half-open, in pixels of the recording."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """The physical scales a result was measured with.

    Attributes
    ----------
    line_period_s : float or None
        Time from one line to the next.
    pixel_size_um : float or None
        Distance from one column to the next.
    """

    line_period_s: float | None
    pixel_size_um: float | None


@dataclass(frozen=True, slots=True)
class InputRecord:
    """Which result another one was computed from.

    Attributes
    ----------
    key : ResultKey
        Where it was kept.
    digest : str or None
        Of its numbers at that time, see `AnalysisResult.digest`.
    """

    key: ResultKey
    digest: str | None


def _digest(columns: Mapping[str, np.ndarray], summary: Mapping[str, Any]) -> str:
    """SHA-256 of every number of a result, the same on every machine."""
    import hashlib

    digest = hashlib.sha256()
    for name, value in sorted(summary.items()):
        scalar = value.item() if hasattr(value, "item") else value
        digest.update(f"{name}={scalar!r}\n".encode())
    for name, values in columns.items():
        digest.update(f"{name}:{values.dtype.kind}:{values.size}\n".encode())
        if values.dtype.kind == "f":
            # Every NaN alike: a table read back from a CSV has its own.
            plain = values.astype("<f8")
            plain[plain != plain] = float("nan")
            digest.update(plain.tobytes())
        elif values.dtype.kind in "iub":
            digest.update(values.astype("<i8").tobytes())
        else:
            digest.update("\0".join(map(str, values.tolist())).encode())
    return digest.hexdigest()


def _read_only(columns: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
    import numpy as np

    frozen = {}
    for name, values in columns.items():
        array = np.array(values)  # a copy: the caller's array stays writable and its own
        array.flags.writeable = False
        frozen[name] = array
    lengths = {name: array.shape for name, array in frozen.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"columns of one result must have one length, not {lengths}")
    return MappingProxyType(frozen)


@dataclass(frozen=True, eq=False)
class AnalysisResult:
    """One measurement: numbers, and everything needed to say how they came about.

    Two results are equal only if they are the same object; `same_numbers` compares values.

    Attributes
    ----------
    analysis : str
        Registered name, for example ``"radon_velocity"``.
    parameters : dict
        Every detection parameter, defaults included.
    summary : dict
        Scalars (float, int, str or None) with units in their names.
    load_columns : callable
        Returns the columns; called once, when a number of the table is first wanted.
    calibration : Calibration
        The scales it was measured with.
    channel, roi_id : int or None
        Where it was measured; ``None`` for a bare array. ROI id 0 is the whole recording.
    bounds : RoiBounds or None
        The ROI's bounds at that time.
    time_axis : str or None
        Which axis of the file was time, ``"rows"`` or ``"columns"``, at that time.
    source_fingerprint : str or None
        Fingerprint of the source file at that time.
    software : str
        Name and version that measured it.
    created_at : str or None
        ISO 8601 time with offset; ``None`` for a bare array.
    inputs : mapping of str to InputRecord
        The results it was computed from, by the name of the argument; empty for one of pixels.
    digest : str or None
        SHA-256 of summary and table: equal numbers, equal digest. ``None`` if it was saved by a
        version that kept none.
    """

    analysis: str
    parameters: Mapping[str, Any]
    summary: Mapping[str, Any]
    load_columns: Callable[[], Mapping[str, np.ndarray]] = field(repr=False)
    calibration: Calibration
    channel: int | None = None
    roi_id: int | None = None
    bounds: RoiBounds | None = None
    time_axis: str | None = None
    source_fingerprint: str | None = None
    software: str = ""
    created_at: str | None = None
    inputs: Mapping[str, InputRecord] = field(default_factory=FrozenDict)
    digest: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", FrozenDict(self.parameters))
        object.__setattr__(self, "summary", FrozenDict(self.summary))
        object.__setattr__(self, "inputs", FrozenDict(self.inputs))

    @classmethod
    def measured(
        cls,
        analysis: str,
        *,
        parameters: Mapping[str, Any],
        columns: Mapping[str, np.ndarray],
        summary: Mapping[str, Any],
        line_period_s: float | None,
        pixel_size_um: float | None,
        inputs: Mapping[str, AnalysisResult] | None = None,
    ) -> AnalysisResult:
        """The result of a run that has just ended, with its columns at hand.

        Parameters
        ----------
        analysis : str
        parameters, columns, summary : mapping
        line_period_s, pixel_size_um : float or None
        inputs : mapping of str to AnalysisResult, optional
            The results it was computed from.
        """
        from cloudscope import __version__

        frozen = _read_only(columns)
        result = cls(
            analysis=analysis,
            parameters=parameters,
            summary=summary,
            load_columns=lambda: frozen,
            calibration=Calibration(line_period_s, pixel_size_um),
            software=f"cloudscope {__version__}",
            inputs={name: InputRecord(r.key, r.digest) for name, r in (inputs or {}).items()},
            digest=_digest(frozen, summary),
        )
        result.__dict__["columns"] = frozen
        return result

    def with_numbers(
        self, *, columns: Mapping[str, np.ndarray], summary: Mapping[str, Any]
    ) -> AnalysisResult:
        """The same measurement with other numbers: how an edit by hand is made.

        Where it was measured, with what and when stay as they are; an edit must mark what it
        changed in the table itself.

        Parameters
        ----------
        columns, summary : mapping
        """
        frozen = _read_only(columns)
        edited = replace(
            self, load_columns=lambda: frozen, summary=summary, digest=_digest(frozen, summary)
        )
        edited.__dict__["columns"] = frozen
        return edited

    @cached_property
    def columns(self) -> Mapping[str, np.ndarray]:
        """Read-only arrays by column name, all of one length.

        Raises
        ------
        ResultTableError
            If the table is on disk and is missing or not the one that was saved.
        """
        return _read_only(self.load_columns())

    def digest_now(self) -> str:
        """Digest of the numbers as they are now; `digest` is what it was when they were made.

        Raises
        ------
        ResultTableError
            If the table is on disk and is missing or not the one that was saved.
        """
        return _digest(self.columns, self.summary)

    @property
    def table(self) -> pd.DataFrame:
        """A new DataFrame of `columns`; changing it does not change the result."""
        import pandas as pd

        return pd.DataFrame({name: values.copy() for name, values in self.columns.items()})

    @property
    def key(self) -> ResultKey:
        """(analysis, channel, roi_id), with 0 for what a bare array leaves open."""
        return (self.analysis, self.channel or 0, self.roi_id or 0)

    def bound_to(self, **where: Any) -> AnalysisResult:
        """The same numbers with `channel`, `roi_id`, `bounds`, `created_at`, … filled in."""
        bound = replace(self, **where)
        if "columns" in self.__dict__:
            bound.__dict__["columns"] = self.columns
        return bound

    def same_numbers(self, other: AnalysisResult) -> bool:
        """Whether summary and table are equal to the last bit (NaN equals NaN)."""
        import numpy as np

        def equal(a: np.ndarray, b: np.ndarray) -> bool:
            if a.shape != b.shape:
                return False
            if a.dtype.kind == "f" and b.dtype.kind == "f":
                return bool(np.array_equal(a, b, equal_nan=True))
            return bool(np.array_equal(a, b))

        def scalar(a: Any, b: Any) -> bool:
            return bool(a == b or (a != a and b != b))

        return (
            self.summary.keys() == other.summary.keys()
            and all(scalar(v, other.summary[k]) for k, v in self.summary.items())
            and list(self.columns) == list(other.columns)
            and all(equal(v, other.columns[k]) for k, v in self.columns.items())
        )

    def __getstate__(self) -> dict[str, Any]:
        # A result crosses to another process with its numbers, not with a way to load them.
        state = {f: getattr(self, f) for f in self.__dataclass_fields__ if f != "load_columns"}
        return state | {"columns": dict(self.columns)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        columns = _read_only(state.pop("columns"))
        for name, value in state.items():
            object.__setattr__(self, name, value)
        object.__setattr__(self, "load_columns", lambda: columns)
        self.__dict__["columns"] = columns
        self.__post_init__()

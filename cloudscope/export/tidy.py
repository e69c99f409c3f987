"""Tidy tables: a row a window, line or event, and a row a result, joined with the recording."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cloudscope.analysis.registry import analysis_names, get_analysis
from cloudscope.blinding import refuse_blind
from cloudscope.errors import ExportError, UnknownNameError
from cloudscope.export.column_meanings import meanings_of, unit_of
from cloudscope.roi import WHOLE_RECORDING
from cloudscope.tables import image_row

if TYPE_CHECKING:
    import pandas as pd

    from cloudscope.acq_image import AcqImage
    from cloudscope.analysis.result import AnalysisResult

__all__ = ["TidyTable", "recording_name", "tidy_plan", "tidy_tables"]

KINDS = {"float": "float64", "int": "Int64", "bool": "boolean", "text": "str"}
"""pandas type of a column of each kind; whole numbers and truth values may be missing."""

_NOT_IN_FILES = ("path", "dirty")


@dataclass(frozen=True, slots=True)
class TidyTable:
    """One table of an export, made piece by piece so that no folder is too large for it.

    Attributes
    ----------
    name : str
    columns : mapping of str to str
        Kind (``"float"``, ``"int"``, ``"bool"``, ``"text"``) of each column, in order.
    pieces : callable
        Returns an iterator of DataFrames with exactly these columns, one a recording.
    """

    name: str
    columns: Mapping[str, str]
    pieces: Callable[[], Iterator[pd.DataFrame]]

    def frame(self) -> pd.DataFrame:
        """The whole table."""
        import pandas as pd

        pieces = [piece for piece in self.pieces() if len(piece)]
        return pd.concat(pieces, ignore_index=True) if pieces else self.empty()

    def empty(self) -> pd.DataFrame:
        """The columns without rows, each of its type."""
        import pandas as pd

        return pd.DataFrame(
            {column: pd.Series([], dtype=KINDS[kind]) for column, kind in self.columns.items()}
        )


def tidy_tables(images: Iterable[AcqImage]) -> dict[str, pd.DataFrame]:
    """All tables of these recordings, ready for statistics.

    ``recordings`` has a row a recording and ``rois`` a row a ROI. Each analysis has two tables:
    under its name a row a window, line or event, and as ``NAME.results`` a row a result with its
    summary, parameters and provenance. Every row says of which recording, channel and ROI it is,
    and carries the recording's experimental metadata and scales. ``columns`` says what each
    column means, and its unit.

    Parameters
    ----------
    images : iterable of AcqImage
        For example an `AcqImageList`, whose paths are then those within its folder.

    Returns
    -------
    dict of str to DataFrame
        Missing numbers are NaN or NA.

    Raises
    ------
    ResultTableError
        If a result's table on disk is missing or not the one that was saved.

    Examples
    --------
    >>> import numpy as np
    >>> from cloudscope.acq_image import AcqImage
    >>> image = AcqImage.from_array(np.eye(99), line_period_s=0.001, pixel_size_um=0.5, name="a")
    >>> image.edit_experiment(species="mouse")
    >>> result = image.analyze("diameter")
    >>> tables = tidy_tables([image])
    >>> list(tables)
    ['recordings', 'rois', 'diameter', 'diameter.results', 'columns']
    >>> tables["diameter"].loc[0, ["name", "species", "status"]].tolist()
    ['a', 'mouse', 'at the border']
    """
    return {table.name: table.frame() for table in tidy_plan(images)}


def tidy_plan(images: Iterable[AcqImage]) -> list[TidyTable]:
    """The tables of `tidy_tables` with their columns, before their rows are made.

    Raises
    ------
    ResultTableError
        As for `tidy_tables`.
    """
    given = images
    recordings = tuple(images)
    refuse_blind(recordings, "a tidy table")
    names = {id(image): recording_name(given, image) for image in recordings}

    def table(name: str, rows_of: Callable[[AcqImage], list[Mapping[str, Any]]]) -> TidyTable:
        return _table(name, recordings, rows_of)

    tables = [
        table("recordings", lambda image: [_recording_row(image, names[id(image)])]),
        table("rois", lambda image: _roi_rows(image, names[id(image)])),
    ]
    measured = {key[0] for image in recordings for key in image.results}
    known = analysis_names()
    for analysis in [n for n in known if n in measured] + sorted(measured - set(known)):

        def sample_rows(image: AcqImage, analysis: str = analysis) -> list[Mapping[str, Any]]:
            return [_samples(image, names[id(image)], r) for r in _kept(image, analysis)]

        def results(image: AcqImage, analysis: str = analysis) -> list[Mapping[str, Any]]:
            kept = _kept(image, analysis)
            return [_result_row(image, names[id(image)], result) for result in kept]

        tables.append(_table(analysis, recordings, sample_rows, columnar=True))
        tables.append(table(f"{analysis}.results", results))
    tables.append(_dictionary(tables))
    return tables


def recording_name(images: object, image: AcqImage) -> str:
    """Path of a recording within the folder it was opened from; its name where there is none."""
    relative = getattr(images, "relative_path", None)
    return str(relative(image)) if callable(relative) else image.name


def recording_columns(image: AcqImage) -> dict[str, Any]:
    """What every row of a recording carries: experimental metadata and scales."""
    row = image_row(image)
    experiment = dict(image.experiment)
    if "blind_code" in row:
        experiment["blind_code"] = row["blind_code"]
    free = {key: value for key, value in row.items() if key.startswith("extra.")}
    header = image.header
    return {
        **experiment,
        **free,
        "line_period_s": header.line_period_s,
        "pixel_size_um": header.pixel_size_um,
        "acquired_at": header.acquired_at,
        "format": header.format,
    }


def _recording_row(image: AcqImage, name: str) -> dict[str, Any]:
    row = {key: value for key, value in image_row(image).items() if key not in _NOT_IN_FILES}
    header = image.header
    return {
        "path": name,
        **row,
        "format": header.format,
        "acquired_at": header.acquired_at,
        "line_period_source": header.line_period_source,
        "pixel_size_source": header.pixel_size_source,
        "time_axis": header.time_axis,
        "channel_names": ", ".join(header.channel_names),
    }


def _roi_rows(image: AcqImage, name: str) -> list[Mapping[str, Any]]:
    lead = {"path": name, "name": image.name, "accepted": image.accepted}
    rows: list[Mapping[str, Any]] = []
    for roi in image.rois:
        own = roi.to_dict()
        own["roi_name"] = own.pop("name")
        rows.append(_joined({**lead, **own}, recording_columns(image)))
    return rows


def _kept(image: AcqImage, analysis: str) -> list[AnalysisResult]:
    return [image.results[key] for key in sorted(image.results) if key[0] == analysis]


def _roi_name(image: AcqImage, roi_id: int) -> str:
    if roi_id == WHOLE_RECORDING:
        return "whole recording"
    try:
        return image.roi(roi_id).name
    except UnknownNameError:
        return ""


def _where(image: AcqImage, name: str, result: AnalysisResult) -> dict[str, Any]:
    channel = result.channel or 0
    names = image.header.channel_names
    return {
        "path": name,
        "name": image.name,
        "accepted": image.accepted,
        "channel": channel,
        "channel_name": names[channel] if channel < len(names) else "",
        "roi_id": result.roi_id or 0,
        "roi_name": _roi_name(image, result.roi_id or 0),
        "stale": image.stale_reason(result) is not None,
    }


def _samples(image: AcqImage, name: str, result: AnalysisResult) -> dict[str, Any]:
    # a copy, so that the table read from disk is let go of when its rows are written
    columns: dict[str, Any] = dict(result.bound_to().columns)
    period = result.calibration.line_period_s
    if "time_s" in columns and result.bounds is not None and period is not None:
        in_recording = columns["time_s"] + result.bounds[0] * period
        at = list(columns).index("time_s") + 1
        items = list(columns.items())
        columns = dict([*items[:at], ("time_in_recording_s", in_recording), *items[at:]])
    return _joined({**_where(image, name, result), **columns}, recording_columns(image))


def _result_row(image: AcqImage, name: str, result: AnalysisResult) -> dict[str, Any]:
    bounds = dict(
        zip(("row_start", "row_stop", "col_start", "col_stop"), result.bounds, strict=True)
        if result.bounds is not None
        else ()
    )
    made = {
        "stale_reason": image.stale_reason(result) or "",
        **bounds,
        **{f"parameter.{key}": _plain(value) for key, value in result.parameters.items()},
        "measured_line_period_s": result.calibration.line_period_s,
        "measured_pixel_size_um": result.calibration.pixel_size_um,
        "inputs": "; ".join(
            f"{key}={record.key[0]} channel {record.key[1]} ROI {record.key[2]}"
            for key, record in result.inputs.items()
        ),
        "software": result.software,
        "created_at": result.created_at,
        "source_fingerprint": result.source_fingerprint,
        "digest": result.digest,
    }
    summary = {key: _plain(value) for key, value in result.summary.items()}
    row = _joined({**_where(image, name, result), **summary}, made, prefix="measured")
    return _joined(row, recording_columns(image))


def _joined(
    row: dict[str, Any], more: Mapping[str, Any], prefix: str = "recording"
) -> dict[str, Any]:
    """`row` with `more`, whose names get a prefix where the row has them: both have a note."""
    return row | {(f"{prefix}_{key}" if key in row else key): v for key, v in more.items()}


def _plain(value: Any) -> Any:
    """A scalar that a cell can hold; what is none is written as text."""
    plain = value.item() if hasattr(value, "item") else value
    return plain if plain is None or isinstance(plain, bool | int | float | str) else str(plain)


# ---------------------------------------------------------------------- columns


def _table(
    name: str,
    images: tuple[AcqImage, ...],
    rows_of: Callable[[AcqImage], list[Mapping[str, Any]]],
    *,
    columnar: bool = False,
) -> TidyTable:
    """A table whose columns are all that any recording has, each of one kind."""
    kinds: dict[str, str | None] = {}
    order: list[str] = []
    for image in images:
        for row in rows_of(image):
            at = 0
            for column, value in row.items():
                kinds[column] = _wider(kinds.get(column), _kind(value))
                if column not in order:
                    order.insert(at, column)
                at = order.index(column) + 1
    columns = {column: kinds[column] or _kind_of_nothing(column) for column in order}

    def pieces() -> Iterator[pd.DataFrame]:
        import pandas as pd

        for image in images:
            rows = rows_of(image)
            frames = (
                [_frame(row, columns) for row in rows]
                if columnar
                else [_frame({k: [v] for k, v in row.items()}, columns) for row in rows]
            )
            if frames:
                yield frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)

    return TidyTable(name, columns, pieces)


def _kind(value: Any) -> str | None:
    dtype = getattr(value, "dtype", None)
    if dtype is not None:
        kinds = {"f": "float", "i": "int", "u": "int", "b": "bool"}
        return kinds.get(dtype.kind, "text")
    if value is None:
        return None
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int"
    return "float" if isinstance(value, float) else "text"


def _kind_of_nothing(column: str) -> str:
    """Kind of a column in which no recording has a value."""
    if column in ("accepted", "branch_order"):
        return "bool" if column == "accepted" else "int"
    return "float" if unit_of(column) else "text"


def _wider(one: str | None, other: str | None) -> str | None:
    if one is None or other is None or one == other:
        return one or other
    return "float" if {one, other} == {"int", "float"} else "text"


def _frame(values: Mapping[str, Any], columns: Mapping[str, str]) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    arrays = [v for v in values.values() if isinstance(v, np.ndarray | list)]
    rows = len(arrays[0]) if arrays else 0
    frame = {}
    for column, kind in columns.items():
        value = values.get(column)
        cells: Any = value if isinstance(value, np.ndarray | list) else [value] * rows
        if kind == "text" and not isinstance(value, np.ndarray | list):
            cells = ["" if value is None else str(value)] * rows
        elif kind == "text":
            cells = ["" if cell is None else str(cell) for cell in cells]
        elif kind == "int":
            cells = pd.array(cells, dtype="Int64")
        elif kind == "bool":
            cells = pd.array(cells, dtype="boolean")
        elif isinstance(cells, list):
            cells = [np.nan if cell is None else cell for cell in cells]
        frame[column] = pd.Series(cells, dtype=KINDS[kind])
    return pd.DataFrame(frame, columns=list(columns))


def _dictionary(tables: list[TidyTable]) -> TidyTable:
    rows: list[Mapping[str, Any]] = []
    for table in tables:
        analysis = table.name.removesuffix(".results")
        try:
            spec = get_analysis(analysis)
        except KeyError:  # of a package that is not installed here, or no analysis
            spec = None
        for column, (unit, meaning) in meanings_of(table.columns, spec).items():
            rows.append({"table": table.name, "column": column, "unit": unit, "meaning": meaning})
    columns = dict.fromkeys(("table", "column", "unit", "meaning"), "text")

    def pieces() -> Iterator[pd.DataFrame]:
        if rows:
            yield _frame({key: [row[key] for row in rows] for key in columns}, columns)

    return TidyTable("columns", columns, pieces)


def checked_images(images: Iterable[AcqImage] | AcqImage) -> Iterable[AcqImage]:
    """One recording as a list of one; several as they are.

    Raises
    ------
    ExportError
        If there are none.
    BlindingError
        If they are read blind.
    """
    from cloudscope.acq_image import AcqImage

    several = [images] if isinstance(images, AcqImage) else images
    if not list(several):
        raise ExportError("there are no recordings to export")
    refuse_blind(several, "an export")
    return several

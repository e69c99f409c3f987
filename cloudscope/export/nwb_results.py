"""ROIs and results of a recording as tables and series of an NWB file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloudscope.analysis.registry import Analysis, get_analysis
from cloudscope.export.column_meanings import meanings_of, unit_of

if TYPE_CHECKING:
    import numpy as np

    from cloudscope.acq_image import AcqImage
    from cloudscope.analysis.result import AnalysisResult

__all__ = ["add_results"]

_COMPRESS_FROM = 4096


def add_results(image: AcqImage, file: Any, plane: Any) -> None:
    """Add ROIs and results to an NWB file in memory.

    Parameters
    ----------
    image : AcqImage
    file : pynwb.NWBFile
    plane : pynwb.ophys.ImagingPlane

    Raises
    ------
    ResultTableError
        If a result's table on disk is missing or not the one that was saved.
    """
    results = [image.results[key] for key in sorted(image.results)]
    if not image.rois and not results:
        return
    module = file.create_processing_module(
        name="ophys", description="Regions of interest and what cloudscope measured in them"
    )
    if image.rois:
        module.add(_segmentation(image, plane))
    for result in results:
        spec = _spec(result.analysis)
        columns = {name.replace("/", "_"): v for name, v in result.columns.items()}
        if columns and len(next(iter(columns.values()))):
            module.add(_table(result, columns, spec))
            series = _series(result, columns, spec)
            if series is not None:
                module.add(series)
    if results:
        for table in _provenance(image, results):
            module.add(table)


def _spec(analysis: str) -> Analysis | None:
    try:
        return get_analysis(analysis)
    except KeyError:  # of a package that is not installed here
        return None


def _name(result: AnalysisResult) -> str:
    where = f"roi_{result.roi_id}" if result.roi_id else "whole_recording"
    return f"{result.analysis}_channel_{result.channel or 0}_{where}"


def _segmentation(image: AcqImage, plane: Any) -> Any:
    from pynwb.ophys import ImageSegmentation, PlaneSegmentation

    table = PlaneSegmentation(
        name="rois",
        description="Rectangles: rows are lines in time of a line scan, columns are positions",
        imaging_plane=plane,
    )
    told = {
        "roi_name": "Name of the ROI",
        "note": "Note of the user",
        "row_start": "First line",
        "row_stop": "Line after the last",
        "col_start": "First column",
        "col_stop": "Column after the last",
    }
    for name, description in told.items():
        table.add_column(name=name, description=description)
    line_scan = image.header.kind == "line_scan"
    for roi in image.rois:
        rows = [0] if line_scan else range(roi.row_start, roi.row_stop)
        mask = [(col, row, 1.0) for row in rows for col in range(roi.col_start, roi.col_stop)]
        table.add_roi(
            id=roi.roi_id,
            pixel_mask=mask,
            roi_name=roi.name or f"ROI {roi.roi_id}",
            note=roi.note,
            row_start=roi.row_start,
            row_stop=roi.row_stop,
            col_start=roi.col_start,
            col_stop=roi.col_stop,
        )
    return ImageSegmentation(name="ImageSegmentation", plane_segmentations=[table])


def _table(result: AnalysisResult, columns: dict[str, np.ndarray], spec: Analysis | None) -> Any:
    from hdmf.common import DynamicTable, VectorData

    title = spec.title if spec is not None else result.analysis
    told = meanings_of(columns, spec)
    vectors = []
    for name, values in columns.items():
        unit, meaning = told[name]
        words = f"{meaning or name.replace('_', ' ')}{f' ({unit})' if unit else ''}"
        vectors.append(VectorData(name=name, description=words, data=_stored(values)))
    return DynamicTable(
        name=_name(result),
        description=f"{title}, times from the first line of its ROI, positions in it; made by "
        f"{result.software or 'an unknown program'}",
        columns=vectors,
    )


def _stored(values: np.ndarray) -> Any:
    from hdmf.backends.hdf5 import H5DataIO

    if values.dtype.kind in "UO":
        return [str(value) for value in values]
    return H5DataIO(values, compression="gzip") if values.size >= _COMPRESS_FROM else values


def _series(
    result: AnalysisResult, columns: dict[str, np.ndarray], spec: Analysis | None
) -> Any | None:
    """The course over time, counted from the first line of the recording."""
    import numpy as np
    from pynwb import TimeSeries

    if spec is None or not spec.over_time or spec.trace is None:
        return None
    value = spec.trace.value
    period_s = result.calibration.line_period_s
    times_s = columns.get("time_s")
    if value not in columns or times_s is None or not np.isfinite(times_s).all():
        return None
    if result.bounds is not None and period_s is not None:
        times_s = times_s + result.bounds[0] * period_s
    steps = np.diff(times_s)
    timing: dict[str, Any]
    if steps.size and np.ptp(steps) < 1e-9 and steps[0] > 0:
        timing = {"starting_time": float(times_s[0]), "rate": float(1.0 / steps.mean())}
    else:
        timing = {"timestamps": times_s}
    unit, meaning = meanings_of([value], spec)[value]
    return TimeSeries(
        name=f"{_name(result)}_{value}",
        data=_stored(columns[value]),
        unit=unit or "n.a.",
        description=f"{spec.title}: {meaning}; times from the first line of the recording",
        **timing,
    )


def _provenance(image: AcqImage, results: list[AnalysisResult]) -> list[Any]:
    nan = float("nan")
    rows, parameters, summaries = [], [], []
    for result in results:
        name = _name(result)
        bounds = result.bounds or (-1, -1, -1, -1)
        rows.append(
            {
                "result": name,
                "analysis": result.analysis,
                "channel": result.channel or 0,
                "roi_id": result.roi_id or 0,
                "row_start": bounds[0],
                "row_stop": bounds[1],
                "col_start": bounds[2],
                "col_stop": bounds[3],
                "line_period_s": result.calibration.line_period_s or nan,
                "pixel_size_um": result.calibration.pixel_size_um or nan,
                "stale_reason": image.stale_reason(result) or "fresh",
                "software": result.software or "unknown",
                "created_at": result.created_at or "unknown",
                "source_fingerprint": result.source_fingerprint or "unknown",
                "digest": result.digest or "unknown",
            }
        )
        parameters += [
            {"result": name, "parameter": key, "value": str(value)}
            for key, value in result.parameters.items()
        ]
        for key, value in result.summary.items():
            numeric = isinstance(value, int | float) and not isinstance(value, bool)
            summaries.append(
                {
                    "result": name,
                    "quantity": key,
                    "unit": unit_of(key) or "n.a.",
                    "value": float(value) if numeric else nan,
                    "text": "" if value is None or numeric else str(value),
                }
            )
    told = "How each result came about; bounds of -1 are those of a bare array"
    return [
        _plain_table(name, words, part)
        for name, words, part in (
            ("results", told, rows),
            ("result_parameters", "Every parameter of each result, defaults included", parameters),
            ("result_summaries", "The numbers that sum up each result", summaries),
        )
        if part
    ]


def _plain_table(name: str, description: str, rows: list[dict[str, Any]]) -> Any:
    from hdmf.common import DynamicTable, VectorData

    return DynamicTable(
        name=name,
        description=description,
        columns=[
            VectorData(name=key, description=key.replace("_", " "), data=[row[key] for row in rows])
            for key in rows[0]
        ],
    )

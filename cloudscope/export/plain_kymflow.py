"""Results in the columns of KymFlow's tables: of each recording, and of all together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from cloudscope.export.plain_acqstore import results_of

if TYPE_CHECKING:
    import numpy as np

    from cloudscope.acq_image import AcqImage
    from cloudscope.analysis.result import AnalysisResult

__all__ = ["KymFlowDatabases", "kymflow_tables"]

_RADON = (
    "roi_id", "channel", "time", "velocity", "parentFolder", "file", "algorithm", "delx", "delt",
    "numLines", "pntsPerLine", "cleanVelocity", "absVelocity",
)  # fmt: skip
_DIAMETER = (
    "schema_version", "roi_id", "center_row", "time_s", "left_edge_px", "right_edge_px",
    "diameter_px", "diameter_um", "peak", "baseline", "qc_score", "qc_flags",
)  # fmt: skip
_REPORT = (
    "roi_id", "channel", "vel_min", "vel_max", "vel_mean", "vel_std", "vel_se", "vel_cv",
    "vel_n_nan", "vel_n_zero", "vel_n_big", "img_min", "img_max", "img_mean", "img_std", "path",
    "file_name", "parent_folder", "grandparent_folder", "rel_path", "accepted", "treatment",
    "condition", "date", "_unique_row_id",
)  # fmt: skip
_EVENTS = (
    "roi_id", "channel", "rel_path", "parent_folder", "grandparent_folder", "event_type", "i_start",
    "i_peak", "i_end", "t_start", "t_peak", "t_end", "score_peak", "baseline_before",
    "baseline_after", "strength", "nan_fraction_in_event", "n_valid_in_event", "duration_sec",
    "machine_type", "user_type", "note", "accepted", "_unique_row_id", "path",
)  # fmt: skip
_EVENT_TYPES = {
    "drop": "baseline_drop", "rise": "baseline_rise", "stall": "zero_gap", "gap": "nan_gap",
    "user": "User Added",
}  # fmt: skip
_MACHINE_TYPES = {"stall": "stall_candidate", "gap": "nan_gap", "reversal": "reversal_candidate"}
_USER_TYPES = {"stall": "true_stall", "reversal": "reversal"}
_MM = 1e-3

Rows = Iterator[Sequence[Any]]


def kymflow_tables(image: AcqImage) -> dict[str, tuple[Sequence[str], Rows]]:
    """Columns and rows by what stands behind the recording's name in the file's.

    Parameters
    ----------
    image : AcqImage
    """
    return {
        "_radon.csv": (_RADON, _radon(image)),
        "_diameter.csv": (_DIAMETER, _diameter(image)),
    }


def _shift_s(result: AnalysisResult) -> float:
    """Time of the ROI's first line in the recording."""
    return (result.bounds[0] if result.bounds else 0) * (result.calibration.line_period_s or 0.0)


def _radon(image: AcqImage) -> Rows:
    import numpy as np

    source = "" if image.path is None else image.path.parent.name
    for result in results_of(image, "radon_velocity"):
        columns, calibration = result.columns, result.calibration
        cleaned = image.result("clean_velocity", result.channel or 0, result.roi_id or 0)
        velocity = columns["velocity_um_per_s"] * _MM
        clean = np.full(len(velocity), np.nan)
        if cleaned is not None and len(cleaned.columns["time_s"]) == len(velocity):
            clean = cleaned.columns["velocity_um_per_s"] * _MM
        for time_s, value, smooth in zip(
            (columns["time_s"] + _shift_s(result)).tolist(),
            velocity.tolist(),
            clean.tolist(),
            strict=True,
        ):
            yield (
                result.roi_id or 0, (result.channel or 0) + 1, time_s, value, source, image.name,
                result.software, calibration.pixel_size_um, calibration.line_period_s,
                image.header.lines, image.header.pixels, smooth, abs(smooth),
            )  # fmt: skip


def _diameter(image: AcqImage) -> Rows:
    for result in results_of(image, "diameter"):
        columns, pixel_um = result.columns, result.calibration.pixel_size_um or float("nan")
        for row, time_s, left, right, width, quality, status in zip(
            *(
                columns[name].tolist()
                for name in (
                    "row", "time_s", "left_um", "right_um", "diameter_um", "quality", "status",
                )
            ),
            strict=True,
        ):  # fmt: skip
            yield (
                1, result.roi_id or 0, row, time_s, left / pixel_um, right / pixel_um - 1.0,
                width / pixel_um, width, None, None, quality, "" if status == "ok" else status,
            )  # fmt: skip


class KymFlowDatabases:
    """The tables of all recordings together; paths are those within the folder."""

    def __init__(self) -> None:
        self._report: list[Sequence[Any]] = []
        self._events: list[Sequence[Any]] = []

    def add(self, image: AcqImage, name: str) -> None:
        """Add the velocities and events of a recording.

        Parameters
        ----------
        image : AcqImage
        name : str
            Its path within the folder.
        """
        for result in results_of(image, "radon_velocity"):
            self._report.append(_report_row(image, name, result))
        for result in results_of(image, "velocity_events"):
            self._events += _event_rows(image, name, result)
        image.release_pixels()

    def tables(self) -> dict[str, tuple[Sequence[str], list[Sequence[Any]]]]:
        """Columns and rows by file name."""
        return {
            "radon_report_db.csv": (_REPORT, self._report),
            "kym_event_db.csv": (_EVENTS, self._events),
        }


def _folders(image: AcqImage, name: str) -> tuple[str, str]:
    """Names of the folder and of the one above, as far as they are within what was opened."""
    parents = [p.name for p in PurePosixPath(name).parents if p.name]
    if image.path is not None and not parents:
        parents = [image.path.parent.name]
    nearest, above, *_ = [*parents, "", ""]
    return nearest, above


def _report_row(image: AcqImage, name: str, result: AnalysisResult) -> Sequence[Any]:
    import numpy as np

    velocity = result.columns["velocity_um_per_s"] * _MM
    known = velocity[np.isfinite(velocity)]
    statistics: list[float | None] = [None] * 6
    if known.size:
        mean, spread = float(known.mean()), float(known.std(ddof=1)) if known.size > 1 else None
        error = None if spread is None else spread / known.size**0.5
        ratio = None if spread is None or mean == 0.0 else spread / mean
        statistics = [float(known.min()), float(known.max()), mean, spread, error, ratio]
    pixels = _pixels(image, result)
    brightness: list[float | None] = [None] * 4
    if pixels is not None and pixels.size:
        brightness = [f(pixels).item() for f in (np.min, np.max, np.mean, np.std)]
    parent, grandparent = _folders(image, name)
    experiment = image.experiment
    return (
        result.roi_id or 0, (result.channel or 0) + 1, *statistics,
        int(np.isnan(velocity).sum()), int((known == 0.0).sum()), None, *brightness, name,
        PurePosixPath(image.name).stem, parent, grandparent, name, image.accepted,
        experiment.treatment, experiment.condition, experiment.date,
        f"{name}|{result.roi_id or 0}",
    )  # fmt: skip


def _pixels(image: AcqImage, result: AnalysisResult) -> np.ndarray | None:
    if result.bounds is None:
        return None
    row_start, row_stop, col_start, col_stop = result.bounds
    return image.frame(result.channel or 0)[row_start:row_stop, col_start:col_stop]


def _event_rows(image: AcqImage, name: str, result: AnalysisResult) -> Iterator[Sequence[Any]]:
    velocity = image.result("radon_velocity", result.channel or 0, result.roi_id or 0)
    times = None if velocity is None else velocity.columns["time_s"]
    parent, grandparent = _folders(image, name)
    shift_s = _shift_s(result)
    table = result.columns
    for place in range(len(table["event_id"])):
        event = {key: values[place].item() for key, values in table.items()}
        inside = {key: event[key] for key in ("start_s", "peak_time_s", "stop_s")}
        windows = [_window(times, value) for value in inside.values()]
        seconds = [value + shift_s for value in inside.values()]
        user = _USER_TYPES.get(event["label"], "other" if event["label"] else "unreviewed")
        yield (
            result.roi_id or 0, (result.channel or 0) + 1, name, parent, grandparent,
            _EVENT_TYPES.get(event["kind"], event["kind"]), *windows, *seconds,
            event["change_um_per_s"] * _MM, event["velocity_before_um_per_s"] * _MM,
            event["velocity_after_um_per_s"] * _MM, event["strength"], None, None,
            event["duration_s"], _MACHINE_TYPES.get(event["kind"], "other"), user, event["note"],
            image.accepted, f"{name}|{result.roi_id or 0}|{place}", name,
        )  # fmt: skip


def _window(times: np.ndarray | None, time_s: float) -> int | None:
    """Number of the velocity's window nearest to a time."""
    import numpy as np

    if times is None or not len(times) or time_s != time_s:
        return None
    return int(np.argmin(np.abs(times - time_s)))

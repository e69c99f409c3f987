"""One measurement, written down so that any thread, process or machine can carry it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.analysis.execution import Cancel, Progress
from cloudscope.analysis.parameters import validate_parameters
from cloudscope.analysis.registry import get_analysis
from cloudscope.analysis.result import AnalysisResult, RoiBounds
from cloudscope.metadata import ImageHeader
from cloudscope.roi import WHOLE_RECORDING

if TYPE_CHECKING:
    import numpy as np

    from cloudscope.acq_image import AcqImage

__all__ = ["Measurement"]


@dataclass(frozen=True, slots=True)
class Measurement:
    """What to measure and where: plain values, cheap to send to another process.

    Attributes
    ----------
    analysis : str
    parameters : mapping
        Validated detection parameters, those given only.
    channel, roi_id : int
    bounds : RoiBounds
    header : ImageHeader
        As corrected by the user.
    path : Path or None
        The source, or ``None`` where the pixels travel along.
    """

    analysis: str
    parameters: Mapping[str, Any]
    channel: int
    roi_id: int
    bounds: RoiBounds
    header: ImageHeader
    path: Path | None

    @classmethod
    def of(
        cls,
        image: AcqImage,
        analysis: str,
        channel: int,
        roi_id: int | None,
        parameters: Mapping[str, Any],
    ) -> Measurement:
        """The measurement of a recording's ROI as it is now.

        Raises
        ------
        UnknownNameError, ParameterError
            If the analysis, channel, ROI, a parameter or its value is not right.
        CloudscopeError
            If the file holds several frames instead of a line scan.
        """
        declared = get_analysis(analysis).parameters
        checked = validate_parameters(declared, parameters, owner=analysis)
        roi_id = roi_id or WHOLE_RECORDING
        bounds = image.line_scan_bounds(channel, roi_id)
        return cls(
            analysis=analysis,
            parameters={name: checked[name] for name in parameters},
            channel=channel,
            roi_id=roi_id,
            bounds=bounds,
            header=image.header,
            path=image.path,
        )

    def run(
        self,
        kymograph: np.ndarray,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
        fingerprint: str | None = None,
    ) -> AnalysisResult:
        """Measure the pixels of the ROI and say in the result where they came from.

        Parameters
        ----------
        kymograph : ndarray, shape (lines, pixels)
        progress, cancel : optional
        fingerprint : str, optional
            Of the source file.
        """
        result = get_analysis(self.analysis).function(
            kymograph,
            line_period_s=self.header.line_period_s,
            pixel_size_um=self.header.pixel_size_um,
            progress=progress,
            cancel=cancel,
            **self.parameters,
        )
        return result.bound_to(
            channel=self.channel,
            roi_id=self.roi_id,
            bounds=self.bounds,
            time_axis=self.header.time_axis,
            source_fingerprint=fingerprint,
            created_at=datetime.now().astimezone().isoformat(timespec="seconds"),
        )

    def run_from_file(
        self, progress: Progress | None = None, cancel: Cancel | None = None
    ) -> AnalysisResult:
        """Open the source, measure, and let go of it again.

        Raises
        ------
        LoadError
            If the file can no longer be read.
        """
        from cloudscope import loaders
        from cloudscope.loaders.fingerprint import fingerprint

        if self.path is None:
            raise ValueError("an array in memory has no file to measure from")
        row_start, row_stop, col_start, col_stop = self.bounds
        plane = loaders.open_pixels(self.path, self.header).channel(self.channel, 0)
        kymograph = plane[row_start:row_stop, col_start:col_stop]
        return self.run(kymograph, progress, cancel, fingerprint(self.path))

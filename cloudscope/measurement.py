"""One measurement, written down so that any thread, process or machine can carry it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.analysis.execution import Cancel, Progress
from cloudscope.analysis.frozen_dict import FrozenDict
from cloudscope.analysis.parameters import validate_parameters
from cloudscope.analysis.registry import get_analysis
from cloudscope.analysis.result import AnalysisResult, RoiBounds
from cloudscope.inputs import resolve_inputs, split_inputs
from cloudscope.loaders.mapped_pages import letting_go
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
    inputs : mapping of str to AnalysisResult
        The results it works on, by the name of the argument.
    """

    analysis: str
    parameters: Mapping[str, Any]
    channel: int
    roi_id: int
    bounds: RoiBounds
    header: ImageHeader
    path: Path | None
    inputs: Mapping[str, AnalysisResult] = field(default_factory=FrozenDict)

    @property
    def needs_pixels(self) -> bool:
        """Whether `run` wants the pixels of the ROI."""
        return get_analysis(self.analysis).pixels

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

        Parameters
        ----------
        image : AcqImage
        analysis : str
        channel : int
        roi_id : int or None
        parameters : mapping
            Detection parameters, and the keys of results to work on by the name of the input.

        Raises
        ------
        UnknownNameError, ParameterError
            If the analysis, channel, ROI, a parameter or its value is not right.
        InputResultError
            If a result that it works on is not there, does not fit, or is stale.
        CloudscopeError
            If the file holds several frames instead of a line scan.
        """
        spec = get_analysis(analysis)
        named, parameters = split_inputs(spec, parameters)
        checked = validate_parameters(spec.parameters, parameters, owner=analysis)
        allowed = image.with_locked(analysis, {name: checked[name] for name in parameters})
        inputs, channel, roi_id = resolve_inputs(
            image, spec, channel, roi_id or WHOLE_RECORDING, named
        )
        bounds = image.line_scan_bounds(channel, roi_id)
        return cls(
            analysis=analysis,
            parameters=allowed,
            channel=channel,
            roi_id=roi_id,
            bounds=bounds,
            # what else the file says is much to send, and no measurement reads it
            header=image.header.replace(raw={}),
            path=image.path,
            inputs=FrozenDict(inputs),
        )

    def run(
        self,
        kymograph: np.ndarray | None,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
        fingerprint: str | None = None,
    ) -> AnalysisResult:
        """Measure the pixels of the ROI and say in the result where they came from.

        Parameters
        ----------
        kymograph : ndarray, shape (lines, pixels), or None
            ``None`` for an analysis of results alone.
        progress, cancel : optional
        fingerprint : str, optional
            Of the source file.
        """
        pixels: tuple[Any, ...] = ()
        scales: dict[str, Any] = {}
        if self.needs_pixels:
            pixels = (kymograph,)
            scales["line_period_s"] = self.header.line_period_s
            scales["pixel_size_um"] = self.header.pixel_size_um
        elif fingerprint is None:
            fingerprint = next((r.source_fingerprint for r in self.inputs.values()), None)
        result = get_analysis(self.analysis).function(
            *pixels,
            *self.inputs.values(),
            **scales,
            progress=progress,
            cancel=letting_go(kymograph, cancel),
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
        AnalysisCancelled
            If `cancel` was set, also while the file is decoded.
        """
        from cloudscope import loaders
        from cloudscope.loaders.fingerprint import fingerprint
        from cloudscope.loaders.stopping import stopped_by

        if not self.needs_pixels:
            return self.run(None, progress, cancel)
        if self.path is None:
            raise ValueError("an array in memory has no file to measure from")
        source = loaders.open_pixels(self.path, self.header)
        with stopped_by(cancel):
            kymograph = loaders.part_of(source, self.channel, 0, self.bounds)
        return self.run(kymograph, progress, cancel, fingerprint(self.path))

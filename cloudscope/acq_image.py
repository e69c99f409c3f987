"""`AcqImage`: one recording, its edits, its measurements and its saving."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.analysis.execution import Cancel, Progress
from cloudscope.analysis.result import AnalysisResult, Calibration, RoiBounds
from cloudscope.errors import CloudscopeError, UnknownNameError
from cloudscope.inputs import carried_over, stale_input
from cloudscope.merged_image import MergedImage
from cloudscope.metadata import ImageHeader
from cloudscope.recording import FileRecording, Recording, array_recording, check_plane
from cloudscope.roi import WHOLE_RECORDING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from cloudscope.loaders.reference import ReferenceImage

__all__ = ["AcqImage"]


class AcqImage(MergedImage):
    """One recording: pixels, header, the user's metadata, ROIs and results.

    State is immutable values in traits. To edit is to assign a new value, or to call a method
    that does; every edit can be undone, and everybody who observes a trait stays in step. The
    source file is never written to: `save` writes sidecars beside it.

    Parameters
    ----------
    path : path-like
        A recording that one of the loaders reads. Only its header is read now.
    image : int or str, optional
        Which image of a file that holds several, by number from 0 or by name; its first line
        scan, or its first image, where none is named. `cloudscope.loaders.list_images` lists them.
    results_folder : path-like, optional
        Where sidecars are kept instead of beside the file, for folders that cannot be written to.
        Those beside the file are read where there are none yet.
    folder : path-like, optional
        The folder whose layout the results folder mirrors; that of the file by default.

    Raises
    ------
    LoadError
        If the file cannot be read; names the file and the reason.

    Examples
    --------
    >>> import numpy as np
    >>> image = AcqImage.from_array(np.zeros((100, 20)), line_period_s=0.001, pixel_size_um=0.5)
    >>> roi = image.add_roi(col_start=4, col_stop=16)
    >>> image.kymograph(channel=0, roi_id=roi.roi_id).shape
    (100, 12)
    >>> image.undo()
    'add ROI 1'
    >>> image.rois
    ()
    """

    def __init__(
        self,
        path: str | Path,
        *,
        image: int | str | None = None,
        results_folder: str | Path | None = None,
        folder: str | Path | None = None,
    ) -> None:
        from cloudscope import loaders

        source = Path(path)
        header = loaders.read_header(source, image=image)
        self._begin(FileRecording(source), header, source, results_folder, folder)
        self.reload()

    @classmethod
    def from_header(
        cls,
        path: Path,
        header: ImageHeader,
        *,
        has_sidecar: bool = True,
        results_folder: Path | None = None,
        folder: Path | None = None,
    ) -> AcqImage:
        """A recording whose header is known already, as that of a folder just listed.

        Its sidecar is read when somebody first asks for what is in it.

        Parameters
        ----------
        path : Path
        header : ImageHeader
            What the file says, from `cloudscope.loaders.read_header`.
        has_sidecar : bool
            Whether there may be one: where there is none, it need not be looked for.
        results_folder, folder : Path, optional
            As for `AcqImage`.
        """
        image = cls.__new__(cls)
        image._begin(FileRecording(path), header, path, results_folder, folder)
        if has_sidecar:
            image.load_later()
        elif header.warnings:
            image.set_trait("problems", header.warnings)
        return image

    @classmethod
    def from_array(
        cls,
        array: Any,
        *,
        line_period_s: float | None = None,
        pixel_size_um: float | None = None,
        name: str = "array",
        channel_names: tuple[str, ...] = (),
    ) -> AcqImage:
        """A recording in memory; it cannot be saved, everything else works.

        Parameters
        ----------
        array : array_like, shape (lines, pixels) or (channels, lines, pixels)
            Copied.
        line_period_s, pixel_size_um : float, optional
        name : str
        channel_names : tuple of str

        Raises
        ------
        CloudscopeError
            If the array is no recording.
        """
        recording, header = array_recording(
            array,
            name=name,
            line_period_s=line_period_s,
            pixel_size_um=pixel_size_um,
            channel_names=channel_names,
        )
        image = cls.__new__(cls)
        MergedImage.__init__(image, header, name, None)
        image._recording = recording
        return image

    def _begin(
        self,
        recording: Recording,
        header: ImageHeader,
        path: Path,
        results_folder: str | Path | None,
        folder: str | Path | None,
    ) -> None:
        name = path.name
        if header.image_count > 1:
            name = f"{name} · {header.image_name}"
        super().__init__(
            header,
            name,
            path,
            None if results_folder is None else Path(results_folder),
            None if folder is None else Path(folder),
        )
        self._recording = recording

    def __repr__(self) -> str:
        header = self.header
        return f"AcqImage({self.name!r}, {header.lines} lines x {header.pixels} pixels)"

    # ------------------------------------------------------------------ pixels

    def frame(self, channel: int = 0, index: int = 0) -> np.ndarray:
        """Pixels of one channel of one frame, for looking at; shape (rows, columns), read-only.

        Raises
        ------
        UnknownNameError
            If there is no such channel or frame.
        LoadError
            If the pixels cannot be read.
        """
        return self._recording.plane(self.header, channel, index)

    def kymograph(self, channel: int = 0, roi_id: int | None = WHOLE_RECORDING) -> np.ndarray:
        """Pixels of one channel within a ROI; shape (lines, pixels), a read-only view.

        Parameters
        ----------
        channel : int
        roi_id : int or None
            0 or ``None`` is the whole recording.

        Raises
        ------
        UnknownNameError
            If there is no such channel or ROI.
        CloudscopeError
            If the file holds several frames instead of a line scan.
        LoadError
            If the pixels cannot be read.
        """
        bounds = self.line_scan_bounds(channel, roi_id or WHOLE_RECORDING)
        return self.pixels_within(channel, bounds)

    def pixels_within(self, channel: int, bounds: RoiBounds) -> np.ndarray:
        """Pixels of one channel of the first frame within bounds; what is outside is not needed.

        Raises
        ------
        UnknownNameError
            If there is no such channel.
        LoadError
            If the pixels cannot be read.
        """
        return self._recording.part(self.header, channel, 0, bounds)

    def line_scan_bounds(self, channel: int, roi_id: int) -> RoiBounds:
        """Bounds of a ROI of a channel that can be measured, without reading pixels.

        Raises
        ------
        UnknownNameError
            If there is no such channel or ROI.
        CloudscopeError
            If the file holds several frames instead of a line scan.
        """
        check_plane(self.header, channel, 0, self.name)
        if self.header.frames > 1:
            raise CloudscopeError(
                f"{self.name} holds {self.header.frames} frames, not a line scan: nothing can be "
                "measured over time along a line in it"
            )
        return self._bounds(roi_id)

    def _bounds(self, roi_id: int) -> RoiBounds:
        whole = (0, self.header.lines, 0, self.header.pixels)
        return whole if roi_id == WHOLE_RECORDING else self.roi(roi_id).bounds

    def reference_image(self) -> ReferenceImage | None:
        """The frame on which the line of the recording was drawn, and the line; read now.

        Returns
        -------
        ReferenceImage or None
            ``None`` where the file holds none.

        Raises
        ------
        LoadError
            If the file cannot be read.
        """
        from cloudscope import loaders

        return None if self.path is None else loaders.read_reference(self.path, self.file_header)

    def fingerprint(self) -> str | None:
        """Fingerprint of the source file once its pixels have been read; else ``None``."""
        return self._recording.fingerprint()

    def release_pixels(self) -> None:
        """Give the memory of the pixels back; they are read again when next needed."""
        self._recording.release()

    # ------------------------------------------------------------------ measuring

    @property
    def calibration(self) -> Calibration:
        """The scales that hold now."""
        return Calibration(self.header.line_period_s, self.header.pixel_size_um)

    def measure(
        self,
        analysis: str,
        *,
        channel: int = 0,
        roi_id: int | None = WHOLE_RECORDING,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
        **parameters: Any,
    ) -> AnalysisResult:
        """Run an analysis without keeping the result; fit to run in a worker thread.

        See `analyze` for the parameters.
        """
        from cloudscope.loaders.stopping import stopped_by
        from cloudscope.measurement import Measurement

        measurement = Measurement.of(self, analysis, channel, roi_id, parameters)
        with stopped_by(cancel):
            pixels = self.kymograph(channel, roi_id) if measurement.needs_pixels else None
        return measurement.run(pixels, progress, cancel, self.fingerprint())

    def store(self, result: AnalysisResult) -> AnalysisResult:
        """Keep a result under its key, in place of an older one; returns what is kept.

        What the user changed by hand in the older one (values overruled, events reviewed) is
        carried over, as the analysis says.
        """
        older = self.results.get(result.key)
        if older is not None:
            result = carried_over(older, result)
        self.results = {**self.results, result.key: result}
        return result

    def analyze(
        self,
        analysis: str,
        *,
        channel: int = 0,
        roi_id: int | None = WHOLE_RECORDING,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
        **parameters: Any,
    ) -> AnalysisResult:
        """Measure and keep the result in `results`.

        The numbers are those of the analysis' own callable on ``kymograph(channel, roi_id)``
        with the header's calibration, to the last bit; times and positions in the table count
        from the ROI's first line and column.

        Parameters
        ----------
        analysis : str
            A registered name, for example ``"radon_velocity"``.
        channel : int
        roi_id : int or None
            0 or ``None`` is the whole recording.
        progress : callable, optional
            Called with the finished share, 0 to 1.
        cancel : object with ``is_set()``, optional
            For example a `threading.Event`.
        **parameters
            Detection parameters of the analysis; for one that works on other results, their keys
            by the name of the input, where they are not those of the same channel and ROI: for
            example ``diameter=("diameter", 0, 2)``.

        Returns
        -------
        AnalysisResult
            As it is kept.

        Raises
        ------
        UnknownNameError
            If there is no such analysis, channel or ROI.
        InputResultError
            If a result that the analysis works on is not there, does not fit, or is stale.
        ParameterError
            If a parameter is not declared or its value not allowed.
        CalibrationError
            If a scale is needed that neither the file nor the user gives.
        AnalysisCancelled
            If `cancel` was set; nothing is stored.
        """
        result = self.measure(
            analysis, channel=channel, roi_id=roi_id, progress=progress, cancel=cancel, **parameters
        )
        return self.store(result)

    def result(
        self, analysis: str, channel: int = 0, roi_id: int = WHOLE_RECORDING
    ) -> AnalysisResult | None:
        """The kept result, stale or not, or ``None``."""
        return self.results.get((analysis, channel, roi_id))

    def stale_reason(self, result: AnalysisResult) -> str | None:
        """Why a result no longer describes the recording as it is now; ``None`` if it does.

        A result computed from others is stale as soon as one of them is, or has other numbers.
        """
        return self._own_stale_reason(result) or stale_input(self, result, self._own_stale_reason)

    def _own_stale_reason(self, result: AnalysisResult) -> str | None:
        try:
            bounds = self._bounds(result.roi_id or WHOLE_RECORDING)
        except UnknownNameError:
            return "its ROI is gone"
        if result.time_axis not in (None, self.header.time_axis):
            return "the time axis was swapped since"
        if result.bounds != bounds:
            return "its ROI was moved or resized since"
        if result.calibration.line_period_s != self.header.line_period_s:
            return "the line period was changed since"
        if result.calibration.pixel_size_um != self.header.pixel_size_um:
            return "the pixel size was changed since"
        now = self.fingerprint()
        if None not in (now, result.source_fingerprint) and now != result.source_fingerprint:
            return "the source file was changed since"
        return None

    def results_table(self, analysis: str) -> pd.DataFrame:
        """All results of an analysis, a row per window or line, with channel and ROI.

        ``time_in_recording_s`` counts from the first line of the recording.
        """
        from cloudscope.tables import image_results

        return image_results(self, analysis)

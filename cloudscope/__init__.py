"""cloudscope: blood-flow velocity and vessel diameter from microscope line scans.

Every public name is loaded when it is first used, so that ``import cloudscope`` costs next to
nothing; see ``dir(cloudscope)`` for the list.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "AcqImage": "cloudscope.acq_image",
    "AcqImageList": "cloudscope.acq_image_list",
    "AnalysisCancelled": "cloudscope.errors",
    "AnalysisResult": "cloudscope.analysis.result",
    "App": "cloudscope.widgets.app",
    "BatchPlan": "cloudscope.batch",
    "BatchReport": "cloudscope.batch",
    "BeatWaveform": "cloudscope.analysis.beats",
    "Blinding": "cloudscope.blinding",
    "BlindingError": "cloudscope.errors",
    "CalibrationError": "cloudscope.errors",
    "ChannelDisplay": "cloudscope.display",
    "CloudscopeError": "cloudscope.errors",
    "EditReport": "cloudscope.metadata_edits",
    "ExpectedError": "cloudscope.analysis.expected_error",
    "ExperimentMetadata": "cloudscope.metadata",
    "ExportError": "cloudscope.errors",
    "ExportReport": "cloudscope.export",
    "FileTable": "cloudscope.widgets.table",
    "Finding": "cloudscope.verification",
    "FolderChanges": "cloudscope.watching",
    "FolderSettings": "cloudscope.folder_settings",
    "HeartRateSpectrum": "cloudscope.analysis.heart_rate",
    "ImageHeader": "cloudscope.metadata",
    "ImportPlan": "cloudscope.sheets",
    "InputResultError": "cloudscope.errors",
    "KymographViewer": "cloudscope.widgets.viewer",
    "LoadError": "cloudscope.errors",
    "MergeReport": "cloudscope.sidecar",
    "MetadataSheet": "cloudscope.sheets",
    "Optics": "cloudscope.optics",
    "ParameterError": "cloudscope.errors",
    "Preview": "cloudscope.preview",
    "ReferenceImage": "cloudscope.loaders.reference",
    "Roi": "cloudscope.roi",
    "RoiError": "cloudscope.errors",
    "RoiReport": "cloudscope.roi_exchange",
    "Samples": "cloudscope.analysis.samples",
    "ScoreCurve": "cloudscope.analysis.streaks.probe",
    "SidecarConflict": "cloudscope.errors",
    "SidecarError": "cloudscope.errors",
    "SpeedRange": "cloudscope.analysis.streaks.ceiling",
    "StreakProbe": "cloudscope.analysis.streaks.probe",
    "TracePlot": "cloudscope.widgets.traces",
    "TraceStatistics": "cloudscope.stretch_statistics",
    "TriggeredAverage": "cloudscope.analysis.coupling",
    "VelocityProfile": "cloudscope.analysis.streaks.along_line",
    "accept_names": "cloudscope.metadata_edits",
    "add_event": "cloudscope.analysis.velocity_events",
    "analysis_names": "cloudscope.analysis.registry",
    "apply_import": "cloudscope.sheets",
    "beat_waveform": "cloudscope.analysis.beats",
    "beats": "cloudscope.analysis.beats",
    "cell_passages": "cloudscope.analysis.flux",
    "clean_velocity": "cloudscope.analysis.clean_velocity",
    "copy_metadata": "cloudscope.metadata_edits",
    "copy_rois": "cloudscope.roi_exchange",
    "coupling": "cloudscope.analysis.coupling",
    "delete_event": "cloudscope.analysis.velocity_events",
    "diameter": "cloudscope.analysis.diameter",
    "edit_event": "cloudscope.analysis.velocity_events",
    "edit_many": "cloudscope.metadata_edits",
    "event_statistics": "cloudscope.analysis.velocity_events",
    "event_triggered_average": "cloudscope.analysis.coupling",
    "expected_error": "cloudscope.analysis.expected_error",
    "export_imagej_rois": "cloudscope.roi_exchange",
    "export_recordings": "cloudscope.export",
    "figure_data": "cloudscope.figures",
    "figure_of": "cloudscope.figures",
    "find_past": "cloudscope.past",
    "flow": "cloudscope.analysis.flow",
    "flux": "cloudscope.analysis.flux",
    "forget_preset": "cloudscope.presets",
    "get_analysis": "cloudscope.analysis.registry",
    "heart_rate": "cloudscope.analysis.heart_rate",
    "heart_rate_spectrum": "cloudscope.analysis.heart_rate",
    "import_imagej_rois": "cloudscope.roi_exchange",
    "import_past": "cloudscope.past",
    "intensity": "cloudscope.analysis.intensity",
    "intensity_peaks": "cloudscope.analysis.intensity",
    "keep_preset": "cloudscope.presets",
    "measure_preview": "cloudscope.preview",
    "metadata_sheet": "cloudscope.sheets",
    "moving_pixels": "cloudscope.analysis.streaks.moving_pixels",
    "overrule_velocity": "cloudscope.analysis.streaks.manual",
    "plan_import": "cloudscope.sheets",
    "pool_figure": "cloudscope.figures",
    "pool_statistics": "cloudscope.pool",
    "pool_table": "cloudscope.pool",
    "pool_values": "cloudscope.pool",
    "presets_of": "cloudscope.presets",
    "radon_velocity": "cloudscope.analysis.radon_velocity",
    "read_metadata_sheet": "cloudscope.sheets",
    "review_event": "cloudscope.analysis.velocity_events",
    "samples_of": "cloudscope.analysis.samples",
    "save_figure": "cloudscope.figures",
    "speed_ceiling": "cloudscope.analysis.streaks.ceiling",
    "streak_score": "cloudscope.analysis.streaks.probe",
    "tidy_tables": "cloudscope.export",
    "trace_statistics": "cloudscope.stretch_statistics",
    "velocity_along_line": "cloudscope.analysis.streaks.along_line",
    "velocity_events": "cloudscope.analysis.velocity_events",
    "verify": "cloudscope.verification",
    "write_metadata_sheet": "cloudscope.sheets",
    "write_figure_data": "cloudscope.figures",
    "write_imagej_tiff": "cloudscope.export",
    "write_nwb": "cloudscope.export",
    "write_ome_zarr": "cloudscope.export",
    "write_plain_tables": "cloudscope.export",
    "write_report": "cloudscope.export",
    "write_sample_folder": "cloudscope.sample",
    "write_tables": "cloudscope.export",
}

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> Any:
    module = _PUBLIC.get(name)
    if module is None:
        raise AttributeError(f"module 'cloudscope' has no attribute {name!r}")
    value = getattr(import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)

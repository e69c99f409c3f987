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
    "CalibrationError": "cloudscope.errors",
    "CloudscopeError": "cloudscope.errors",
    "ExperimentMetadata": "cloudscope.metadata",
    "FileTable": "cloudscope.widgets.table",
    "ImageHeader": "cloudscope.metadata",
    "KymographViewer": "cloudscope.widgets.viewer",
    "LoadError": "cloudscope.errors",
    "ParameterError": "cloudscope.errors",
    "Roi": "cloudscope.roi",
    "RoiError": "cloudscope.errors",
    "SidecarConflict": "cloudscope.errors",
    "SidecarError": "cloudscope.errors",
    "TracePlot": "cloudscope.widgets.traces",
    "analysis_names": "cloudscope.analysis.registry",
    "diameter": "cloudscope.analysis.diameter",
    "get_analysis": "cloudscope.analysis.registry",
    "intensity": "cloudscope.analysis.intensity",
    "intensity_peaks": "cloudscope.analysis.intensity",
    "radon_velocity": "cloudscope.analysis.radon_velocity",
    "write_sample_folder": "cloudscope.sample",
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

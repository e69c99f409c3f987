"""Every exception cloudscope raises on purpose; each message names what is wrong and what to do."""

from __future__ import annotations

__all__ = [
    "AnalysisCancelled",
    "BlindingError",
    "CalibrationError",
    "CloudscopeError",
    "ExportError",
    "InputResultError",
    "LoadError",
    "ParameterError",
    "PresetError",
    "ResultTableError",
    "RoiError",
    "SidecarConflict",
    "SidecarError",
    "UnknownNameError",
]


class CloudscopeError(Exception):
    """Base of all cloudscope errors; its text is one sentence fit to show a user."""


class LoadError(CloudscopeError):
    """A recording cannot be read; the message names the file and the reason."""

    def __init__(self, path: object, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = str(path)
        self.reason = reason

    def __reduce__(self) -> tuple[type[LoadError], tuple[str, str]]:
        return type(self), (self.path, self.reason)


class ParameterError(CloudscopeError, ValueError):
    """A parameter has a value that is not allowed; names the parameter, the value and what is."""


class UnknownNameError(CloudscopeError, KeyError):
    """A name (analysis, ROI, channel, trait, recording) does not exist; lists what does."""

    def __str__(self) -> str:  # KeyError would show the repr of the sentence
        return str(self.args[0]) if self.args else ""


class BlindingError(CloudscopeError):
    """Recordings are read blind and what was asked would show them, or their blinding is wrong."""


class PresetError(CloudscopeError):
    """Parameters kept under a name cannot be read or kept; names the file and what to do."""


class CalibrationError(CloudscopeError, ValueError):
    """An analysis needs a line period or pixel size that the file does not give."""


class ExportError(CloudscopeError):
    """An export cannot be written, or lacks what its format asks for; nothing was replaced."""


class InputResultError(CloudscopeError, LookupError):
    """A result that an analysis works on is not there, does not fit, or is stale."""


class RoiError(CloudscopeError, ValueError):
    """A region of interest is empty, outside the image, or its id is already taken."""


class AnalysisCancelled(CloudscopeError):
    """The user asked a running measurement to stop; nothing was stored."""


class SidecarError(CloudscopeError):
    """A sidecar cannot be read or written; it is left as it is on disk."""


class SidecarConflict(SidecarError):
    """A sidecar changed on disk since it was loaded; nothing was overwritten."""


class ResultTableError(SidecarError):
    """A result's CSV is missing or is not the one its JSON refers to."""

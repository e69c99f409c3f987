"""What a sidecar holds: the values a program works with, and the file as it was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from cloudscope.analysis.result import AnalysisResult, ResultKey
from cloudscope.display import ChannelDisplay
from cloudscope.metadata import ExperimentMetadata, HeaderCorrections, ImageHeader
from cloudscope.roi import Roi

__all__ = ["SidecarContents", "SidecarDocument"]


@dataclass(frozen=True, kw_only=True)
class SidecarContents:
    """Everything of a recording that is saved, as values.

    Attributes
    ----------
    accepted : bool or None
        The user's judgement; ``None`` while there is none.
    experiment : ExperimentMetadata
    file_header : ImageHeader or None
        What the source file said; ``None`` leaves what was saved before.
    corrections : HeaderCorrections
        What the user says instead.
    rois : tuple of Roi
    next_roi_id : int
        The first id that was never given out.
    results : mapping of (analysis, channel, roi_id) to AnalysisResult
    display : mapping of int to ChannelDisplay
        How channels are shown, by channel.
    origin : mapping
        Which image of a file, or which file elsewhere, the sidecar belongs to; entries of the
        JSON by name. Empty leaves what was saved before.
    """

    accepted: bool | None = None
    experiment: ExperimentMetadata = field(default_factory=ExperimentMetadata)
    file_header: ImageHeader | None = None
    corrections: HeaderCorrections = field(default_factory=HeaderCorrections)
    rois: tuple[Roi, ...] = ()
    next_roi_id: int = 1
    results: Mapping[ResultKey, AnalysisResult] = field(default_factory=dict)
    display: Mapping[int, ChannelDisplay] = field(default_factory=dict)
    origin: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rois", tuple(self.rois))
        object.__setattr__(self, "results", MappingProxyType(dict(self.results)))
        object.__setattr__(self, "display", MappingProxyType(dict(self.display)))
        object.__setattr__(self, "origin", MappingProxyType(dict(self.origin)))

    def __reduce__(self) -> tuple[Any, ...]:
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        plain = {name: dict(values[name]) for name in ("results", "display", "origin")}
        return _restore, (values | plain,)


def _restore(values: dict[str, Any]) -> SidecarContents:
    return SidecarContents(**values)


@lru_cache(maxsize=1)
def _no_contents() -> SidecarContents:
    """One for all of the thousands of recordings of a folder that have no sidecar yet."""
    return SidecarContents()


@dataclass(frozen=True, kw_only=True)
class SidecarDocument:
    """A sidecar as it stands on disk: the base that the next save compares with.

    Attributes
    ----------
    contents : SidecarContents
        As far as it could be read.
    raw : mapping
        The JSON as loaded, fields of other versions and programs included: a save writes the
        known fields over it. Not to be changed.
    revision : str or None
        blake2b-128 of the JSON's bytes; ``None`` where there is no file.
    problems : tuple of str
        What could not be read or does not fit together, a sentence each.
    read_only_reason : str or None
        Why it cannot be saved over, a sentence; ``None`` where it can.
    """

    contents: SidecarContents = field(default_factory=_no_contents)
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)
    revision: str | None = None
    problems: tuple[str, ...] = ()
    read_only_reason: str | None = None

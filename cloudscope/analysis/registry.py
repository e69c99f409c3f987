"""The analyses there are, by name: built in, or from other packages by entry point."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

from cloudscope.analysis.parameters import Parameter, declared_parameters
from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.working_memory import UNKNOWN_MEMORY, WorkingMemory
from cloudscope.errors import UnknownNameError

__all__ = ["Analysis", "Column", "Input", "Trace", "analysis_names", "get_analysis", "register"]

BUILT_IN = (
    "radon_velocity",
    "diameter",
    "intensity",
    "flux",
    "clean_velocity",
    "velocity_events",
    "heart_rate",
    "beats",
    "flow",
    "coupling",
)
"""Modules of this package that register an analysis of the same name: add yours here."""

ENTRY_POINTS = "cloudscope.analyses"
"""Entry point group by which another package's module joins."""

CarryOver = Callable[[AnalysisResult, AnalysisResult], AnalysisResult]
"""From an older result, edited by hand, and a new one: the new one with those edits."""

_registered: dict[str, Analysis] = {}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an analysis' table: its name in the CSV, unit and meaning."""

    name: str
    unit: str
    help: str


@dataclass(frozen=True, slots=True)
class Trace:
    """What of the table is drawn: a value against time, its uncertainty, its quality.

    Attributes
    ----------
    value : str
        Column drawn as the line.
    title : str
        Title of the axis, with unit.
    color : str
        CSS colour of the line.
    sd : str or None
        Column of one standard deviation, drawn as a band.
    quality : str or None
        Column of quality 0 to 1.
    x : str
        Column drawn along the horizontal axis.
    """

    value: str
    title: str
    color: str
    sd: str | None = None
    quality: str | None = None
    x: str = "time_s"


@dataclass(frozen=True, slots=True)
class Input:
    """A result that an analysis works on, instead of pixels.

    Attributes
    ----------
    name : str
        Positional argument of the callable, and keyword of ``image.analyze``.
    accepts : tuple of str
        Analyses whose results will do; the first is taken if the user names none. ``("*",)`` is
        any analysis with a trace.
    title, help : str
        For the form.
    """

    name: str
    accepts: tuple[str, ...]
    title: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class Analysis:
    """A registered analysis: its callable and what the rest of cloudscope needs to know of it."""

    name: str
    title: str
    function: Callable[..., AnalysisResult]
    columns: tuple[Column, ...]
    trace: Trace | None
    """What is drawn of the table; ``None`` if it has no course."""

    headline: str
    """Key of the summary's one number for tables, for example ``velocity_median_um_per_s``."""

    inputs: tuple[Input, ...] = ()
    """Results it works on, in the order of the callable's arguments."""

    pixels: bool = True
    """Whether it works on a kymograph, which is then its first argument."""

    carry_over: CarryOver | None = None
    """Brings the user's own edits of an older result into a new one."""

    memory: WorkingMemory = UNKNOWN_MEMORY
    """What it takes beside its pixels, so that a batch can keep within the memory there is."""

    @property
    def over_time(self) -> bool:
        """Whether its table has a course over time to draw or to work on."""
        return self.trace is not None and self.trace.x == "time_s"

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The detection parameters, read from the signature."""
        return declared_parameters(self.function)


def register(
    *,
    name: str,
    title: str,
    columns: Iterable[Column],
    trace: Trace | None,
    headline: str,
    inputs: Iterable[Input] = (),
    pixels: bool | None = None,
    carry_over: CarryOver | None = None,
    memory: WorkingMemory = UNKNOWN_MEMORY,
) -> Callable[[Callable[..., AnalysisResult]], Callable[..., AnalysisResult]]:
    """Decorator that registers an analysis callable; it returns the callable unchanged.

    Parameters
    ----------
    name, title, columns, trace, headline, inputs, carry_over, memory
        See `Analysis`.
    pixels : bool, optional
        Whether the callable takes a kymograph and its scales. By default it does if there are no
        `inputs`.

    Raises
    ------
    ValueError
        If another callable holds the name.
    """

    needed = tuple(inputs)

    def decorate(function: Callable[..., AnalysisResult]) -> Callable[..., AnalysisResult]:
        held = _registered.get(name)
        if held is not None and held.function.__module__ != function.__module__:
            raise ValueError(f"analysis {name!r} is already registered by {held.function}")
        _registered[name] = Analysis(
            name=name,
            title=title,
            function=function,
            columns=tuple(columns),
            trace=trace,
            headline=headline,
            inputs=needed,
            pixels=not needed if pixels is None else pixels,
            carry_over=carry_over,
            memory=memory,
        )
        return function

    return decorate


@lru_cache(maxsize=1)
def _external() -> dict[str, Any]:
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=ENTRY_POINTS)}


def analysis_names() -> tuple[str, ...]:
    """Names of all analyses, built-in ones first.

    Examples
    --------
    >>> analysis_names()[:2]
    ('radon_velocity', 'diameter')
    """
    names = dict.fromkeys((*BUILT_IN, *_external(), *_registered))
    return tuple(names)


def get_analysis(name: str) -> Analysis:
    """The analysis registered under `name`.

    Raises
    ------
    UnknownNameError
        If there is none; the message lists those there are.
    """
    if name not in _registered:
        if name in BUILT_IN:
            import_module(f"cloudscope.analysis.{name}")
        elif name in _external():
            _external()[name].load()
    if name not in _registered:
        near = difflib.get_close_matches(name, analysis_names(), n=1)
        hint = f"did you mean {near[0]!r}?" if near else "there are " + ", ".join(analysis_names())
        raise UnknownNameError(f"there is no analysis {name!r}; {hint}")
    return _registered[name]

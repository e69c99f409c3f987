"""`AnalysisChoice`: which analyses, a box to tick for each."""

from __future__ import annotations

from typing import Any

import ipywidgets
import traitlets

from cloudscope.analysis.registry import analysis_names, get_analysis

__all__ = ["AnalysisChoice"]


class AnalysisChoice(ipywidgets.Box):
    """A box to tick for each analysis there is.

    Examples
    --------
    >>> choice = AnalysisChoice()
    >>> choice.value = ("radon_velocity", "diameter")
    >>> choice
    AnalysisChoice(radon_velocity, diameter)
    """

    value = traitlets.Tuple()
    """Names of those ticked, in the order of the boxes; both sides write."""

    def __init__(self) -> None:
        self._boxes = {
            name: ipywidgets.Checkbox(False, description=get_analysis(name).title, indent=False)
            for name in analysis_names()
        }
        self._ticking = False
        super().__init__(list(self._boxes.values()), _dom_classes=["cs-batch-analyses"])
        for box in self._boxes.values():
            box.observe(self._ticked, "value")
        self.observe(self._assigned, "value")

    def _ticked(self, change: Any) -> None:
        if not self._ticking:
            self.value = tuple(name for name, box in self._boxes.items() if box.value)

    def _assigned(self, change: Any) -> None:
        self._ticking = True
        try:
            for name, box in self._boxes.items():
                box.value = name in self.value
        finally:
            self._ticking = False

    def __repr__(self) -> str:
        return f"AnalysisChoice({', '.join(self.value)})"

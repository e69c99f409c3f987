"""Which results an analysis works on: one line an input, those of the same ROI unless changed."""

from __future__ import annotations

from typing import Any

import ipywidgets

from cloudscope.acq_image import AcqImage
from cloudscope.analysis.registry import Analysis, get_analysis
from cloudscope.analysis.result import ResultKey
from cloudscope.inputs import candidates
from cloudscope.roi import WHOLE_RECORDING
from cloudscope.widgets.form_field import FormField

__all__ = ["InputChoice"]


class InputChoice(ipywidgets.VBox):
    """A line for each result that an analysis works on.

    What is offered follows the recording: call `offer` when it, or where is measured, changes.

    Parameters
    ----------
    analysis : Analysis
    """

    def __init__(self, analysis: Analysis) -> None:
        super().__init__()
        self.analysis = analysis
        self.fields = {
            needed.name: FormField(ipywidgets.Dropdown(description=needed.title, options=[]))
            for needed in analysis.inputs
        }
        for needed in analysis.inputs:
            control = self.fields[needed.name].control
            control.tooltip = needed.help or f"Which {needed.title.lower()} to work on"
        self.children = tuple(self.fields.values())
        self.layout.display = "" if analysis.inputs else "none"

    @property
    def values(self) -> dict[str, ResultKey]:
        """Keys of the results chosen, by the name of the input, as ``image.analyze`` takes them."""
        chosen = {name: field.control.value for name, field in self.fields.items()}
        return {name: key for name, key in chosen.items() if key is not None}

    @property
    def missing(self) -> str:
        """Why there is nothing to work on, in a sentence; ``""`` if there is."""
        for needed in self.analysis.inputs:
            if self.fields[needed.name].control.value is None:
                if "*" in needed.accepts:
                    return "There is no trace to work on yet: measure something first."
                titles = [get_analysis(name).title.lower() for name in needed.accepts]
                return f"This works on {' or '.join(titles)}, which is not measured here yet."
        return ""

    def offer(self, image: AcqImage | None, channel: int, roi_id: int) -> None:
        """Offer the results there are; a choice still possible stays."""
        for place, needed in enumerate(self.analysis.inputs):
            control = self.fields[needed.name].control
            keys = [] if image is None else candidates(image, needed)
            here = [key for key in keys if key[1:] == (channel, roi_id)]
            # The result is filed with its first input, so that one is of the place measured.
            offered = here if place == 0 and not self.analysis.pixels else keys
            options = [(_label(image, key, channel), key) for key in offered]
            before = control.value
            if tuple(control.options) != tuple(options):
                control.options = options
            if before in offered:
                control.value = before
            else:
                control.value = next(iter(here or offered), None)

    def show(self, keys: dict[str, Any]) -> None:
        """Choose results by their keys, where they are offered."""
        for name, key in keys.items():
            if name in self.fields and key in [k for _, k in self.fields[name].control.options]:
                self.fields[name].control.value = key


def _label(image: AcqImage | None, key: ResultKey, channel: int) -> str:
    analysis, of_channel, roi_id = key
    place = "whole recording" if roi_id == WHOLE_RECORDING else f"ROI {roi_id}"
    if image is not None and of_channel != channel:
        place += f", {image.header.channel_title(of_channel)}"
    return f"{get_analysis(analysis).title} · {place}"

"""The form above a pool: what to pool, what a dot is, how to group, colour and filter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import ipywidgets

from cloudscope.analysis.registry import get_analysis
from cloudscope.pool.choices import (
    group_choices,
    measured_analyses,
    pool_values,
    value_title,
)
from cloudscope.pool.request import PoolRequest
from cloudscope.widgets.form_field import FormField

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage
    from cloudscope.pool.choices import PoolValue

__all__ = ["UNIT_WORDS", "PoolForm"]

UNIT_WORDS = {
    "samples": ("a window, line or event", "windows, lines or events"),
    "results": ("a measured ROI", "measured ROIs"),
    "recordings": ("a recording", "recordings"),
    "animals": ("an animal", "animals"),
}
"""What a dot is, one and several."""

_KINDS = (
    ("swarm, mean and 95 % interval", "swarm"),
    ("box", "box"),
    ("violin", "violin"),
    ("scatter", "scatter"),
    ("histogram", "histogram"),
    ("cumulative", "cumulative"),
)
_JUDGED = (
    ("all but the rejected", "not rejected"),
    ("accepted only", "accepted"),
    ("all", "all"),
)
_NOBODY = ("–", "")


class PoolForm(ipywidgets.VBox):
    """Choices that make a `PoolRequest`.

    Parameters
    ----------
    changed : callable
        Called when the request is another one.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed, self._filling = changed, False
        self._values: tuple[PoolValue, ...] = ()
        self._images: tuple[AcqImage, ...] = ()
        dropdown = ipywidgets.Dropdown
        self.analysis = dropdown(description="Analysis")
        self.value = dropdown(description="Value")
        self.unit = dropdown(
            description="A dot is", options=[(w, u) for u, (w, _) in UNIT_WORDS.items()],
            value="recordings",
            tooltip="What is counted: windows of one recording are not independent of each other",
        )  # fmt: skip
        self.kind = dropdown(description="Plot", options=_KINDS)
        self.group = dropdown(description="Group by", options=[_NOBODY])
        self.group_2 = dropdown(description="and by", options=[_NOBODY])
        self.color = dropdown(description="Colour", options=[("as the groups", "")])
        self.x = dropdown(description="Against", options=[("order of the recordings", "")])
        self.filter = ipywidgets.Text(
            description="Filter", placeholder="sham branch_order<3 -test", continuous_update=False,
            tooltip="As above the list of recordings: words, and conditions on columns",
        )  # fmt: skip
        self.judged = dropdown(description="Recordings", options=_JUDGED)
        self.average = dropdown(description="Average by", options=["mean", "median"])
        self.min_quality = ipywidgets.BoundedFloatText(
            0.0, min=0.0, max=1.0, step=0.05, description="Quality from",
            tooltip="Samples of lower quality are left out",
        )  # fmt: skip
        self.absolute = ipywidgets.Checkbox(
            False, description="Without the sign", indent=False,
            tooltip="Speeds whatever the direction",
        )  # fmt: skip
        self.stale = ipywidgets.Checkbox(
            False, description="Stale results too", indent=False,
            tooltip="Results of recordings that were changed since",
        )  # fmt: skip
        self.fields = {
            name: FormField(getattr(self, name))
            for name in (
                "analysis", "value", "unit", "kind", "x", "group", "group_2", "color", "filter",
                "judged", "average", "min_quality",
            )
        }  # fmt: skip
        checks = ipywidgets.HBox([self.absolute, self.stale], _dom_classes=["cs-row"])
        super().__init__([*self.fields.values(), checks], _dom_classes=["cs-pool-form"])
        self._inputs = (
            *(field.control for field in self.fields.values()), self.absolute, self.stale,
        )  # fmt: skip
        for control in self._inputs:
            control.observe(self._edited, "value")
        self._show_fields()

    @property
    def request(self) -> PoolRequest | None:
        """What is asked for, or ``None`` where nothing is measured."""
        if not self.analysis.value or not self.value.value:
            return None
        groups = dict.fromkeys(g for g in (self.group.value, self.group_2.value) if g)
        scatter = self.kind.value == "scatter"
        return PoolRequest(
            analysis=self.analysis.value,
            value=self.value.value,
            unit=self.unit.value,
            kind=self.kind.value,
            group_by=tuple(groups),
            color_by=self.color.value or None,
            x=(self.x.value or None) if scatter else None,
            average=self.average.value,
            absolute=self.absolute.value,
            filter=self.filter.value.strip(),
            judged=self.judged.value,
            fresh_only=not self.stale.value,
            min_quality=self.min_quality.value,
        )

    def offer(self, images: Iterable[AcqImage]) -> None:
        """Offer what these recordings have; choices that are still there stay."""
        self._images = tuple(images)
        self._filling = True
        try:
            names = measured_analyses(self._images)
            _set_options(self.analysis, [(get_analysis(n).title, n) for n in names])
            self._offer_values()
        finally:
            self._filling = False
        self._show_fields()

    def _offer_values(self) -> None:
        name = self.analysis.value
        self._values = pool_values(self._images, name) if name else ()
        of_samples = self.unit.value == "samples"
        offered = [v for v in self._values if v.of_samples or not of_samples]
        _set_options(self.value, [(v.title, v.name) for v in offered])
        groups = group_choices(self._images, name or "")
        named = [(title, key) for key, title in groups.items()]
        for control in (self.group, self.group_2):
            _set_options(control, [_NOBODY, *named])
        _set_options(self.color, [("as the groups", ""), *named])
        _set_options(self.x, [("order of the recordings", ""), *self._second_numbers()])

    def _second_numbers(self) -> list[tuple[str, str]]:
        """Fields that are numbers, and headlines of the other analyses."""
        fields = [
            (f"{spec.title} ({spec.unit})" if spec.unit else spec.title, spec.name)
            for spec in (self._images[0].fields if self._images else ())
            if spec.numeric
        ]
        others = []
        for name in measured_analyses(self._images):
            spec = get_analysis(name)
            if name != self.analysis.value:
                others.append(
                    (f"{spec.title}: {value_title(spec.headline)}", f"{name}.{spec.headline}")
                )
        own = [(v.title, v.name) for v in self._values if v.name != self.value.value]
        return [*fields, *others, *own]

    def _edited(self, change: Any) -> None:
        if self._filling:
            return
        if change["owner"] in (self.analysis, self.unit, self.value):
            self._filling = True
            try:
                self._offer_values()
            finally:
                self._filling = False
        self._show_fields()
        self._changed()

    def _show_fields(self) -> None:
        """Only what matters for the plot and the unit chosen."""
        grouped = bool(self.group.value)
        shown = {
            "x": self.kind.value == "scatter",
            "group_2": grouped,
            "average": self.unit.value in ("recordings", "animals") or self._averages_samples(),
            "min_quality": self.unit.value == "samples" or self._averages_samples(),
        }
        for name, on in shown.items():
            self.fields[name].layout.display = "" if on else "none"

    def _averages_samples(self) -> bool:
        chosen = next((v for v in self._values if v.name == self.value.value), None)
        return chosen is not None and chosen.of_samples and not chosen.of_results

    def __repr__(self) -> str:
        return f"PoolForm({self.analysis.value!r}, {self.value.value!r}, {self.unit.value!r})"


def _set_options(control: ipywidgets.Dropdown, options: Sequence[tuple[str, str]]) -> None:
    """Offer these, keeping the choice where it is still there."""
    if list(control.options) == list(options):
        return
    kept = control.value
    control.options = options
    names = [name for _, name in options]
    control.value = kept if kept in names else (names[0] if names else None)

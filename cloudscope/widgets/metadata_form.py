"""`MetadataForm`: what the user knows of a recording, and what its header says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ipywidgets
import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.errors import ParameterError
from cloudscope.metadata import FieldSpec, experiment_fields
from cloudscope.widgets.form_field import FormField
from cloudscope.widgets.free_fields import FreeFields
from cloudscope.widgets.header_form import HeaderForm
from cloudscope.widgets.theme import heading_html, theme_style

__all__ = ["MetadataForm"]


class MetadataForm(ipywidgets.VBox):
    """Header and experimental metadata of a recording, as a form bound to it.

    A field is taken on Enter or when it is left, as one undo step; a refusal is shown beside it.

    Parameters
    ----------
    image : AcqImage, optional
    folder : iterable of AcqImage, optional
        Recordings whose values are offered while typing, so that one group is spelt one way.

    Examples
    --------
    >>> import numpy as np
    >>> image = AcqImage.from_array(np.zeros((50, 8)))
    >>> form = MetadataForm(image)
    >>> form.field("species").control.value = "mouse"
    >>> image.experiment.species, image.undo()
    ('mouse', 'edit species')
    """

    image = traitlets.Instance(AcqImage, allow_none=True)
    """The recording edited; assign another to edit that."""

    folder = traitlets.Any(())
    """Recordings whose values are offered; an `AcqImageList` or any other iterable of them."""

    def __init__(self, image: AcqImage | None = None, *, folder: Iterable[AcqImage] = ()) -> None:
        super().__init__()
        self._showing = False
        self._specs = {spec.name: spec for spec in experiment_fields()}
        self._fields = {name: self._field(spec) for name, spec in self._specs.items()}
        self.header_form = HeaderForm()
        self.free_fields = FreeFields()
        self.children = (theme_style(), self.header_form, *self._groups())
        self.add_class("cs-panel")
        self.add_class("cs-metadata")
        self.observe(self._take_image, "image")
        self.observe(lambda _: self._offer(), "folder")
        self.folder = folder
        self.image = image
        self._enable()

    def field(self, name: str) -> FormField:
        """The line of one field of `ExperimentMetadata`."""
        return self._fields[name]

    def _offer(self) -> None:
        """Offer the values that the folder's recordings use."""
        used: dict[str, dict[str, None]] = {name: {} for name in self._specs}
        for image in self.folder:
            for name, value in image.experiment:
                if isinstance(value, str) and value:
                    used[name][value] = None
        for name, field in self._fields.items():
            if isinstance(field.control, ipywidgets.Combobox):
                known = dict.fromkeys(c for c in self._specs[name].choices if c)
                field.control.options = tuple(known | used[name])

    def close(self) -> None:
        """Let go of the model and of the browser's part."""
        self.image = None
        super().close()

    def _groups(self) -> list[ipywidgets.Widget]:
        groups: dict[str, list[FormField]] = {}
        for name, spec in self._specs.items():
            groups.setdefault(spec.group, []).append(self._fields[name])
        sections = []
        for title, fields in groups.items():
            heading = ipywidgets.HTML(heading_html(title))
            section = ipywidgets.VBox([heading, *fields])
            section.add_class("cs-section")
            sections.append(section)
        return [*sections, self.free_fields]

    def _field(self, spec: FieldSpec) -> FormField:
        label = {"description": spec.title, "tooltip": spec.help or spec.title}
        control: ipywidgets.DOMWidget
        if spec.closed:
            options = [(choice or "–", choice) for choice in spec.choices]
            control = ipywidgets.Dropdown(options=options, value="", **label)
        elif spec.kind == "long":
            control = ipywidgets.Textarea(rows=3, continuous_update=False, **label)
        elif spec.kind == "text":
            control = ipywidgets.Combobox(
                options=tuple(c for c in spec.choices if c),
                placeholder=spec.help,
                continuous_update=False,
                ensure_option=False,
                **label,
            )
        else:
            hint = "" if spec.unit else spec.help
            control = ipywidgets.Text(placeholder=hint, continuous_update=False, **label)
        field = FormField(control, unit=spec.unit or None)
        control.observe(lambda change: self._typed(spec.name, change["new"]), "value")
        return field

    def _typed(self, name: str, value: Any) -> None:
        if self._showing or self.image is None:
            return
        field = self._fields[name]
        try:
            self.image.edit_experiment(**{name: value})
        except ParameterError as error:
            field.error = str(error)
        else:
            field.error = ""
            self._show(name)  # as it was taken: stripped, "120" as 120

    def _take_image(self, change: Any) -> None:
        if change["old"] is not None:
            change["old"].unobserve(self._experiment_changed, "experiment")
        self.header_form.image = self.image
        self.free_fields.image = self.image
        if self.image is not None:
            self.image.observe(self._experiment_changed, "experiment")
            self._offer()
        for name, field in self._fields.items():
            field.error = ""
            self._show(name)
        self._enable()

    def _experiment_changed(self, change: Any) -> None:
        for name, field in self._fields.items():
            if getattr(change["old"], name) != getattr(change["new"], name):
                field.error = ""
                self._show(name)

    def _show(self, name: str) -> None:
        value = "" if self.image is None else getattr(self.image.experiment, name)
        self._showing = True
        try:
            self._fields[name].control.value = _text(value)
        finally:
            self._showing = False

    def _enable(self) -> None:
        for field in self._fields.values():
            field.control.disabled = self.image is None

    def __repr__(self) -> str:
        return f"MetadataForm({self.image.name!r})" if self.image else "MetadataForm()"


def _text(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) and value == round(value, 6) else str(value)

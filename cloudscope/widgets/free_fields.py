"""`FreeFields`: the key/value pairs a lab adds to the experimental metadata."""

from __future__ import annotations

from functools import partial
from typing import Any

import ipywidgets
import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.errors import ParameterError
from cloudscope.experiment_metadata import FieldValue
from cloudscope.widgets.field_control import field_text
from cloudscope.widgets.form_field import FormField
from cloudscope.widgets.theme import error_html, heading_html

__all__ = ["FreeFields"]


class FreeFields(ipywidgets.VBox):
    """Free fields of a recording: change, add, remove; each is one undo step."""

    image = traitlets.Instance(AcqImage, allow_none=True)
    """The recording edited."""

    declared = traitlets.Any(())
    """Names of fields of a lab's own that have an input elsewhere."""

    def __init__(self, image: AcqImage | None = None) -> None:
        super().__init__()
        self._fields: dict[str, FormField] = {}
        self._list = ipywidgets.VBox()
        self._list.layout.overflow = "visible"
        self.new_key = ipywidgets.Text(
            placeholder="name", description="Name of a new field", continuous_update=False
        )
        self.new_value = ipywidgets.Text(
            placeholder="value", description="Its value", continuous_update=False
        )
        for control in (self.new_key, self.new_value):
            control.add_class("cs-name-unseen")
            control.layout.width = "auto"
            control.layout.flex = "1 1 0"
            control.layout.min_width = "0"
        self.add_button = ipywidgets.Button(description="Add", tooltip="Add this field")
        self.add_button.on_click(lambda _button: self.add())
        line = ipywidgets.HBox([self.new_key, self.new_value, self.add_button])
        line.add_class("cs-field")
        self._error = ipywidgets.HTML()
        self._error.add_class("cs-error")
        heading = ipywidgets.HTML(heading_html("Further fields"))
        self.children = (heading, self._list, line, self._error)
        self.add_class("cs-section")
        self.observe(self._take_image, "image")
        self.observe(lambda _: self._build(), "declared")
        self.image = image
        self._enable()

    @property
    def error(self) -> str:
        """Sentence shown below the fields, or ``""``."""
        return self._sentence

    _sentence = ""

    def field(self, key: str) -> FormField:
        """The line of one free field."""
        return self._fields[key]

    def add(self) -> None:
        """Add the field typed in the last line."""
        if self.image is None:
            return
        key, value = self.new_key.value.strip(), self.new_value.value
        if key in self.declared and key not in self.image.experiment.__dataclass_fields__:
            self._say(f"{key!r} is a field above: enter it there")
        elif key in self.image.experiment.extra:
            self._say(f"there is already a field {key!r}: change it above")
        elif self._edit({**self.image.experiment.extra, key: value}):
            self.new_key.value = self.new_value.value = ""

    def remove(self, key: str) -> None:
        """Remove a free field."""
        if self.image is not None:
            extra = self.image.experiment.extra
            self._edit({name: value for name, value in extra.items() if name != key})

    def _edit(self, extra: dict[str, FieldValue]) -> bool:
        assert self.image is not None
        try:
            self.image.edit_experiment(extra=extra)
        except ParameterError as error:
            self._say(str(error))
            return False
        self._say("")
        return True

    def _say(self, sentence: str) -> None:
        self._sentence = sentence
        self._error.value = error_html(sentence)

    def _take_image(self, change: Any) -> None:
        if change["old"] is not None:
            change["old"].unobserve(self._experiment_changed, "experiment")
        if self.image is not None:
            self.image.observe(self._experiment_changed, "experiment")
        self._say("")
        self._build()
        self._enable()

    def _experiment_changed(self, change: Any) -> None:
        if change["old"].extra != change["new"].extra:
            self._build()

    def _build(self) -> None:
        extra = {}
        if self.image is not None:
            given = self.image.experiment.extra.items()
            extra = {key: field_text(value) for key, value in given if key not in self.declared}
        if extra.keys() == self._fields.keys():
            for key, field in self._fields.items():
                field.control.value = extra[key]
            return
        self._fields = {}
        lines = []
        for key, value in extra.items():
            control = ipywidgets.Text(value, description=key, tooltip=key, continuous_update=False)
            control.observe(partial(self._typed, key), "value")
            self._fields[key] = FormField(control)
            remove = ipywidgets.Button(description="✕", tooltip=f"Remove {key}")
            remove.add_class("cs-quiet")
            remove.on_click(partial(self._remove_clicked, key))
            line = ipywidgets.HBox([self._fields[key], remove])
            line.add_class("cs-pair")
            self._fields[key].layout.flex = "1 1 0"
            self._fields[key].layout.min_width = "0"
            self._fields[key].layout.width = "auto"
            remove.layout.flex = "none"
            lines.append(line)
        self._list.children = tuple(lines)

    def _typed(self, key: str, change: Any) -> None:
        if self.image is None:
            return
        now = self.image.experiment.extra.get(key)
        if field_text(now) != change["new"]:
            self._edit({**self.image.experiment.extra, key: change["new"]})

    def _remove_clicked(self, key: str, _button: Any) -> None:
        self.remove(key)

    def _enable(self) -> None:
        for control in (self.new_key, self.new_value, self.add_button):
            control.disabled = self.image is None

"""`CopyMetadata`: fields of one recording copied to others."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets

from cloudscope.acq_image import AcqImage
from cloudscope.errors import ParameterError
from cloudscope.metadata_edits import EditReport, copy_metadata
from cloudscope.widgets.field_control import field_text
from cloudscope.widgets.theme import error_html
from cloudscope.widgets.wording import counted

__all__ = ["CopyMetadata"]

OF_ONE_ONLY = ("note", "vessel_id", "depth_um", "branch_order")
"""Fields that are seldom the same in two recordings: not chosen at first."""


class CopyMetadata(ipywidgets.VBox):
    """Which fields, to which recordings, and whether what is there is replaced.

    Parameters
    ----------
    done : callable
        Called with the report.
    """

    def __init__(self, done: Callable[[EditReport], None]) -> None:
        self._done = done
        self._image: AcqImage | None = None
        self._others: tuple[AcqImage, ...] = ()
        self.fields = ipywidgets.SelectMultiple(
            rows=6, tooltip="Fields to copy; Ctrl or Shift for several", _dom_classes=["cs-list"]
        )
        self.overwrite = ipywidgets.Checkbox(
            description="Replace what the others have", indent=False
        )
        self.copy_button = ipywidgets.Button(description="Copy", _dom_classes=["cs-primary"])
        self.copy_button.on_click(lambda _: self.copy())
        self._error = ipywidgets.HTML(_dom_classes=["cs-error"])
        super().__init__(
            [self.fields, self.overwrite, self.copy_button, self._error],
            _dom_classes=["cs-copy-metadata"],
        )
        self.fields.observe(lambda _: self._show(), "value")
        self._show()

    def offer(self, image: AcqImage | None, others: tuple[AcqImage, ...]) -> None:
        """Offer what is entered of `image`, to be copied to `others`."""
        self._image, self._others = image, others
        options = []
        if image is not None:
            specs = {spec.name: spec for spec in image.fields}
            values = dict(image.experiment) | dict(image.experiment.extra)
            for name, value in values.items():
                if value not in ("", None):
                    title = specs[name].title if name in specs else name
                    options.append((f"{title}: {_short(field_text(value))}", name))
        if list(self.fields.options) != options:
            self.fields.options = options
            self.fields.value = tuple(n for _title, n in options if n not in OF_ONE_ONLY)
        self._show()

    def copy(self) -> None:
        """Copy the fields chosen."""
        if self._image is None:
            return
        try:
            report = copy_metadata(
                self._image, self._others, self.fields.value, overwrite=self.overwrite.value
            )
        except ParameterError as error:
            self._error.value = error_html(str(error))
            return
        self._error.value = ""
        self._done(report)

    def _show(self) -> None:
        count = len(self._others)
        fields = len(self.fields.value)
        self.copy_button.description = (
            f"Copy {counted(fields, 'fields')} to {counted(count, 'recordings')}"
        )
        self.copy_button.disabled = not (count and fields)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else line[:39] + "…"

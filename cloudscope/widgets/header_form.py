"""`HeaderForm`: what the file says of itself, and the user's corrections beside it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from html import escape
from typing import Any

import ipywidgets
import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.errors import CloudscopeError
from cloudscope.metadata import ImageHeader, Stamp
from cloudscope.metadata_edits import edit_many
from cloudscope.trait_types import TupleOf
from cloudscope.widgets.field_control import SEVERAL
from cloudscope.widgets.form_field import FormField
from cloudscope.widgets.raw_metadata import RawMetadata
from cloudscope.widgets.theme import heading_html, theme_style

__all__ = ["HeaderForm"]

# trait of the calibration: label, unit on screen, units per SI-derived unit of the trait
_SCALES = {
    "line_period_s": ("Line period", "ms", Decimal(1000)),
    "pixel_size_um": ("Pixel size", "µm", Decimal(1)),
}


class HeaderForm(ipywidgets.VBox):
    """Header of a recording: facts to read, calibration to correct, the time axis to swap.

    What the file says stays in sight beside the user's correction; an empty field means the
    file's value.

    Parameters
    ----------
    image : AcqImage, optional
    """

    image = traitlets.Instance(AcqImage, allow_none=True)
    """The recording shown; assign another to show that."""

    images = TupleOf(AcqImage)
    """Recordings whose scales are corrected together with those of `image`."""

    def __init__(self, image: AcqImage | None = None) -> None:
        super().__init__()
        self._showing = False
        self._fields: dict[str, FormField] = {}
        self._said: dict[str, ipywidgets.HTML] = {}
        for name, (title, unit, _factor) in _SCALES.items():
            control = ipywidgets.Text(
                description=title,
                tooltip=f"{title} in {unit}; empty: what the file says",
                continuous_update=False,
            )
            control.observe(lambda change, name=name: self._typed(name, change["new"]), "value")
            self._fields[name] = FormField(control, unit=unit)
            self._said[name] = ipywidgets.HTML()
            self._said[name].add_class("cs-hint")
        self._facts = ipywidgets.HTML()
        self.raw_metadata = RawMetadata()
        self.swap_button = ipywidgets.Button(
            description="Swap time axis",
            tooltip="Take the other axis of the image as time; ROIs stay on the same pixels",
        )
        self.swap_button.on_click(lambda _button: self._swap())
        self._axis = ipywidgets.HTML()
        self._axis.add_class("cs-hint")
        self._axis_line = ipywidgets.HBox([self.swap_button, self._axis], _dom_classes=["cs-row"])
        self._facts_heading = ipywidgets.HTML(heading_html("File"))
        lines = [w for name in _SCALES for w in (self._fields[name], self._said[name])]
        self.children = (
            theme_style(),
            self._facts_heading,
            self._facts,
            self.raw_metadata,
            ipywidgets.HTML(heading_html("Calibration")),
            *lines,
            self._axis_line,
        )
        self.add_class("cs-panel")
        self.add_class("cs-section")
        self.observe(self._take_image, "image")
        self.observe(lambda _: self._show(), "images")
        self.image = image
        self._show()

    def field(self, name: str) -> FormField:
        """The line of ``line_period_s`` (shown in ms) or ``pixel_size_um``."""
        return self._fields[name]

    def _typed(self, name: str, text: str) -> None:
        if self._showing or self.image is None:
            return
        title, unit, factor = _SCALES[name]
        try:
            # Decimal, so that 1.17 ms is stored as the float nearest to 0.00117 s
            value = float(Decimal(text.strip()) / factor) if text.strip() else None
            edit_many(self._targets, **{name: value})
        except InvalidOperation:
            self._fields[
                name
            ].error = f"{title} {text.strip()!r} is not a number: give {unit}, with a decimal point"
        except CloudscopeError as error:
            self._fields[name].error = str(error)
        else:
            self._fields[name].error = ""
            self._show()

    @property
    def _targets(self) -> tuple[AcqImage, ...]:
        if self.image is None:
            return ()
        return self.images if self.image in self.images else (self.image,)

    def _swap(self) -> None:
        if self.image is not None:
            self.image.swap_time_axis()

    def _take_image(self, change: Any) -> None:
        if change["old"] is not None:
            change["old"].unobserve(self._header_changed, ["header", "corrections"])
        if self.image is not None:
            self.image.observe(self._header_changed, ["header", "corrections"])
        self.raw_metadata.image = self.image
        self._header_changed()

    def _header_changed(self, change: Any = None) -> None:
        for field in self._fields.values():
            field.error = ""
        self._show()

    def _show(self) -> None:
        image = self.image
        together = len(self._targets) > 1
        self.swap_button.disabled = image is None
        # what one file says of itself is no word on the others
        for widget in (self._facts_heading, self._facts, self._axis_line):
            widget.layout.display = "none" if together else ""
        self._showing = True
        try:
            for name, field in self._fields.items():
                field.control.disabled = image is None
                _title, unit, factor = _SCALES[name]
                corrected = None if image is None else getattr(image.corrections, name)
                file_says = None if image is None else getattr(_file_header(image), name)
                scales = {getattr(one.header, name) for one in self._targets}
                several = len(scales) > 1
                self._said[name].layout.display = "none" if len(self._targets) > 1 else ""
                field.control.value = "" if several else _scaled(corrected, factor)
                known = _rounded(file_says, factor) or "not known"
                field.control.placeholder = SEVERAL if several else known
                field.mark("cs-changed", corrected is not None)
                self._said[name].value = "" if image is None else _said(image, name, unit, factor)
        finally:
            self._showing = False
        self._facts.value = "" if image is None else _facts(image)
        self._axis.value = "" if image is None else _axis(image)

    def __repr__(self) -> str:
        return f"HeaderForm({self.image.name!r})" if self.image else "HeaderForm()"


def _file_header(image: AcqImage) -> ImageHeader:
    """What the file says, along the time axis that holds now."""
    return image.corrections.replace(line_period_s=None, pixel_size_um=None).apply(
        image.file_header
    )


def _scaled(value: float | None, factor: Decimal) -> str:
    """Every digit of a value, in the unit on screen: what the user typed comes back."""
    if value is None:
        return ""
    return format((Decimal(repr(value)) * factor).normalize(), "f")


def _rounded(value: float | None, factor: Decimal) -> str:
    return "" if value is None else f"{value * float(factor):.6g}"


def _said(image: AcqImage, name: str, unit: str, factor: Decimal) -> str:
    header = _file_header(image)
    value = getattr(header, name)
    if value is None:
        said = "the file does not say"
    else:
        source = getattr(header, name.rsplit("_", 1)[0] + "_source")
        said = f"the file says {_rounded(value, factor)} {unit}" + (
            f" ({source})" if source else ""
        )
    stamp = _stamped(image.corrections.stamp(name))
    if getattr(image.corrections, name) is not None:
        said += f"; yours is used{stamp}, empty the field to go back"
    elif stamp:
        said += f"; a correction was taken back{stamp}"
    return f'<div class="cs-hint">{escape(said)}</div>'


def _stamped(stamp: Stamp | None) -> str:
    """Who said it and when, in brackets."""
    if stamp is None:
        return ""
    words = [stamp.by, stamp.at.replace("T", " ")[:16]]
    return f" ({', '.join(word for word in words if word)})"


def _facts(image: AcqImage) -> str:
    header = image.header
    rows = [
        ("Name", image.name),
        ("Format", header.format),
        ("Size", f"{header.lines:,} lines × {header.pixels:,} pixels"),
        ("Channels", _channels(header)),
        ("Pixel type", header.dtype + (f", {header.bit_depth} bit" if header.bit_depth else "")),
    ]
    if header.frames > 1:
        rows.append(("Frames", f"{header.frames:,}"))
    if header.duration_s is not None:
        rows.append(("Duration", f"{header.duration_s:.3f} s"))
    if header.width_um is not None:
        rows.append(("Line length", f"{header.width_um:.2f} µm"))
    if header.acquired_at:
        rows.append(("Acquired", header.acquired_at.replace("T", " ")))
    rows += header.optics.rows()
    if header.bidirectional is not None:
        rows.append(("Lines scanned", "both ways" if header.bidirectional else "one way"))
    if image.path is not None:
        rows.append(("Folder", str(image.path.parent)))
    if image.results_folder is not None and image.sidecar_path is not None:
        rows.append(("Results in", str(image.sidecar_path.parent)))
    facts = "".join(
        f'<div><span class="cs-name">{escape(name)}</span>'
        f'<span class="cs-value">{escape(value)}</span></div>'
        for name, value in rows
        if value
    )
    problems = "".join(f'<div class="cs-error">{escape(p)}</div>' for p in image.problems)
    return f'<div class="cs-facts">{facts}</div>{problems}'


def _channels(header: ImageHeader) -> str:
    names = ", ".join(name for name in header.channel_names if name)
    return f"{header.channels}" + (f" ({names})" if names else "")


def _axis(image: AcqImage) -> str:
    header = image.header
    source = header.time_axis_source
    choice = f"your choice{_stamped(image.corrections.stamp('time_axis'))}"
    why = {"user": choice, "file": "as the file says"}.get(source, source)
    said = f"time runs along the {header.time_axis}" + (f" ({why})" if why else "")
    return f'<div class="cs-hint">{escape(said)}</div>'

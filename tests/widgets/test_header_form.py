"""What the file says stays in sight beside what the user says."""

from __future__ import annotations

import numpy as np

from cloudscope.acq_image import AcqImage
from cloudscope.widgets.header_form import HeaderForm


def recording(**options: float) -> AcqImage:
    return AcqImage.from_array(np.zeros((40, 8)), name="<b>scan</b>", **options)


def page(form: HeaderForm) -> str:
    return " ".join(str(getattr(child, "value", "")) for child in form.children)


def test_an_empty_field_means_what_the_file_says() -> None:
    form = HeaderForm(recording(line_period_s=0.00117, pixel_size_um=0.28410526315789475))
    period = form.field("line_period_s").control
    assert (period.value, period.placeholder) == ("", "1.17")
    assert form.field("pixel_size_um").control.placeholder == "0.284105"
    assert "the file says 1.17 ms" in page(form)


def test_a_correction_is_stored_to_the_last_bit_beside_what_the_file_says() -> None:
    image = recording(line_period_s=0.001)
    image.user = "Ada <b>"
    form = HeaderForm(image)
    form.field("line_period_s").control.value = "1.17"
    assert image.header.line_period_s == 0.00117
    assert image.file_header.line_period_s == 0.001
    assert form.field("line_period_s").control.value == "1.17"
    assert "the file says 1 ms" in page(form)
    stamp = image.corrections.stamp("line_period_s")
    assert stamp is not None
    when = stamp.at.replace("T", " ")[:16]
    assert f"yours is used (Ada &lt;b&gt;, {when}), empty the field to go back" in page(form)
    form.field("line_period_s").control.value = ""
    assert image.header.line_period_s == 0.001
    assert image.corrections.line_period_s is None
    assert "a correction was taken back (Ada" in page(form)
    image.undo()
    image.undo()
    assert "Ada" not in page(form)


def test_scales_of_several_recordings_are_corrected_together() -> None:
    images = [recording(line_period_s=0.001), recording(line_period_s=0.002)]
    form = HeaderForm(images[0])
    form.images = images
    assert form.field("line_period_s").control.placeholder == "several values"
    form.field("line_period_s").control.value = "1.5"
    assert [image.header.line_period_s for image in images] == [0.0015, 0.0015]
    assert form.field("line_period_s").control.value == "1.5"
    assert images[1].undo() == "edit line_period_s"
    form.image = recording(line_period_s=0.003)
    form.field("line_period_s").control.value = "4"
    assert images[0].header.line_period_s == 0.0015


def test_a_value_the_file_does_not_give_is_asked_for() -> None:
    image = recording()
    form = HeaderForm(image)
    assert form.field("pixel_size_um").control.placeholder == "not known"
    assert "the file does not say" in page(form)
    form.field("pixel_size_um").control.value = "0.5"
    assert image.header.pixel_size_um == 0.5


def test_a_refusal_stands_beside_its_field() -> None:
    image = recording(line_period_s=0.001)
    form = HeaderForm(image)
    form.field("line_period_s").control.value = "1,17"
    assert form.field("line_period_s").error == (
        "Line period '1,17' is not a number: give ms, with a decimal point"
    )
    form.field("line_period_s").control.value = "-3"
    assert "give a positive number" in form.field("line_period_s").error
    assert image.corrections.line_period_s is None
    form.field("line_period_s").control.value = "2"
    assert form.field("line_period_s").error == ""


def test_the_time_axis_is_swapped_and_said() -> None:
    image = recording(line_period_s=0.001)
    form = HeaderForm(image)
    assert "time runs along the rows" in page(form.children[-1])
    form.swap_button.click()
    assert image.header.lines == 8
    assert "time runs along the columns (your choice (" in page(form.children[-1])
    assert image.undo() is not None
    assert "time runs along the rows" in page(form.children[-1])


def test_it_follows_the_model_and_another_recording() -> None:
    image = recording()
    form = HeaderForm(image)
    image.set_calibration(line_period_s=0.0025)
    assert form.field("line_period_s").control.value == "2.5"
    form.image = recording(line_period_s=0.004)
    assert form.field("line_period_s").control.placeholder == "4"
    image.set_calibration(line_period_s=0.003)
    assert form.field("line_period_s").control.value == ""
    form.image = None
    assert form.swap_button.disabled


def test_text_of_the_file_is_escaped() -> None:
    assert "<b>scan" not in page(HeaderForm(recording()))
    assert "&lt;b&gt;scan" in page(HeaderForm(recording()))

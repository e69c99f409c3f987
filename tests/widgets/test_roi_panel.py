"""The list of ROIs and the recording stay in step."""

from __future__ import annotations

import numpy as np

from cloudscope.acq_image import AcqImage
from cloudscope.widgets.roi_panel import RoiPanel


def recording() -> AcqImage:
    return AcqImage.from_array(np.zeros((50, 8)), line_period_s=0.001, pixel_size_um=0.5)


def listed(panel: RoiPanel) -> list[str]:
    return [label for label, _ in panel.list.options]


def typed(panel: RoiPanel, **values: object) -> None:
    for name, value in values.items():
        panel.field(name).control.value = str(value)


def test_add_select_edit_delete_and_undo() -> None:
    image = recording()
    panel = RoiPanel(image)
    panel.add_button.click()
    panel.add_button.click()
    assert panel.selected_roi_id == panel.list.value == 2
    typed(panel, name="artery", col_start=3, row_stop=40)
    assert image.roi(2).bounds == (0, 40, 3, 8)
    assert listed(panel)[1] == "2 artery · 40 lines × 5 pixels"
    panel.delete_button.click()
    assert panel.selected_roi_id == 1
    image.undo()
    assert listed(panel)[1].startswith("2 artery")
    assert panel.selected_roi_id == 1


def test_each_typed_bound_is_one_undo_step() -> None:
    image = recording()
    panel = RoiPanel(image)
    panel.add()
    typed(panel, col_start=3)
    typed(panel, col_stop=6)
    image.undo()
    assert panel.field("col_stop").control.value == "8"
    assert panel.field("col_start").control.value == "3"


def test_bounds_are_kept_inside_and_nonsense_is_refused_in_words() -> None:
    image = recording()
    panel = RoiPanel(image)
    panel.add()
    typed(panel, row_stop=9999)
    assert image.roi(1).row_stop == 50
    assert panel.field("row_stop").control.value == "50"
    typed(panel, col_start=2.5)
    assert "not a whole number" in panel.error
    assert panel.field("col_start").error == panel.error
    assert image.roi(1).col_start == 0
    typed(panel, col_start=2)
    assert panel.error == panel.field("col_start").error == ""


def test_a_bound_is_said_in_physical_units_where_they_are_known() -> None:
    image = recording()
    panel = RoiPanel(image)
    panel.add()
    typed(panel, row_start=20, col_start=3)
    assert panel.field("row_start").unit == "0.020 s"
    assert panel.field("col_start").unit == "1.50 µm"
    bare = AcqImage.from_array(np.zeros((50, 8)))
    panel.image = bare
    panel.add()
    assert panel.field("row_start").unit == ""


def test_full_width_and_full_height() -> None:
    image = recording()
    image.add_roi(row_start=10, row_stop=20, col_start=2, col_stop=4)
    panel = RoiPanel(image)
    panel.selected_roi_id = 1
    panel.width_button.click()
    assert image.roi(1).bounds == (0, 50, 2, 4)
    panel.height_button.click()
    assert image.roi(1).bounds == (0, 50, 0, 8)


def test_a_duplicate_has_a_new_id_and_the_same_place() -> None:
    image = recording()
    image.add_roi(row_start=10, row_stop=20, col_start=2, col_stop=4, name="vein")
    panel = RoiPanel(image)
    panel.selected_roi_id = 1
    panel.duplicate_button.click()
    assert panel.selected_roi_id == 2
    assert image.roi(2).bounds == image.roi(1).bounds
    assert image.roi(2).name == "vein copy"


def test_it_follows_the_model_without_writing_back() -> None:
    image = recording()
    panel = RoiPanel(image)
    roi = image.add_roi(col_start=1)
    assert panel.selected_roi_id is None  # nobody chose it
    panel.selected_roi_id = roi.roi_id
    image.edit_roi(roi.roi_id, col_start=4, name="moved")
    assert panel.field("col_start").control.value == "4"
    image.delete_roi(roi.roi_id)
    assert panel.selected_roi_id is None
    assert [image.undo() for _ in range(4)] == ["delete ROI 1", "edit ROI 1", "add ROI 1", None]


def test_without_rois_it_says_what_to_do() -> None:
    panel = RoiPanel(recording())
    assert panel.delete_button.disabled
    assert panel.list.layout.display == "none"
    assert RoiPanel().add_button.disabled


def test_a_linked_selection_goes_both_ways() -> None:
    import traitlets

    image = recording()
    image.add_roi()
    image.add_roi()

    class Viewer(traitlets.HasTraits):
        selected_roi_id = traitlets.Int(None, allow_none=True)

    viewer, panel = Viewer(), RoiPanel(image)
    traitlets.link((viewer, "selected_roi_id"), (panel, "selected_roi_id"))
    panel.list.value = 2
    assert viewer.selected_roi_id == 2
    viewer.selected_roi_id = 1
    assert panel.list.value == 1
    viewer.selected_roi_id = None
    assert panel.list.value is None


def test_bounds_may_be_typed_in_s_and_um() -> None:
    image = recording()
    panel = RoiPanel(image)
    panel.add()
    typed(panel, row_start="20 ms", row_stop="0,04 s", col_start="1.6 µm")
    assert image.roi(1).bounds == (20, 40, 3, 8)
    typed(panel, col_start="3 s")
    assert panel.field("col_start").error == "'3 s': the unit here is µm"
    typed(panel, col_start="wide")
    assert "no place of a ROI" in panel.error
    bare = RoiPanel(AcqImage.from_array(np.zeros((50, 8))))
    bare.add()
    typed(bare, row_stop="20 ms")
    assert "needs the line period" in bare.error


def test_a_colour_is_chosen_and_one_of_a_cell_is_kept() -> None:
    image = recording()
    image.add_roi(color="rebeccapurple")
    panel = RoiPanel(image)
    panel.selected_roi_id = 1
    assert panel.field("color").control.label == "rebeccapurple"
    panel.field("color").control.label = "yellow"
    assert image.roi(1).color == "#ffd60a"
    image.undo()
    assert panel.field("color").control.value == "rebeccapurple"

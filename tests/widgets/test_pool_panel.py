"""The Pool panel: what is chosen is what is pooled, drawn, said, copied, written and opened."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.pool import pool_statistics, pool_table
from cloudscope.widgets.pool_panel import PoolPanel
from cloudscope.widgets.save_or_download import SaveOrDownload, download_link
from cloudscope.widgets.status_line import StatusLine
from cloudscope.widgets.viewer import KymographViewer
from tests.pool.folders import measured, two_conditions


class Desk:
    """A panel with all it works with."""

    def __init__(self, images: list[AcqImage]) -> None:
        self.viewer, self.status = KymographViewer(), StatusLine()
        self.copied: list[str] = []
        self.folder = AcqImageList(images)
        self.panel = PoolPanel(self.viewer, self.status, self.copied.append, self.open)
        self.panel.folder = self.folder

    def open(self, image: AcqImage) -> None:
        self.viewer.image = image
        self.panel.image = image

    @property
    def shown(self) -> pd.DataFrame:
        assert self.panel.pooled is not None
        return self.panel.pooled.table


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk(two_conditions())
    yield desk
    desk.panel.close()
    desk.viewer.close()


def test_it_opens_on_recordings_and_says_of_how_many_animals(desk: Desk) -> None:
    assert len(desk.shown) == 12
    assert "n = 12 recordings, of 3 animals." in desk.panel._counts.value
    assert repr(desk.panel) == "PoolPanel(velocity median (µm/s), 12 rows)"


def test_choices_change_the_table_the_plot_and_the_statistics(desk: Desk) -> None:
    form = desk.panel.form
    form.group.value = "condition"
    form.unit.value = "animals"
    expected = pool_table(
        desk.folder, "radon_velocity", "velocity_median_um_per_s", unit="animals",
        group_by="condition",
    )  # fmt: skip
    pd.testing.assert_frame_equal(desk.shown, expected)
    assert "3 animals, some in several groups" in desk.panel._counts.value
    assert "sham" in desk.panel._statistics.value
    assert repr(desk.panel.plot) == "PoolPlot(6 dots)"
    form.unit.value = "samples"
    assert form.value.value == "velocity_um_per_s"  # what windows have
    assert len(desk.shown) == 300
    assert "not independent" in desk.panel._counts.value
    for kind in ("box", "violin", "scatter", "histogram", "cumulative", "swarm"):
        form.kind.value = kind
        assert desk.status.tone != "bad"


def test_a_dot_opens_its_recording_at_its_time(desk: Desk) -> None:
    desk.panel.form.unit.value = "samples"
    row = int(np.flatnonzero(desk.shown["name"] == "m1_2")[5])
    color = next(c for c, rows in desk.panel.plot._rows.items() if row in rows)
    index = desk.panel.plot._rows[color].tolist().index(row)
    desk.panel.plot._clicked(color, {"data": {"index": index}})
    assert desk.viewer.image is desk.folder["m1_2"]
    assert desk.viewer.cursor_s == pytest.approx(desk.shown["time_in_recording_s"][row])
    assert "opened m1_2" in desk.status.message
    desk.panel.form.unit.value = "recordings"
    at = desk.shown[desk.shown["name"] == "m1_2"]["value"]
    assert desk.panel.plot._ring.y.tolist() == at.tolist()  # the recording shown has a ring


def test_a_dot_of_a_roi_selects_it(desk: Desk) -> None:
    image = desk.folder["m0_0"]
    roi = image.add_roi(row_start=0, row_stop=400, col_start=0, col_stop=10)
    from tests.pool.folders import add_velocity

    add_velocity(image, [100.0], roi_id=roi.roi_id)
    desk.panel.form.unit.value = "results"
    desk.panel.look_again()
    row = int(np.flatnonzero(desk.shown["roi_id"] == roi.roi_id)[0])
    desk.panel.open_row(row)
    assert desk.viewer.selected_roi_id == roi.roi_id


def test_the_list_of_dots_opens_them_by_keyboard(desk: Desk) -> None:
    desk.panel.points_button.value = True
    table = desk.panel.table
    assert table is not None
    assert len(table.rows) == 12
    table.selected = 7
    table._receive(table, {"kind": "key", "key": "enter"}, [])
    assert desk.viewer.image is desk.folder[str(desk.shown["path"][7])]


def test_what_changes_in_the_folder_is_offered_not_pooled_at_each_key(desk: Desk) -> None:
    before = desk.shown
    desk.folder["m0_0"].accepted = False
    assert desk.shown is before
    assert "things changed" in desk.panel.refresh_button.description
    desk.panel.refresh_button.click()
    assert len(desk.shown) == 11
    assert "1 rejected recording" in desk.panel._counts.value
    desk.folder.images = (*desk.folder.images, measured("new", [7.0]))
    desk.panel.refresh_button.click()
    assert "new" in set(desk.shown["name"])


def test_copies_are_the_table_the_statistics_and_python_that_gives_both(
    desk: Desk, tmp_path: Path
) -> None:
    desk.panel.form.group.value = "condition"
    desk.panel.form.filter.value = "depth_um>=50"
    for button in (desk.panel.copy_statistics, desk.panel.copy_table, desk.panel.copy_code):
        button.click()
    statistics, table, code = desk.copied
    expected = pool_statistics(desk.shown, "condition")
    back = pd.read_csv(io.StringIO(statistics), sep="\t")
    assert back["mean"].tolist() == expected["mean"].tolist()
    assert (
        pd.read_csv(io.StringIO(table), sep="\t")["value"].tolist() == desk.shown["value"].tolist()
    )
    lines = [line for line in code.splitlines() if "from_folder" not in line]
    import cloudscope as cs

    names = {"folder": desk.folder, "cs": cs}
    exec(compile("\n".join(lines), "copied", "exec"), names)
    pd.testing.assert_frame_equal(names["table"], desk.shown)  # type: ignore[arg-type]


def test_a_filter_that_names_no_column_is_said_at_the_filter(desk: Desk) -> None:
    desk.panel.form.filter.value = "flavour:sweet"
    assert "no column 'flavour'" in desk.panel.form.fields["filter"].error
    desk.panel.form.filter.value = "drug"
    assert desk.panel.form.fields["filter"].error == ""
    assert len(desk.shown) == 6


def test_text_of_files_is_escaped() -> None:
    desk = Desk([measured("<b>x", [1.0], condition="<script>"), measured("y", [2.0])])
    desk.panel.form.group.value = "condition"
    assert "<script>" not in desk.panel._statistics.value
    assert "<script>" not in desk.panel.plot._above.value
    desk.panel.close()


def test_nothing_measured_is_said() -> None:
    desk = Desk([AcqImage.from_array(np.zeros((9, 9)), name="a")])
    assert "Nothing is measured yet" in desk.panel._notice.value
    assert desk.panel._results not in desk.panel.children
    desk.panel.close()


@pytest.mark.parametrize("format_name", ["png", "svg", "pdf", "csv", "statistics.csv"])
def test_files_are_written_and_never_over_others_unasked(
    desk: Desk, tmp_path: Path, format_name: str
) -> None:
    if not format_name.endswith("csv"):
        pytest.importorskip("matplotlib", reason="figures need the extra 'figures'")
    desk.panel.form.group.value = "condition"
    desk.panel.format.value = format_name
    save = desk.panel.save
    target = tmp_path / Path(save.path.value).name
    save.path.value = str(target)
    save.save_button.click()
    first = target.read_bytes()
    assert "Saved" in save.words.value
    save.save_button.click()
    assert "is there already" in save.words.value
    assert save.replace_button.layout.display == ""
    save.replace_button.click()
    assert target.read_bytes() == first
    if format_name == "statistics.csv":
        back = pd.read_csv(target, encoding="utf-8-sig")
        assert back["n"].tolist() == [6, 6]
    save.download_button.click()
    assert f'download="{target.name}"' in save.words.value


def test_a_path_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    from cloudscope.errors import ExportError

    def write(path: Path, replace: bool) -> None:
        raise ExportError(f"{path.name}: <no> disk")

    save = SaveOrDownload(StatusLine(), lambda: write, "figure")
    save.path.value = str(tmp_path / "a.png")
    save.save_button.click()
    assert 'role="alert"' in save.words.value
    assert "&lt;no&gt; disk" in save.words.value
    save.path.value = ""
    save.save_button.click()
    assert "<a" not in download_link("a.png", b"")[3:]


def test_another_plot_needs_no_new_table_and_never_shows_an_old_one(desk: Desk) -> None:
    import asyncio

    before = desk.panel.pooled
    desk.panel.form.kind.value = "box"
    assert desk.panel.pooled is before

    async def hurried() -> None:
        desk.panel.form.unit.value = "animals"
        desk.panel.form.kind.value = "violin"  # while the animals are being averaged
        while desk.panel.run.running or desk.panel._again:
            await asyncio.sleep(0.005)

    asyncio.run(hurried())
    assert len(desk.shown) == 3
    desk.folder["m0_0"].accepted = False
    desk.panel.refresh_button.click()
    assert desk.panel.pooled is not before

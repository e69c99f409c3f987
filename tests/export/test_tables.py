"""Tidy tables: what stands in them, and that it comes back from each kind of file."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import numpy as np
import pandas as pd
import pytest

import cloudscope as cs
from cloudscope.export import tidy_tables, workbook, write_tables
from cloudscope.export.safe_cells import safe_text, unsafe_text


def test_a_row_a_window_joined_with_where_it_is_from(in_memory: cs.AcqImage) -> None:
    image = in_memory
    table = tidy_tables([image])["radon_velocity"]
    result = image.result("radon_velocity", 0, 1)
    assert result is not None
    assert len(table) == len(result.table)
    assert np.array_equal(
        table["velocity_um_per_s"], result.columns["velocity_um_per_s"], equal_nan=True
    )
    shift_s = table["time_in_recording_s"] - table["time_s"]
    assert np.allclose(shift_s, 100 * image.header.line_period_s)
    row = table.iloc[0]
    assert (row["name"], row["channel_name"], row["roi_name"]) == ("scan 1", "FITC", "vessel")
    assert (row["species"], row["depth_um"], row["extra.cage"]) == ("mouse", 120.0, "7")
    assert (row["pixel_size_um"], bool(row["accepted"]), bool(row["stale"])) == (0.284, True, False)


def test_a_row_a_result_with_summary_parameters_and_provenance(in_memory: cs.AcqImage) -> None:
    image = in_memory
    (row,) = tidy_tables([image])["diameter.results"].to_dict("records")
    result = image.result("diameter", 0, 1)
    assert result is not None
    assert row["points"] == result.summary["points"]
    assert row["parameter.average_lines"] == 20
    assert [row[f"{axis}_{end}"] for axis in ("row", "col") for end in ("start", "stop")] == [
        100, 600, 3, 20,
    ]  # fmt: skip
    assert row["software"] == f"cloudscope {cs.__version__}"
    assert row["digest"] == result.digest


def test_a_name_that_both_have_is_kept_twice(in_memory: cs.AcqImage) -> None:
    rois = tidy_tables([in_memory])["rois"]
    assert rois.loc[0, "note"] == ""
    assert rois.loc[0, "recording_note"] == "=HYPERLINK(1)"


def test_the_dictionary_says_unit_and_meaning_of_every_column(in_memory: cs.AcqImage) -> None:
    tables = tidy_tables([in_memory])
    words = tables["columns"].set_index(["table", "column"])
    assert words.loc[("radon_velocity", "velocity_um_per_s"), "unit"] == "µm/s"
    assert "NaN" in words.loc[("radon_velocity", "velocity_um_per_s"), "meaning"]
    for name, table in tables.items():
        if name != "columns":
            assert list(words.loc[name].index) == list(table.columns)


def test_paths_are_those_within_the_folder(folder: cs.AcqImageList) -> None:
    assert tidy_tables(folder)["recordings"]["path"].tolist() == ["scan.tif", "sub/other.tif"]


def test_stale_results_are_marked_with_the_reason(recording: cs.AcqImage) -> None:
    recording.edit_roi(1, col_start=4)
    tables = tidy_tables([recording])
    assert tables["diameter"]["stale"].all()
    assert tables["diameter.results"].loc[0, "stale_reason"] == "its ROI was moved or resized since"


@pytest.mark.parametrize("format", ["csv", "parquet", "excel"])
def test_every_number_and_text_comes_back(
    in_memory: cs.AcqImage, tmp_path: Path, format: str
) -> None:
    image = in_memory
    target = tmp_path / ("tables.xlsx" if format == "excel" else "tables")
    if format != "csv":
        pytest.importorskip({"excel": "openpyxl", "parquet": "pyarrow"}[format])
    assert write_tables(image, target, format=format) == target
    for name, made in tidy_tables([image]).items():
        if format == "parquet":
            pd.testing.assert_frame_equal(pd.read_parquet(target / f"{name}.parquet"), made)
            continue
        if format == "csv":
            read = pd.read_csv(
                target / f"{name}.csv", keep_default_na=False, na_values={}, dtype=str
            )
        else:
            read = pd.read_excel(
                target, sheet_name=name, keep_default_na=False, na_values={}, dtype=str
            )
        assert list(read) == list(made)
        for column, dtype in made.dtypes.items():
            cells = read[column].tolist()
            if dtype == "float64":
                numbers = [float(cell) if cell else np.nan for cell in cells]
                assert np.array_equal(numbers, made[column], equal_nan=True), (name, column)
            elif dtype == "str":
                assert [unsafe_text(cell) for cell in cells] == made[column].tolist()


@pytest.mark.parametrize("format", ["csv", "excel"])
def test_no_text_is_a_formula(tmp_path: Path, format: str) -> None:
    texts = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "a\n=1", 'a",=1,"', "'=1"]
    image = cs.AcqImage.from_array(np.zeros((9, 9)), name="-2+3")
    image.experiment = cs.ExperimentMetadata(
        extra={f"field {n}": text for n, text in enumerate(texts)} | {"=cmd|' /C calc'!A1": "x"}
    )
    image.add_roi(name="@roi", note="-5")
    if format == "excel":
        openpyxl = pytest.importorskip("openpyxl")
        book = openpyxl.load_workbook(write_tables(image, tmp_path / "t.xlsx"))
        cells = [cell for sheet in book for row in sheet for cell in row]
        assert all(cell.data_type != "f" for cell in cells)
        shown = [cell.value for cell in cells if isinstance(cell.value, str)]
        assert book["rois"].freeze_panes == "A2"
    else:
        folder = write_tables(image, tmp_path / "t")
        frames = [pd.read_csv(p, dtype=str, keep_default_na=False) for p in folder.iterdir()]
        shown = [str(v) for f in frames for v in [*f.columns, *f.to_numpy().ravel()]]
    assert any("SUM" in text for text in shown)
    assert not [text for text in shown if text.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))]


def test_guarded_text_is_got_back() -> None:
    for text in ("=1", "'=1", "''=1", "'quoted'", "plain", "", "-", "\n"):
        assert unsafe_text(safe_text(text)) == text


def test_a_sheet_beyond_excels_rows_goes_on_in_another(
    in_memory: cs.AcqImage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    monkeypatch.setattr(workbook, "MOST_ROWS", 11)
    image = in_memory
    book = openpyxl.load_workbook(write_tables(image, tmp_path / "t.xlsx"))
    rows = len(tidy_tables([image])["diameter"])
    assert rows == 25
    assert [book[f"diameter{more}"].max_row for more in ("", " (2)", " (3)")] == [11, 11, 6]
    assert book["diameter (3)"]["A1"].value == "path"


def test_nothing_is_replaced_unless_it_is_such_an_export(
    in_memory: cs.AcqImage, tmp_path: Path
) -> None:
    image, target = in_memory, tmp_path / "tables"
    write_tables(image, target)
    with pytest.raises(cs.ExportError, match="is there already"):
        write_tables(image, target)
    write_tables(image, target, overwrite=True)
    (target / "thesis.docx").write_text("years")
    with pytest.raises(cs.ExportError, match="not replaced"):
        write_tables(image, target, overwrite=True)
    assert (target / "thesis.docx").read_text() == "years"
    assert [path.name for path in tmp_path.iterdir()] == ["tables"]


def test_cancelling_leaves_nothing(in_memory: cs.AcqImage, tmp_path: Path) -> None:
    stop = Event()
    stop.set()
    with pytest.raises(cs.AnalysisCancelled):
        write_tables(in_memory, tmp_path / "tables", cancel=stop)
    assert list(tmp_path.iterdir()) == []


def test_progress_reaches_the_end(folder: cs.AcqImageList, tmp_path: Path) -> None:
    shares: list[float] = []
    write_tables(folder, tmp_path / "tables", progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] <= 1.0

"""Spreadsheets as people write them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from cloudscope.errors import LoadError
from cloudscope.sheets import read_metadata_sheet


def written(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("name", "text", "encoding"),
    [
        ("a.csv", "file,Depth,Note\na.tif,12,x\nb.tif,,y\n", "utf-8"),
        ("a.csv", "file;Depth;Note\r\na.tif;12;x\r\nb.tif;;y\r\n", "utf-8-sig"),
        ("a.tsv", "file\tDepth\tNote\na.tif\t12\tx\nb.tif\t\ty\n", "utf-16"),
        ("a.txt", '\n\n"file"\t"Depth"\t"Note"\na.tif\t12\tx\n\nb.tif\t\ty', "utf-8"),
    ],
)
def test_commas_semicolons_and_tabs_in_any_encoding(
    tmp_path: Path, name: str, text: str, encoding: str
) -> None:
    sheet = read_metadata_sheet(written(tmp_path, name, text, encoding))
    assert sheet.key == "file"
    assert sheet.columns == ("Depth", "Note")
    assert [dict(cells) for _row, cells in sheet.rows] == [
        {"file": "a.tif", "Depth": "12", "Note": "x"},
        {"file": "b.tif", "Note": "y"},
    ]
    assert sheet.problems == ()


def test_text_is_read_as_it_stands(tmp_path: Path) -> None:
    text = "file,id,word,formula\na.tif,0012,NA,'=1+1\nb.tif,1e5,-,'quoted\n"
    sheet = read_metadata_sheet(written(tmp_path, "a.csv", text))
    assert dict(sheet.rows[0][1]) == {
        "file": "a.tif",
        "id": "0012",
        "word": "NA",
        "formula": "=1+1",
    }
    assert sheet.rows[1][1]["formula"] == "'quoted"


def test_latin_text_of_an_old_spreadsheet(tmp_path: Path) -> None:
    sheet = read_metadata_sheet(written(tmp_path, "a.csv", "file,who\na.tif,Müller\n", "cp1252"))
    assert sheet.rows[0][1]["who"] == "Müller"


def test_the_key_may_have_another_name(tmp_path: Path) -> None:
    text = "Mouse,File name\n1,a.tif\n"
    assert read_metadata_sheet(written(tmp_path, "a.csv", text)).key == "File name"
    assert read_metadata_sheet(tmp_path / "a.csv", key="mouse").key == "Mouse"
    with pytest.raises(
        LoadError, match="no column 'file' names the recordings; there are 'x', 'y'"
    ):
        read_metadata_sheet(written(tmp_path, "b.csv", "x,y\n1,2\n"))


def test_odd_rows_and_columns_are_said(tmp_path: Path) -> None:
    text = "file,a,a,\na.tif,1,2,3\n,5,,\n,,,\nb.tif\n"
    sheet = read_metadata_sheet(written(tmp_path, "a.csv", text))
    assert sheet.columns == ("a",)
    assert [number for number, _cells in sheet.rows] == [2, 5]
    assert sheet.problems == (
        "there are two columns 'a': the first is used",
        "row 3 names no recording and is left out",
    )


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.ods", b"", "save the sheet as one of these"),
        ("a.csv", b"", "it is empty"),
        ("a.csv", b"\n , \n", "no column|is empty"),
        ("a.csv", b'file,b\n"a', "it is no table"),
        ("a.xlsx", b"PK no zip", "it is no Excel workbook|openpyxl"),
        ("a.csv", b"file," + b"," * 2000, "more than"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(
    tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(LoadError, match=said) as caught:
        read_metadata_sheet(path)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="there is no such file"):
        read_metadata_sheet(tmp_path / "a.csv")


def test_excel_gives_days_numbers_and_text(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="the extra 'tables' is not installed")
    book = openpyxl.Workbook()
    page = book.active
    page.append([None, None])
    page.append(["File", "Date", "Depth (µm)", "Id", "Fasted"])
    page.append(["a.tif", datetime(2025, 7, 22, 9, 30), 12.5, "0012", True])
    page.append([7, None, None, None, None])
    other = book.create_sheet("other")
    other.append(["file", "x"])
    path = tmp_path / "a.xlsx"
    book.save(path)
    sheet = read_metadata_sheet(path)
    assert sheet.columns == ("Date", "Depth (µm)", "Id", "Fasted")
    (row, cells), (_row, second) = sheet.rows
    assert row == 3
    assert dict(cells) == {
        "File": "a.tif",
        "Date": "2025-07-22",
        "Depth (µm)": 12.5,
        "Id": "0012",
        "Fasted": True,
    }
    assert second["File"] == "7"
    assert read_metadata_sheet(path, sheet="other").columns == ("x",)
    with pytest.raises(LoadError, match="no sheet 'third'; it has Sheet, other"):
        read_metadata_sheet(path, sheet="third")
    assert read_metadata_sheet("up.xlsx", data=path.read_bytes()).rows == sheet.rows

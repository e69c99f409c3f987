from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudscope.errors import SidecarError
from cloudscope.sidecar.table import (
    column_types,
    decode_rows,
    encode_rows,
    header_line,
    read_header,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
ROWS = st.lists(
    st.tuples(st.floats(), st.floats(width=32), st.integers(-(2**63), 2**63 - 1), TEXT),
    max_size=20,
)


def through_csv(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    types = column_types("radon_velocity", columns)
    rows = encode_rows(columns, channel=1, roi_id=2, header=list(columns))
    header = read_header(header_line(columns))
    return decode_rows(rows, header=header, types=types, channel=1, roi_id=2)


@given(ROWS)
@settings(max_examples=150, deadline=None)
def test_every_number_and_text_reads_back_to_the_last_bit(rows):
    doubles, singles, wholes, texts = zip(*rows, strict=True) if rows else ((), (), (), ())
    columns = {
        "a": np.array(doubles, dtype=float),
        "b": np.array(singles, dtype=np.float32),
        "c": np.array(wholes, dtype=np.int64),
        "d": np.array(texts, dtype=object),
        "e": np.array([w % 2 == 0 for w in wholes], dtype=bool),
    }
    back = through_csv(columns)
    for name, values in columns.items():
        assert back[name].dtype == values.dtype
        if values.dtype.kind == "f":
            both_nan = np.isnan(values) & np.isnan(back[name])
            bits = f"u{values.dtype.itemsize}"
            same = values.view(bits) == back[name].view(bits)  # so that -0.0 is not 0.0
            assert np.all(same | both_nan)
        else:
            assert back[name].tolist() == values.tolist()


@pytest.mark.parametrize("text", ["", "NA", "none", "nan", 'a "b", c', "two\nlines", "=1+1", "µ"])
def test_text_survives_whatever_it_looks_like(text):
    values = np.array([text, "ok", text])
    assert through_csv({"status": values})["status"].tolist() == values.tolist()


def test_numbers_are_read_the_same_by_pandas():
    values = np.array([0.1 + 0.2, np.nan, -1e-310, np.inf, 5e300])
    columns = {"velocity_um_per_s": values, "row": np.arange(5)}
    data = header_line(columns) + encode_rows(columns, channel=0, roi_id=1, header=list(columns))
    # pandas reads floats exactly by default from version 3 on, and has to be asked before.
    exactly = {} if int(pd.__version__.split(".")[0]) >= 3 else {"float_precision": "round_trip"}
    frame = pd.read_csv(io.BytesIO(data), **exactly)
    assert list(frame) == ["channel", "roi_id", "velocity_um_per_s", "row"]
    np.testing.assert_array_equal(frame["velocity_um_per_s"], values)
    assert b"\r" not in data
    assert b"nan" not in data.lower()


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"channel": np.arange(3)}, "must not be named 'channel'"),
        ({"a\nb": np.arange(3)}, "must not be named"),
        ({"a": np.zeros((3, 2))}, "2 dimensions"),
        ({"a": np.zeros(3, dtype=complex)}, "type complex128"),
        ({"a": np.zeros(3, dtype="datetime64[s]")}, "type datetime64"),
        ({"a": np.array(["x", None], dtype=object)}, "holds None among its text"),
        ({"a": np.array(["x" * 200_000])}, "131072 characters"),
    ],
)
def test_a_column_that_cannot_be_kept_exactly_is_refused_by_name(columns, says):
    with pytest.raises(SidecarError, match=says):
        column_types("radon_velocity", columns)


@pytest.mark.parametrize(
    ("rows", "types"),
    [
        (b"0,1,x\n", {"a": "float64"}),
        (b"0,1,1.5\n", {"a": "int64"}),
        (b"0,1,1\n", {"a": "bool"}),
        (b"0,1,1\n", {"a": "V8"}),
        (b"0,1,1\n", {"b": "int64"}),
        (b"0,2,1\n", {"a": "int64"}),
        (b"0,1,1\n0,1\n", {"a": "int64"}),
        (b"\xff\xfe\n", {"a": "int64"}),
    ],
)
def test_rows_that_are_not_what_the_json_says_are_refused(rows, types):
    with pytest.raises(ValueError, match=r"\w"):
        decode_rows(rows, header=["channel", "roi_id", "a"], types=types, channel=0, roi_id=1)

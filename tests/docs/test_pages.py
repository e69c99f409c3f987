"""The Python of every other page runs too, on a recording that has what the page speaks of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cloudscope as cs
from cloudscope.recovery import Recovery
from cloudscope.synthetic import (
    FlowEvent,
    diameter_kymograph,
    event_series,
    pulsatile_series,
    velocity_kymograph,
)
from tests.examples import ROOT, examples_on, run_examples
from tests.recordings import write_line_scan

OWN_TESTS = {  # pages with a test of their own, or of files that no test can write
    *(f"docs/guide/{page}.md" for page in (
        "batches", "blinding", "export", "figures", "metadata", "pooling", "reviewing", "rois",
        "viewer",
    )),
    "docs/formats.md",  # needs vendors' files
}  # fmt: skip
PAGES = sorted(
    page
    for path in (ROOT / "docs").rglob("*.md")
    if (page := path.relative_to(ROOT).as_posix()) not in OWN_TESTS
    and "_build" not in page
    and examples_on(page)
)
LINES = 3000
SCALES = {"line_period_s": 0.001, "pixel_size_um": 0.5}


@pytest.fixture(scope="module")
def beating() -> np.ndarray:
    """Flow that beats and stops for a while, three times."""
    pulse = pulsatile_series(LINES, mean=600.0, amplitude=0.3)
    stalls = [FlowEvent("stall", start, start + 0.3) for start in (0.4, 1.2, 2.2)]
    series = event_series(pulse, stalls)
    return velocity_kymograph(series.velocity_um_per_s, pixels=40, snr=4.0, seed=2).image


@pytest.fixture(scope="module")
def stored(beating: np.ndarray) -> np.ndarray:
    """Two channels of a line that runs along a vessel and across one."""
    wide = diameter_kymograph(10.0, lines=LINES, pixels=64, pixel_size_um=0.5, snr=10.0, seed=4)
    plane = np.hstack([beating / beating.max(), wide.image / wide.image.max()]) * 4000
    return np.stack([plane, plane[::-1]]).astype("u2")


@pytest.fixture
def named(
    beating: np.ndarray, stored: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """Names that a reader has by then: ``image`` of a folder, with ROIs and results."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLOUDSCOPE_STATE", str(tmp_path / "state"))
    (tmp_path / "recordings").mkdir()
    np.save(tmp_path / "recordings" / "both.npy", stored)
    folder = cs.AcqImageList.from_folder(tmp_path / "recordings")
    image = folder[0]
    image.set_calibration(**SCALES)
    image.add_roi(col_stop=40, name="along")
    image.add_roi(col_start=40, name="across")
    velocity = image.analyze("radon_velocity", roi_id=1)
    return {"cs": cs, "folder": folder, "image": image, "kymograph": beating, "velocity": velocity,
            "result": velocity}  # fmt: skip


def prepare(page: str, names: dict[str, Any], place: Path) -> None:
    """What a page takes as given."""
    image: cs.AcqImage = names["image"]
    if page == "docs/methods-expected-error.md":
        names["kymograph"] = names["kymograph"][:640]  # it measures twenty phantoms as long
    elif page == "docs/methods-coupling.md":
        image.analyze("intensity", channel=1, roi_id=1)
        names["diameter"] = image.analyze("diameter", roi_id=2)
        names["events"] = image.analyze("velocity_events", roi_id=1)
    elif page == "docs/guide/results.md":
        image.analyze("diameter", roi_id=2)
        image.analyze("clean_velocity", roi_id=1)
    elif page == "docs/guide/python.md":
        write_line_scan(place / "recordings" / "a first.tif", lines=600, pixels=40)
    elif page == "docs/guide/unsaved.md":
        image.save()
        image.accepted = True
        Recovery().keep(image)
        names["folder"] = cs.AcqImageList.from_folder(place / "recordings")
    elif page == "docs/guide/older-programs.md":
        names["image"] = with_past(place)
    elif page == "docs/sidecar-format.md":
        (place / "archive" / "day 1").mkdir(parents=True)
        write_line_scan(place / "archive" / "day 1" / "scan.tif")
        mine = cs.AcqImage(write_line_scan(place / "my_file.tif"))
        mine.add_roi()
        mine.analyze("radon_velocity", roi_id=1)
        mine.save()
        scan = place / "archive" / "day 1" / "scan.tif"
        placed = {"results_folder": "my-results", "folder": "archive"}
        cs.AcqImage(scan, **placed).add_roi(name="mine")


def with_past(place: Path) -> cs.AcqImage:
    """A recording with a sidecar of an older program beside it."""
    path = write_line_scan(place / "old.tif")
    raw = {"version": 2, "accepted": True, "rois": [], "experiment_metadata": {}}
    path.with_name("old.tif.json").write_text(json.dumps(raw), encoding="utf-8")
    return cs.AcqImage(path)


@pytest.mark.parametrize("page", PAGES)
def test_a_page(page: str, named: dict[str, Any], tmp_path: Path) -> None:
    prepare(page, named, tmp_path)
    run_examples(page, **named)


def test_no_page_is_forgotten() -> None:
    assert {"docs/guide/python.md", "docs/methods-flux.md", "docs/synthetic.md"} <= set(PAGES)
    assert all((ROOT / page).exists() for page in OWN_TESTS)

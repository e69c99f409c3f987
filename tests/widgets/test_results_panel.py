"""The Results panel: every analysis with its headline, sorted as asked, copied as it is."""

from __future__ import annotations

import io

import pandas as pd

from cloudscope.acq_image import AcqImage
from cloudscope.analysis.registry import analysis_names, get_analysis
from cloudscope.analysis.result import AnalysisResult
from cloudscope.widgets.results_panel import ResultsPanel
from tests.widgets.small_app import recording


def of_every_analysis(image: AcqImage) -> None:
    for number, name in enumerate(reversed(analysis_names())):
        spec = get_analysis(name)
        result = AnalysisResult.measured(
            name,
            parameters={p.name: p.default for p in spec.parameters},
            columns={},
            summary={spec.headline: 100.0 + number},
            line_period_s=0.001,
            pixel_size_um=0.5,
        )
        image.store(
            result.bound_to(
                channel=0,
                roi_id=0,
                bounds=(0, image.header.lines, 0, image.header.pixels),
                created_at=f"2026-01-01T00:00:{number:02d}+00:00",
            )
        )


def test_every_analysis_is_listed_with_its_headline_and_sorted() -> None:
    image = recording()
    of_every_analysis(image)
    panel = ResultsPanel(image)
    assert [key[0] for _, key in panel.list.options] == list(analysis_names())
    for line, key in panel.list.options:
        assert get_analysis(key[0]).title in line
        assert " · 1" in line  # its number
    panel.sort.value = "newest"
    assert [key[0] for _, key in panel.list.options] == list(analysis_names())
    image.set_calibration(line_period_s=0.002)
    image.analyze("radon_velocity")
    panel.sort.value = "stale"
    assert panel.list.options[-1][1][0] == "radon_velocity"


def test_numbers_table_and_python_are_copied() -> None:
    copied: list[str] = []
    image = recording()
    result = image.analyze("radon_velocity", window_lines=128)
    panel = ResultsPanel(image, copy=copied.append)
    for what in ("numbers", "table", "python"):
        panel.copy_chosen(what)
    numbers, table, python = copied
    rows = dict(line.split("\t") for line in numbers.splitlines())
    assert float(rows["velocity_median_um_per_s"]) == result.summary["velocity_median_um_per_s"]
    assert rows["parameter.window_lines"] == "128"
    back = pd.read_csv(io.StringIO(table), sep="\t")
    assert back["velocity_um_per_s"].tolist() == result.table["velocity_um_per_s"].tolist()
    names = {"image": recording()}
    exec(python, names)
    assert names["result"].same_numbers(result)  # type: ignore[attr-defined]


def test_nothing_to_copy_shows_no_buttons() -> None:
    panel = ResultsPanel(recording(), copy=print)
    assert panel._copies.layout.display == "none"

from __future__ import annotations

from cloudscope.widgets.analysis_section import AnalysisSection
from cloudscope.widgets.measure_panel import MeasurePanel
from cloudscope.widgets.status_line import StatusLine


def visible(section: AnalysisSection) -> list[object]:
    return [part for part in section.children if part.layout.display != "none"]


def test_a_folded_section_shows_its_heading_and_keeps_what_was_typed() -> None:
    section = AnalysisSection("radon_velocity")
    section.form.values = section.form.values | {"window_lines": 48}
    assert section.body in visible(section)
    section.opened = False
    assert section.body not in visible(section)
    assert section.children[0] in visible(section)
    section.opened = True
    assert section.body in visible(section)
    assert section.form.values["window_lines"] == 48


def test_the_button_beside_the_heading_folds_and_says_what_it_does() -> None:
    section = AnalysisSection("diameter", opened=False)
    button = section.children[0].children[0]
    assert (button.description, button.tooltip) == ("▸", "Show how Diameter is measured")
    button.value = True
    assert section.opened
    assert (button.description, button.tooltip) == ("▾", "Hide how Diameter is measured")


def test_why_nothing_can_be_measured_is_not_shown_for_a_folded_section() -> None:
    section = AnalysisSection("diameter", opened=False)
    shown = len(visible(section))
    section.blocked = "The line period is not known."
    assert len(visible(section)) == shown
    section.opened = True
    assert section.body.run_button.disabled


def test_the_first_analyses_are_open_and_the_summary_is_not_pushed_away() -> None:
    panel = MeasurePanel(StatusLine(), lambda text: None)
    opened = [name for name, section in panel.sections.items() if section.opened]
    assert opened == ["radon_velocity", "diameter"]

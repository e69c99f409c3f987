"""An accessibility scan (axe) of every part of the app, light and dark: WCAG 2.1 A and AA."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import cloudscope as cs
from tests.browser.app_story import tab
from tests.browser.sessions import ROOT
from tests.browser.test_app_voila import serve

AXE = ROOT / "js" / "node_modules" / "axe-core" / "axe.min.js"
SCAN = """async () => {
  const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];
  const found = await axe.run(
    document.querySelector('.cs-app'), {resultTypes: ['violations'], runOnly: rules});
  return found.violations.flatMap(({id, nodes}) =>
    nodes.map(node => `${id}: ${node.target.join(' ')}: ${node.failureSummary}`));
}"""


@pytest.mark.parametrize("page", [{"viewport": {"width": 1500, "height": 950}}], indirect=True)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_scan_finds_nothing(page: Any, voila: Any, tmp_path: Path, dark: bool) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed (npm --prefix js ci)")
    cs.write_sample_folder(tmp_path / "sample")
    session = serve(voila, tmp_path / "sample", dark=dark)
    page.locator(".cs-viewer[data-crisp=true]").first.wait_for()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, list[str]] = {}

    def scan(part: str) -> None:
        session.drawn()
        if violations := page.evaluate(SCAN):
            found[part] = violations

    for title in session.python("print(*app.tabs.titles)").split():
        tab(session, title)
        session.wait_python("app.tabs.opened", repr(title))
        panel = page.locator(".cs-app-tabs .widget-tab-contents > :not(.lm-mod-hidden)")
        panel.locator(".cs-section, .cs-panel").first.wait_for()
        scan(title)
    tab(session, "Measure")
    page.locator(".cs-analysis-radon_velocity button", has_text="Run").first.click()
    page.locator(".cs-trace-of-radon_velocity .bqplot path.line[d*=L]").first.wait_for(
        state="attached"
    )
    scan("measured")
    page.locator(".cs-pointer-area").first.click(position={"x": 200, "y": 50})
    page.locator(".cs-probe").first.wait_for()
    scan("probe")
    top = page.locator(".cs-app-top")
    for button, part in (("Open", ".cs-app-drawer"), ("Blind", ".cs-blind .cs-panel")):
        top.locator("button", has_text=button).click()
        page.locator(f"{part}:visible").first.wait_for()
        scan(button)
        page.keyboard.press("Escape")
        page.locator(f"{part}:visible").first.wait_for(state="hidden")
    page.locator(".cs-plot").first.focus()
    for key, part in (("?", ".cs-app-help"), ("l", ".cs-log")):
        page.keyboard.press(key)
        page.locator(f"{part}:visible").first.wait_for()
        scan(part)
        page.keyboard.press("Escape")
        page.locator(f"{part}:visible").first.wait_for(state="hidden")
    assert found == {}

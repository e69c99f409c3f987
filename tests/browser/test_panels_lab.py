"""Every panel of the app opens in JupyterLab, on a folder that has been measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import cloudscope as cs
from tests.browser.app_story import READY, tab

WIDE = {"viewport": {"width": 1700, "height": 1150}}


def measured_sample(folder: Path) -> Path:
    cs.write_sample_folder(folder)
    recordings = cs.AcqImageList.from_folder(folder)
    for image in recordings:
        group = "sham" if image.name < "03" else "treated"
        image.edit_experiment(condition=group, animal_id=image.name[:2])
    recordings.analyze("radon_velocity", channel=0, rois="whole", workers=1)
    recordings.save()
    return folder


@pytest.mark.parametrize("page", [WIDE], indirect=True)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_panel_opens_and_shows_something(
    page: Any, lab: Any, tmp_path: Path, dark: bool
) -> None:
    folder = measured_sample(tmp_path / "sample")
    session = lab(
        ["import cloudscope as cs", f"app = cs.App({str(folder)!r}, height_px=900); app"],
        dark=dark,
        ready=READY,
    )
    page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
    page.locator(".cs-app").evaluate("app => app.scrollIntoView()")
    titles = session.python("print(*app.tabs.titles)").split()
    assert {"ROIs", "Measure", "Pool", "Figure", "Export", "Batch"} <= set(titles)
    for title in titles:
        tab(session, title)
        session.wait_python("app.tabs.opened", repr(title))
        panel = page.locator(".cs-app-tabs .widget-tab-contents > :not(.lm-mod-hidden)")
        panel.locator(".cs-section, .cs-panel").first.wait_for()
        assert len(panel.inner_text().strip()) > 20
        page.wait_for_timeout(400)
        session.shot(f"{title}-{'dark' if dark else 'light'}")
    assert session.python("app.status.tone") != "'bad'"

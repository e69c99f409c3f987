"""`cloudscope.App` and its widgets in Notebook 7: the classic interface on JupyterLab's parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.app_story import READY, Story, copied


@pytest.mark.parametrize("page", [{"viewport": {"width": 1440, "height": 1500}}], indirect=True)
def test_a_capillary_from_folder_to_saved_results(
    page: Any, notebook7: Any, shared_data: Path, tmp_path: Path
) -> None:
    folder = copied(shared_data / "capillary", tmp_path / "capillary")
    session = notebook7(
        [
            f"import cloudscope as cs\napp = cs.App({str(folder)!r})\napp",
            "cs.KymographViewer(app.image)",
            "cs.TracePlot(app.image)",
        ],
        ready=READY,
    )
    story = Story(session)
    for step in (story.sees_the_table, story.zooms_and_pans, story.marks_a_roi, story.measures):
        step()
    session.shot("capillary")
    # a second view of the recording shows what the first one made
    assert page.locator(".cs-viewer").nth(1).locator(".cs-roi-label").inner_text() == "1 artery"

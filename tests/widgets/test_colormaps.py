"""The colour maps are named in Python and in the browser: the two lists must be one."""

from __future__ import annotations

import re
from pathlib import Path

from cloudscope.widgets.colormaps import COLORMAPS

SOURCE = Path(__file__).resolve().parents[2] / "js" / "viewer" / "colormaps.ts"


def test_python_and_the_browser_offer_the_same_maps_in_the_same_order() -> None:
    text = SOURCE.read_text(encoding="utf-8")
    listed = re.search(r"export const COLORMAPS = \[(.*?)\]", text, re.DOTALL)
    assert listed is not None
    assert tuple(re.findall(r'"([^"]+)"', listed[1])) == COLORMAPS

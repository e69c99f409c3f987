"""Groups can be told apart in light and in dark, and by people who see two hues only."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import numpy as np
import pytest

from cloudscope.pool.colors import DARK, LIGHT

THEME = Path(__file__).parents[2] / "cloudscope" / "widgets" / "theme.css"

# What each kind of dichromacy sees of linear RGB (Machado et al. 2009).
VISION = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.3039],
    ],
}


def linear(color: str) -> np.ndarray:
    share = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    light, dark = sorted((linear(c) @ [0.2126, 0.7152, 0.0722] for c in (one, other)), reverse=True)
    return float((light + 0.05) / (dark + 0.05))


def oklab(rgb: np.ndarray) -> np.ndarray:
    to_lms = [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
    to_lab = [
        [0.2104542553, 0.793617785, -0.0040720468],
        [1.9779984951, -2.428592205, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.808675766],
    ]
    return 100 * np.array(to_lab) @ np.cbrt(np.array(to_lms) @ np.clip(rgb, 0, 1))


@pytest.mark.parametrize(("colors", "background"), [(LIGHT, "#ffffff"), (DARK, "#212121")])
def test_colors_stand_out_from_the_background(colors: tuple[str, ...], background: str) -> None:
    assert min(contrast(color, background) for color in colors) >= 3.0


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("colors", [LIGHT, DARK])
def test_no_two_colors_look_alike(colors: tuple[str, ...], vision: str) -> None:
    seen = [oklab(np.array(VISION[vision]) @ linear(color)) for color in colors]
    distances = [np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)]
    assert min(distances) >= 9.5


def test_the_style_sheet_has_the_same_colors() -> None:
    found = re.findall(r"--cs-group-\d: (#\w{6});", THEME.read_text(encoding="utf-8"))
    assert tuple(found) == LIGHT + DARK

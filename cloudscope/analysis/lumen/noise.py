"""How noisy the lumen is compared with the tissue: light makes noise of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.lumen.lines import Lines
    from cloudscope.analysis.lumen.locate import Track

__all__ = ["noise_variance", "rise_of_noise"]

_STRETCHES, _LINES = 32, 16
_LEAST_PIXELS = 200
_MOST = 9.0


def noise_variance(image: NDArray[np.float32]) -> float:
    """Variance of white noise, from second differences along the line (robust)."""
    if image.shape[1] < 4:
        return float(np.var(image)) + 1e-12
    second = np.diff(image.astype(np.float64), n=2, axis=1) / np.sqrt(6.0)
    return float((1.4826 * np.median(np.abs(second))) ** 2) + 1e-12


def rise_of_noise(lines: Lines, bounds: NDArray[np.intp], track: Track) -> float:
    """Variance of the noise on the axis of the lumen over that of tissue, less 1.

    From the differences of neighbouring lines, between which little else changes, at pixels in
    the middle third of the lumen and at pixels half a diameter and more away from it. Cells that
    pass count as noise of the lumen, as they should for walls.

    Returns
    -------
    float
        From -0.9 to 9; 0 where there are too few pixels to tell.
    """
    starts = np.unique(
        np.linspace(0, max(lines.count - _LINES, 0), min(_STRETCHES, lines.count)).astype(int)
    )
    column = np.arange(lines.pixels)
    inner: list[NDArray[np.float32]] = []
    outer: list[NDArray[np.float32]] = []
    average = np.searchsorted(bounds, starts, side="right") - 1
    for start, at in zip(starts, np.minimum(average, track.left_px.size - 1), strict=True):
        if not track.measured[at]:
            continue
        image, finite = lines.read(int(start), int(min(start + _LINES, lines.count)))
        both = finite[1:] & finite[:-1]
        change = np.diff(image, axis=0)[both]
        width = track.right_px[at] - track.left_px[at]
        away = np.abs(column - 0.5 * (track.left_px[at] + track.right_px[at]))
        inner.append(change[:, away <= max(width / 6.0, 0.75)].ravel())
        outer.append(change[:, (away >= width) & (away <= 2.0 * width + 8.0)].ravel())
    if not inner:
        return 0.0
    lumen, tissue = np.concatenate(inner), np.concatenate(outer)
    if min(lumen.size, tissue.size) < _LEAST_PIXELS:
        return 0.0
    spreads = [float(np.median(np.abs(values))) for values in (lumen, tissue)]
    if not spreads[1] > 0:
        return 0.0
    return float(np.clip((spreads[0] / spreads[1]) ** 2 - 1.0, -0.9, _MOST))

"""A recording cut into windows: their lines, and their correlations, a stretch at a time."""

from __future__ import annotations

import numpy as np

from cloudscope.analysis.streaks.background import Background
from cloudscope.analysis.streaks.correlation import Correlator
from cloudscope.analysis.streaks.lines import Lines
from cloudscope.analysis.streaks.sampling import Sampling

__all__ = ["WindowedRecording", "batches"]

CHUNK_PRODUCTS = 120_000
"""Complex numbers of one lag's products in a stretch: they stay in the processor's cache."""

LARGEST_CHUNK = 64
"""Windows of a stretch at most, so that a request to stop is heard soon."""


class WindowedRecording:
    """A kymograph with its background, cut into windows.

    Parameters
    ----------
    kymograph : Lines, shape (lines, width)
    background : Background
        Of this very kymograph.
    sampling : Sampling
    step : int
        Lines from one window to the next.
    level_lines : bool
        Whether the mean of each line is taken off, because flicker drowns it.
    blur_px : float
        Smoothing of the products along shift, see `Correlator`.

    Attributes
    ----------
    starts : ndarray of int
        First line of each window.
    chunk : int
        Windows of a stretch.
    """

    def __init__(
        self,
        kymograph: Lines,
        background: Background,
        sampling: Sampling,
        step: int,
        *,
        level_lines: bool = False,
        blur_px: float = 0.0,
    ) -> None:
        self.kymograph, self.background = kymograph, background
        self.sampling, self.step = sampling, step
        self.level_lines, self.blur_px = level_lines, blur_px
        self.starts = np.arange(0, len(kymograph) - sampling.window + 1, step)
        self.correlator = Correlator(sampling, step, blur_px)
        self.single = Correlator(sampling, sampling.window, blur_px)
        self.chunk = int(np.clip(CHUNK_PRODUCTS / (self.correlator.kept * step), 1, LARGEST_CHUNK))

    def lines(self, start: int, stop: int) -> np.ndarray:
        """Lines without what is static, and without their mean where flicker drowns it."""
        out = self.background.normalised(self.kymograph[start:stop], start)
        if self.level_lines:
            out -= out.mean(axis=1, keepdims=True)
        return out

    def stretch(self, first: int, last: int) -> np.ndarray:
        """Lines of the windows first to last - 1."""
        return self.lines(
            int(self.starts[first]), int(self.starts[last - 1]) + self.sampling.window
        )

    def gathered(self, index: np.ndarray) -> np.ndarray:
        """Lines of single windows, shape (windows, window, width)."""
        window, starts = self.sampling.window, self.starts[index]
        if np.all(np.diff(starts) == window):  # side by side
            lines = self.lines(int(starts[0]), int(starts[-1]) + window)
            return lines.reshape(starts.size, window, -1)
        return np.stack([self.lines(a, a + window) for a in starts.tolist()])

    def correlate_single(self, index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Product and energy sums of single windows, as `Correlator.correlate` gives them."""
        lines = self.gathered(index)
        return self.single.correlate(lines.reshape(-1, self.sampling.width))

    def cut(self, lines: np.ndarray) -> np.ndarray:
        """A stretch of lines as a view of its windows, shape (windows, window, ...)."""
        view = np.lib.stride_tricks.sliding_window_view(lines, self.sampling.window, axis=0)
        return view[:: self.step].transpose(0, 2, 1)

    def means(self, of_lines: np.ndarray) -> np.ndarray:
        """Means, over the lines of each window of a stretch, of one number a line."""
        windows = np.lib.stride_tricks.sliding_window_view(of_lines, self.sampling.window)
        out: np.ndarray = windows[:: self.step].mean(axis=1)
        return out


def batches(index: np.ndarray, size: int) -> list[np.ndarray]:
    """`index` in pieces of at most `size`."""
    return [index[i : i + size] for i in range(0, index.size, size)]

"""Scans to and fro: how far the lines scanned backwards lie beside the others, and their return.

If odd lines show everything `offset` columns further on, cells that move by v columns a line appear
to move by v + offset from an even line to the next and by v - offset from an odd one. The two mean
correlations are one curve, shifted to either side: their distance is twice the offset, whatever the
flow and however it changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import fft
from scipy.ndimage import map_coordinates

__all__ = ["AlignedLines", "Offset", "estimate_offset", "largest_offset", "suspected_offset"]

LAGS = (1, 3, 5, 7)
"""Odd lags, in lines: each compares lines scanned to and fro."""

PARTS = 16
"""Stretches of the recording from which the offset, and its spread, are taken."""

PART_LINES = 1024
"""Lines of a stretch at most."""

QUICK_PART_LINES, QUICK_LAGS = 128, LAGS[:1]
"""Lines of a stretch, and lags, where the offset is only looked for and not undone."""

SUSPECT_PX, SUSPECT_SIGMAS = 0.5, 5.0
"""An offset that is larger, and that certain, is told to who did not ask for it."""

LARGEST_OFFSET_PX = 16.0
"""A scanner that is further off needs repair."""

MARGIN = 4
"""Shifts beyond those tried, so that the curve between those can be interpolated."""

LEAST_SIGMAS = 6.0
"""Standard errors by which the likeness of the two curves must be above none.

Of 600 recordings of white noise on 5 to 200 columns, with and without flicker, none was.
"""

PEAK_STEPS = 1000
"""Steps of a pixel in which the shift between the two curves is found."""

UNKNOWN_SD_PX = 0.25
"""An offset that is known no better than this is not known: nothing in it moves."""

BEYOND_EDGE_PX = 0.25
"""Part of a pixel by which interpolation may pass the last one before that column is given up."""


@dataclass(frozen=True, slots=True)
class Offset:
    """Distance of odd lines from even ones, columns.

    Attributes
    ----------
    px : float
        Positive: odd lines show everything at larger columns. 0 if it cannot be known.
    sd_px : float
        One standard deviation; NaN if it was given or cannot be known.
    known : bool
        Whether it was given or found.
    """

    px: float
    sd_px: float
    known: bool = True


UNKNOWN = Offset(0.0, float("nan"), known=False)


class AlignedLines:
    """Lines of a recording with the odd ones put back by a fraction of a pixel.

    Columns that then are outside the recording on odd lines are left out on all.

    Parameters
    ----------
    recording : ndarray, shape (lines, columns)
    offset_px : float
        As in `Offset`.
    """

    def __init__(self, recording: np.ndarray, offset_px: float) -> None:
        columns = recording.shape[1]
        first = max(0, int(np.ceil(-BEYOND_EDGE_PX - offset_px)))
        last = min(columns - 1, int(np.floor(columns - 1 + BEYOND_EDGE_PX - offset_px)))
        self.recording = recording
        self.columns = slice(first, last + 1)
        self.shape = (len(recording), max(0, last + 1 - first))
        whole = int(np.floor(offset_px))
        f = offset_px - whole
        self._weights = (
            -f * (f - 1) * (f - 2) / 6,
            (f + 1) * (f - 1) * (f - 2) / 2,
            -(f + 1) * f * (f - 2) / 2,
            (f + 1) * f * (f - 1) / 6,
        )
        place = np.arange(first, last + 1) + whole
        self._taps = [np.clip(place + tap, 0, columns - 1) for tap in (-1, 0, 1, 2)]

    def __len__(self) -> int:
        return len(self.recording)

    def __getitem__(self, rows: slice) -> np.ndarray:
        start, stop, _ = rows.indices(len(self.recording))
        lines = self.recording[start:stop]
        out = np.array(lines[:, self.columns], dtype=np.float64, order="C")
        odd = slice(1 - start % 2, None, 2)
        apart = lines[odd].astype(np.float64)
        out[odd] = sum(
            weight * apart[:, tap] for weight, tap in zip(self._weights, self._taps, strict=True)
        )
        return out


def largest_offset(columns: int) -> float:
    """Offset (columns) up to which lines of so many columns can be compared."""
    return min(LARGEST_OFFSET_PX, columns / 4)


def estimate_offset(
    recording: np.ndarray,
    *,
    remove_pattern: bool,
    checkpoint: Callable[[float], None],
    part_lines: int = PART_LINES,
    lags: tuple[int, ...] = LAGS,
) -> Offset:
    """Distance of odd lines from even ones, from what moves.

    The static pattern of either parity is taken off first, if `remove_pattern`: shading is fixed
    to the scanner and stays where it is on lines scanned backwards, walls do not.

    Parameters
    ----------
    recording : ndarray, shape (lines, columns)
        At least 4 columns of finite numbers.
    remove_pattern : bool
    checkpoint : callable
        Called with the finished share after each stretch.
    part_lines : int
        Lines of a stretch at most.
    lags : tuple of int
        Odd numbers of lines.
    """
    n_lines, columns = recording.shape
    length = min(part_lines, n_lines // PARTS) // 2 * 2
    parts = PARTS
    if length < 16:
        parts = max(1, n_lines // 16)
        length = 16
    if n_lines < length:
        return UNKNOWN
    starts = np.linspace(0, n_lines - length, parts).astype(int) // 2 * 2
    mean = [np.zeros(columns), np.zeros(columns)]
    for start in starts:
        for parity in range(2):
            block = recording[start + parity : start + length : 2]
            mean[parity] += block.mean(axis=0, dtype=np.float64) / parts
    if not remove_pattern:
        mean = [np.full(columns, (mean[0] + mean[1]).mean() / 2)] * 2
    reach = min(2 * int(np.ceil(largest_offset(columns))) + MARGIN, 2 * columns - 3)
    likeness = np.zeros((parts, 2 * reach + 1))
    for number, start in enumerate(starts):
        block = np.array(recording[start : start + length], dtype=np.float64, order="C")
        for parity in range(2):
            block[parity::2] -= mean[parity]
        likeness[number] = _likeness(block, reach, lags)
        checkpoint((number + 1) / parts)
    total = likeness.sum(axis=0)
    if parts < 3 or not np.any(total > 0):
        return UNKNOWN
    without = np.array([_peak(total - one) for one in likeness])
    spread = np.sqrt((parts - 1) / parts * np.square(without - without.mean()).sum())
    if not spread < UNKNOWN_SD_PX or not _alike(likeness):
        return UNKNOWN
    return Offset(float(_peak(total)), float(spread))


def suspected_offset(recording: np.ndarray, *, remove_pattern: bool) -> float | None:
    """Offset of odd lines in what is taken for a scan one way, if there clearly is one."""
    found = estimate_offset(
        recording,
        remove_pattern=remove_pattern,
        checkpoint=lambda done: None,
        part_lines=QUICK_PART_LINES,
        lags=QUICK_LAGS,
    )
    clear = found.known and abs(found.px) > max(SUSPECT_PX, SUSPECT_SIGMAS * found.sd_px)
    return found.px if clear else None


def _alike(likeness: np.ndarray) -> bool:
    """Whether the stretches agree that there is a likeness: of noise some shift is always best."""
    parts = len(likeness)
    at_top = likeness[:, MARGIN + int(likeness[:, MARGIN:-MARGIN].sum(axis=0).argmax())]
    error = float(at_top.std(ddof=1)) / np.sqrt(parts)
    return bool(at_top.mean() > LEAST_SIGMAS * error)


def _peak(likeness: np.ndarray) -> float:
    """Half the shift at which two curves are most alike; NaN if it is not among those tried."""
    reach = likeness.size // 2
    tried = slice(MARGIN, likeness.size - MARGIN)
    top = MARGIN + int(likeness[tried].argmax())
    if top in (MARGIN, likeness.size - MARGIN - 1):
        return float("nan")
    place = np.linspace(top - 1, top + 1, 2 * PEAK_STEPS + 1)
    curve = map_coordinates(likeness, place[None], order=5, mode="mirror")
    return 0.5 * float(place[curve.argmax()] - reach)


def _likeness(block: np.ndarray, reach: int, lags: tuple[int, ...]) -> np.ndarray:
    """How alike the correlations from even and from odd lines are, by the shift between them."""
    columns = block.shape[1]
    n_fft = fft.next_fast_len(2 * columns, real=True)
    spectrum = fft.rfft(block, n_fft, axis=1)
    out = np.zeros(2 * reach + 1)
    for lag in lags:
        curves = [_correlation(block, spectrum, parity, lag, n_fft) for parity in range(2)]
        weight = 1 - np.abs(np.arange(-columns + 1, columns)) / columns
        for number, shift in enumerate(range(-reach, reach + 1)):
            a = slice(max(0, shift), 2 * columns - 1 + min(0, shift))
            b = slice(max(0, -shift), 2 * columns - 1 + min(0, -shift))
            w = np.sqrt(weight[a] * weight[b])
            first, second = curves[0][a], curves[1][b]
            # A mean over the shifts that both have, lest fewer of them count for less likeness.
            out[number] += (w * first * second).sum() / w.sum()
    return out


def _correlation(
    block: np.ndarray, spectrum: np.ndarray, parity: int, lag: int, n_fft: int
) -> np.ndarray:
    """Correlation of lines of one parity with those `lag` later, at all shifts, overlap-exact."""
    columns = block.shape[1]
    earlier, later = block[parity : len(block) - lag : 2], block[parity + lag :: 2]
    count = min(len(earlier), len(later))
    product = (spectrum[parity::2][:count].conj() * spectrum[parity + lag :: 2][:count]).sum(axis=0)
    circular = fft.irfft(product, n_fft)
    sums = np.concatenate([circular[n_fft - columns + 1 :], circular[:columns]])
    energy = [
        np.concatenate([[0.0], np.cumsum(np.square(lines[:count]).sum(axis=0))])
        for lines in (earlier, later)
    ]
    shift = np.arange(-columns + 1, columns)
    first, last = np.maximum(0, -shift), np.minimum(columns, columns - shift)
    pairs = energy[0][last] - energy[0][first]
    pairs = pairs + energy[1][last + shift] - energy[1][first + shift]
    whole = energy[0][-1] + energy[1][-1]
    curve: np.ndarray = 2 * sums / np.maximum(pairs, 1e-5 * whole + 1e-300)
    return curve

"""Kymographs of an indicator: brightness that rises and decays, as calcium does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.errors import ParameterError
from cloudscope.synthetic.allowed import finite, not_negative, positive, whole
from cloudscope.synthetic.detector import bleaching_curve

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["TransientTruth", "transient_kymograph"]

_BLOCK_LINES = 4096
_SHAPE_SAMPLES = 200_001


@dataclass(frozen=True, eq=False, kw_only=True)
class TransientTruth:
    """A kymograph of transients and what they were drawn with.

    Attributes
    ----------
    image : ndarray of float32, shape (lines, pixels)
        Read-only.
    dff : ndarray of float64, shape (lines,)
        ΔF/F0 of each line, without noise; read-only.
    onset_s, peak_time_s, amplitude : ndarray of float64, shape (transients,)
        When each begins and is highest, and its height in ΔF/F0; read-only.
    rise_s, decay_s, half_width_s, area_s : float
        Of one transient alone: from 10 to 90 % of its height, from 90 down to 10 %, its width at
        half height, and its area for a height of 1.
    line_period_s, pixel_size_um : float
    f0, dark_level : float
        Brightness of a pixel at rest at the first line, above the dark level, and the dark level.
    snr : float
        Height of the mean transient over `noise_sd`.
    noise_sd : float
        Standard deviation of the noise of a line's mean, in ΔF/F0 at the first line.
    seed : int
    """

    image: NDArray[np.float32] = field(repr=False)
    dff: NDArray[np.float64] = field(repr=False)
    onset_s: NDArray[np.float64] = field(repr=False)
    peak_time_s: NDArray[np.float64] = field(repr=False)
    amplitude: NDArray[np.float64] = field(repr=False)
    rise_s: float
    decay_s: float
    half_width_s: float
    area_s: float
    line_period_s: float
    pixel_size_um: float
    f0: float
    dark_level: float
    snr: float
    noise_sd: float
    seed: int

    def __post_init__(self) -> None:
        for values in (self.image, self.dff, self.onset_s, self.peak_time_s, self.amplitude):
            values.flags.writeable = False


def _unit_shape(time_s: Any, rise_tau_s: float, decay_tau_s: float) -> NDArray[np.float64]:
    """``(1 - exp(-t / rise)) exp(-t / decay)`` with height 1, and 0 before its onset."""
    after = np.maximum(np.asarray(time_s, dtype=np.float64), 0.0)
    apex = rise_tau_s * np.log1p(decay_tau_s / rise_tau_s)
    height = float(-np.expm1(-apex / rise_tau_s) * np.exp(-apex / decay_tau_s))
    shape: NDArray[np.float64] = -np.expm1(-after / rise_tau_s) * np.exp(-after / decay_tau_s)
    shape /= height
    return shape


def transient_kymograph(
    onset_s: ArrayLike,
    amplitude: ArrayLike = 0.5,
    *,
    lines: int,
    pixels: int = 32,
    line_period_s: float = 1e-3,
    pixel_size_um: float = 0.5,
    rise_tau_s: float = 0.03,
    decay_tau_s: float = 0.3,
    snr: float = 10.0,
    noise_correlation_s: float = 0.0,
    f0: float = 100.0,
    dark_level: float = 0.0,
    bleaching: float = 0.2,
    drift: float = 0.0,
    seed: int = 0,
) -> TransientTruth:
    """A kymograph whose brightness rises and decays at known times by known amounts.

    A transient is ``(1 - exp(-t / rise_tau_s)) exp(-t / decay_tau_s)``, scaled to its amplitude;
    transients add up.

    Parameters
    ----------
    onset_s : array_like
        When each transient begins, from the first line; empty for noise only.
    amplitude : array_like
        Height of each in ΔF/F0, or one for all.
    lines, pixels : int
    line_period_s, pixel_size_um : float
    rise_tau_s, decay_tau_s : float
        Time constants.
    snr : float
        Mean height (0.5 without transients) over the noise of the mean of a line.
    noise_correlation_s : float
        The noise of a line's mean decays to 1/e of its correlation within this time, as with cells
        that pass; 0 is noise of its own in every pixel.
    f0 : float
        Brightness at rest above the dark level at the first line.
    dark_level : float
        What the detector gives without light.
    bleaching : float
        Share of the brightness lost over the recording.
    drift : float
        A slow wave of the brightness at rest, as a share of it; one period over the recording.
    seed : int

    Returns
    -------
    TransientTruth

    Raises
    ------
    ParameterError
        If a parameter is not allowed.

    Examples
    --------
    >>> truth = transient_kymograph([0.5, 1.5], 0.4, lines=2000, seed=1)
    >>> truth.image.shape, round(float(truth.dff.max()), 2), round(truth.half_width_s, 2)
    ((2000, 32), 0.42, 0.29)
    """
    whole(1, lines=lines, pixels=pixels)
    whole(0, seed=seed)
    finite(dark_level=dark_level, drift=drift)
    not_negative(noise_correlation_s=noise_correlation_s)
    positive(
        line_period_s=line_period_s,
        pixel_size_um=pixel_size_um,
        rise_tau_s=rise_tau_s,
        decay_tau_s=decay_tau_s,
        snr=snr,
        f0=f0,
    )
    try:
        onset = np.atleast_1d(np.array(onset_s, dtype=np.float64))
        height = np.array(np.broadcast_to(np.asarray(amplitude, dtype=np.float64), onset.shape))
    except (TypeError, ValueError):
        onset = height = np.array(np.nan)
    if onset.ndim != 1 or not (np.isfinite(onset).all() and np.isfinite(height).all()):
        raise ParameterError("onset_s and amplitude must be finite numbers, one a transient")
    time_s = np.arange(lines) * line_period_s
    dff = np.zeros(lines)
    reach = 30.0 * (rise_tau_s + decay_tau_s)
    for begin, high in zip(onset, height, strict=True):
        first, last = np.searchsorted(time_s, (begin, begin + reach))
        part = slice(int(first), int(last))
        dff[part] += high * _unit_shape(time_s[part] - begin, rise_tau_s, decay_tau_s)
    rest = bleaching_curve(lines, bleaching) * (
        1.0 + drift * np.sin(2 * np.pi * np.arange(lines) / lines)
    )
    noise_sd = (float(np.abs(height).mean()) if onset.size else 0.5) / snr
    rng = np.random.default_rng(seed)
    common = _correlated_noise(lines, noise_correlation_s / line_period_s, rng)
    image = np.empty((lines, pixels), np.float32)
    for start in range(0, lines, _BLOCK_LINES):
        block = slice(start, min(start + _BLOCK_LINES, lines))
        noise = common[block, None] * np.ones(pixels)
        if noise_correlation_s == 0:
            noise = rng.standard_normal((block.stop - start, pixels)) * np.sqrt(pixels)
        clean = rest[block, None] * (1.0 + dff[block, None])
        # Light comes in photons: its noise grows with the root of the brightness.
        noise = noise_sd * noise * np.sqrt(np.maximum(clean, 0.0))
        image[block] = dark_level + f0 * (clean + noise)
    return TransientTruth(
        image=image,
        dff=dff,
        onset_s=onset,
        peak_time_s=onset + rise_tau_s * np.log1p(decay_tau_s / rise_tau_s),
        amplitude=height,
        **_shape_facts(rise_tau_s, decay_tau_s),
        line_period_s=line_period_s,
        pixel_size_um=pixel_size_um,
        f0=f0,
        dark_level=dark_level,
        snr=snr,
        noise_sd=noise_sd,
        seed=seed,
    )


def _correlated_noise(
    lines: int, correlation_lines: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Gaussian noise of standard deviation 1 with an exponential correlation."""
    if correlation_lines == 0:
        return np.zeros(lines)
    from scipy.fft import irfft, next_fast_len, rfft

    padded = next_fast_len(lines + int(20 * correlation_lines) + 1, real=True)
    lag = np.minimum(np.arange(padded), padded - np.arange(padded))
    spectrum = np.maximum(rfft(np.exp(-lag / correlation_lines)).real, 0.0)
    white = rfft(rng.standard_normal(padded))
    noise: NDArray[np.float64] = irfft(white * np.sqrt(spectrum), padded)[:lines]
    return noise


def _shape_facts(rise_tau_s: float, decay_tau_s: float) -> dict[str, float]:
    time_s = np.linspace(0.0, 12.0 * (rise_tau_s + decay_tau_s), _SHAPE_SAMPLES)
    shape = _unit_shape(time_s, rise_tau_s, decay_tau_s)
    apex = int(np.argmax(shape))

    def crossing(level: float) -> tuple[float, float]:
        up = np.interp(level, shape[: apex + 1], time_s[: apex + 1])
        down = np.interp(-level, -shape[apex:], time_s[apex:])
        return float(up), float(down)

    low, half, high = crossing(0.1), crossing(0.5), crossing(0.9)
    return {
        "rise_s": high[0] - low[0],
        "decay_s": low[1] - high[1],
        "half_width_s": half[1] - half[0],
        "area_s": float(shape.sum() * (time_s[1] - time_s[0])),
    }

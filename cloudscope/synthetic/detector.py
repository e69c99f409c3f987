"""What the detector adds: photon and electronic noise, bleaching, digitisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["bleaching_curve", "detector_noise", "to_counts"]


def bleaching_curve(lines: int, bleaching: float) -> NDArray[np.float64]:
    """Share of the fluorescence left at each line: exponential, ``1 - bleaching`` at the end.

    Raises
    ------
    ParameterError
        If `bleaching` is not at least 0 and below 1.
    """
    if not 0 <= bleaching < 1:
        raise ParameterError(
            f"bleaching={bleaching!r} is not allowed: give the lost share, from 0 to below 1"
        )
    return (1.0 - bleaching) ** (np.arange(lines) / max(lines - 1, 1))


def detector_noise(
    clean: NDArray[Any],
    noise_sd: float,
    rng: np.random.Generator,
    *,
    reference: float | None = None,
    photon_share: float = 0.5,
) -> NDArray[np.float32]:
    """`clean` with photon (Poisson) and electronic (Gaussian) noise.

    Parameters
    ----------
    clean : ndarray
        Noise-free brightness, not negative.
    noise_sd : float
        Total standard deviation where the brightness is `reference`.
    rng : numpy.random.Generator
    reference : float, optional
        Brightness at which `noise_sd` holds; the mean of `clean` by default.
    photon_share : float
        Share of the variance at `reference` that is photon noise and so follows the brightness.

    Returns
    -------
    ndarray of float32, shape of `clean`

    Examples
    --------
    >>> noisy = detector_noise(np.full(20000, 50.0), 5.0, np.random.default_rng(0))
    >>> bool(abs(noisy.std() / 5 - 1) < 0.02)
    True
    """
    level = float(np.mean(clean)) if reference is None else reference
    noisy: NDArray[np.floating] = np.array(clean, dtype=np.float64)
    if noise_sd > 0:
        if photon_share > 0 and level > 0:
            counts_per_photon = photon_share * noise_sd**2 / level
            noisy = rng.poisson(np.maximum(noisy, 0) / counts_per_photon) * counts_per_photon
        electronic_sd = noise_sd * np.sqrt(1.0 - photon_share)
        noisy = noisy + electronic_sd * rng.standard_normal(noisy.shape)
    return noisy.astype(np.float32)


def to_counts(
    image: NDArray[Any], *, bits: int = 12, offset: float = 0.0, gain: float = 1.0
) -> NDArray[np.uint16]:
    """`image` as an analogue-to-digital converter gives it: rounded, clipped to 0 … 2**bits - 1.

    Examples
    --------
    >>> to_counts(np.array([-3.0, 10.4, 1e6])).tolist()
    [0, 10, 4095]
    """
    if not 1 <= bits <= 16:
        raise ParameterError(f"bits={bits!r} is not allowed: give a whole number from 1 to 16")
    digital = np.clip(np.rint(image * gain + offset), 0, 2**bits - 1)
    counts: NDArray[np.uint16] = digital.astype(np.uint16)
    return counts

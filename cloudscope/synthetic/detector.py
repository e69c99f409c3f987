"""What the detector adds: photon and electronic noise, bleaching, digitisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.errors import ParameterError
from cloudscope.synthetic.allowed import finite, not_negative, positive, share, whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Detector", "bleaching_curve", "detector_noise", "to_counts"]


def bleaching_curve(lines: int, bleaching: float) -> NDArray[np.float64]:
    """Share of the fluorescence left at each line: exponential, ``1 - bleaching`` at the end.

    Raises
    ------
    ParameterError
        If `bleaching` is not at least 0 and below 1.
    """
    share(below_one=True, bleaching=bleaching)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """A detector with its amplifier and converter: from photons to whole counts.

    Photons and dark events come at random (Poisson). Each gives a pulse whose height varies, as the
    multiplication in a photomultiplier does: pulse heights follow a gamma distribution, so that
    the variance is `excess_noise` times that of the photons alone. The electronics add Gaussian
    noise; the converter adds an offset, rounds, and clips what it cannot hold.

    Attributes
    ----------
    counts_per_photon : float
        Mean height of a pulse, in counts of the converter.
    excess_noise : float
        Variance over that of an ideal counter of photons; 1 is ideal.
    read_noise_counts : float
        Standard deviation of the electronics.
    offset_counts : float
        Level without light.
    dark_photons : float
        Dark events a pixel.
    bits : int
        Of the converter.

    Notes
    -----
    The class methods give round numbers typical of a kind of detector; give your own where you
    have measured them. The mean and variance of an image of even light tell `counts_per_photon *
    excess_noise` (their ratio, above the offset) and the darkness tells the rest.

    Examples
    --------
    >>> detector = Detector.photomultiplier()
    >>> image = detector.record(np.full((500, 100), 20.0), np.random.default_rng(1))
    >>> image.dtype.name, detector.saturation_counts
    ('uint16', 4095)
    >>> bool(abs(image.std() / detector.noise_sd_counts(20.0) - 1) < 0.02)
    True
    """

    counts_per_photon: float = 20.0
    excess_noise: float = 1.25
    read_noise_counts: float = 3.0
    offset_counts: float = 100.0
    dark_photons: float = 0.01
    bits: int = 12

    def __post_init__(self) -> None:
        whole(1, bits=self.bits)
        if self.bits > 16:
            raise ParameterError(
                f"bits={self.bits!r} is not allowed: give a whole number from 1 to 16"
            )
        positive(counts_per_photon=self.counts_per_photon)
        not_negative(
            read_noise_counts=self.read_noise_counts,
            offset_counts=self.offset_counts,
            dark_photons=self.dark_photons,
        )
        finite(excess_noise=self.excess_noise)
        if self.excess_noise < 1:
            raise ParameterError(
                f"excess_noise={self.excess_noise!r} is not allowed: give 1 (ideal) or more"
            )

    @classmethod
    def photomultiplier(cls) -> Detector:
        """An analogue photomultiplier behind a converter of 12 bits."""
        return cls()

    @classmethod
    def photon_counter(cls) -> Detector:
        """A hybrid detector or photomultiplier that counts pulses: no noise but that of light."""
        return cls(
            counts_per_photon=1.0,
            excess_noise=1.0,
            read_noise_counts=0.0,
            offset_counts=0.0,
            dark_photons=0.01,
            bits=12,
        )

    @classmethod
    def camera(cls) -> Detector:
        """A scientific camera of 16 bits."""
        return cls(
            counts_per_photon=2.0,
            excess_noise=1.0,
            read_noise_counts=3.0,
            offset_counts=100.0,
            dark_photons=0.1,
            bits=16,
        )

    @property
    def saturation_counts(self) -> int:
        """Largest number it gives."""
        return int(2**self.bits - 1)

    def mean_counts(self, photons: Any) -> Any:
        """What `photons` give on average, unless they saturate."""
        return self.offset_counts + self.counts_per_photon * (photons + self.dark_photons)

    def noise_sd_counts(self, photons: Any) -> Any:
        """Standard deviation of the counts of a pixel that gets `photons` on average."""
        pulses = self.excess_noise * self.counts_per_photon**2 * (photons + self.dark_photons)
        return np.sqrt(pulses + self.read_noise_counts**2 + 1.0 / 12.0)

    def record(self, photons: NDArray[Any], rng: np.random.Generator) -> NDArray[np.uint16]:
        """Counts of pixels that get `photons` on average, which may be a fraction.

        Parameters
        ----------
        photons : ndarray
            Not negative.
        rng : numpy.random.Generator

        Returns
        -------
        ndarray of uint16, shape of `photons`
        """
        events = rng.poisson(np.maximum(photons, 0) + self.dark_photons).astype(np.float64)
        spread = self.excess_noise - 1.0
        pulses = rng.gamma(events / spread, spread) if spread else events
        signal = pulses * self.counts_per_photon
        if self.read_noise_counts:
            signal = signal + rng.normal(0.0, self.read_noise_counts, signal.shape)
        return to_counts(signal, bits=self.bits, offset=self.offset_counts)

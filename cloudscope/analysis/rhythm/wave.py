"""The shape of a beat: a few harmonics of its phase."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Wave", "design", "fit_wave", "wave_from"]

_FINE = 360


@dataclass(frozen=True, eq=False, slots=True)
class Wave:
    """A periodic shape of mean 0.

    Attributes
    ----------
    harmonic : ndarray of complex, shape (n,)
        The shape is the real part of the sum of ``harmonic[k - 1] * exp(2j * pi * k * phase)``.
    """

    harmonic: NDArray[np.complex128]

    def at(self, phase: NDArray[np.float64]) -> NDArray[np.float64]:
        """Height at each phase (0 to 1 is a beat)."""
        turn = np.exp(2j * np.pi * phase)
        total = np.zeros(phase.shape)
        power = np.ones(phase.shape, complex)
        for coefficient in self.harmonic:
            power = power * turn
            total += (coefficient * power).real
        return total

    def slope(self, phase: NDArray[np.float64]) -> NDArray[np.float64]:
        """Derivative by phase."""
        return Wave(self.harmonic * (2j * np.pi * self._numbers)).at(phase)

    @property
    def _numbers(self) -> NDArray[np.intp]:
        return np.arange(1, self.harmonic.size + 1)

    def turned(self, phase: float) -> Wave:
        """The same shape from another phase on."""
        return Wave(self.harmonic * np.exp(2j * np.pi * phase * self._numbers))

    def scaled(self, factor: NDArray[np.float64] | NDArray[np.complex128]) -> Wave:
        """With each harmonic times a factor."""
        return Wave(self.harmonic * factor)

    def extremes(self) -> tuple[float, float]:
        """Highest and lowest height."""
        height = self.at(np.arange(_FINE) / _FINE)
        return float(height.max()), float(height.min())

    def foot(self) -> float:
        """Phase of the lowest point before the steepest rise, from -0.5 to 0.5."""
        phase = np.arange(_FINE) / _FINE
        steepest = int(np.argmax(self.slope(phase)))
        height = np.roll(self.at(phase), -steepest - 1)
        # Back from the steepest rise to the first point that is lower than its neighbours.
        back = height[::-1]
        rising = np.flatnonzero(np.diff(back) > 0)
        steps = int(rising[0]) + 1 if rising.size else _FINE // 2
        foot = (steepest - steps + 1) / _FINE % 1.0
        return foot - 1.0 if foot > 0.5 else foot


def design(phase: NDArray[np.float64], harmonics: int) -> NDArray[np.float64]:
    """Columns 1, then cosine and minus sine of each harmonic."""
    columns = [np.ones(phase.shape)]
    for number in range(1, harmonics + 1):
        angle = 2 * np.pi * number * phase
        columns += [np.cos(angle), -np.sin(angle)]
    return np.stack(columns, axis=1)


def fit_wave(
    phase: NDArray[np.float64],
    value: NDArray[np.float64],
    weight: NDArray[np.float64],
    harmonics: int,
    phase_variance: NDArray[np.float64] | None = None,
) -> Wave:
    """The shape that fits values at given phases best.

    Parameters
    ----------
    phase, value, weight : ndarray, shape (n,)
    harmonics : int
    phase_variance : ndarray, shape (n,), optional
        How uncertain each phase is (cycles squared). Phases that were fitted to noise make it look
        like height; the expected shape is lower.
    """
    columns = design(phase, harmonics)
    normal = columns.T @ (weight[:, None] * columns)
    normal += 1e-9 * float(weight.sum()) * np.eye(normal.shape[0])
    expected = columns
    if phase_variance is not None:
        number = np.repeat(np.arange(harmonics + 1), [1] + [2] * harmonics)
        expected = columns * np.exp(-2 * np.pi**2 * np.outer(phase_variance, number**2))
    found = np.linalg.solve(normal, expected.T @ (weight * value))
    return wave_from(np.asarray(found, np.float64))


def wave_from(coefficients: NDArray[np.float64]) -> Wave:
    """The shape of a solution in the columns of `design`."""
    return Wave(coefficients[1::2] + 1j * coefficients[2::2])

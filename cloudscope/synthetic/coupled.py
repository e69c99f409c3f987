"""Two traces that go together, one behind the other, by a known amount."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from cloudscope.errors import ParameterError
from cloudscope.synthetic.allowed import finite, positive, whole
from cloudscope.synthetic.series import line_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CoupledTruth", "coupled_traces"]


@dataclass(frozen=True, eq=False, kw_only=True)
class CoupledTruth:
    """Two traces on one clock and how they go together.

    Attributes
    ----------
    time_s, first, second : ndarray of float64, shape (samples,)
        Both traces have mean 0 and standard deviation 1 in expectation; read-only.
    step_s : float
    lag_s : float
        How far `second` follows `first`: positive if it is later.
    correlation : float
        Correlation of the two at that lag, in expectation.
    memory_s : float
        Within which the correlation of each with itself falls to ``exp(-1/2)``.
    seed : int
    """

    time_s: NDArray[np.float64] = field(repr=False)
    first: NDArray[np.float64] = field(repr=False)
    second: NDArray[np.float64] = field(repr=False)
    step_s: float
    lag_s: float
    correlation: float
    memory_s: float
    seed: int

    def __post_init__(self) -> None:
        for values in (self.time_s, self.first, self.second):
            values.flags.writeable = False

    def expected_correlation(self, lag_s: float) -> float:
        """Correlation of `first` with `second` a lag later, in expectation."""
        return float(self.correlation * np.exp(-0.5 * ((lag_s - self.lag_s) / self.memory_s) ** 2))


def coupled_traces(
    samples: int,
    *,
    step_s: float = 0.016,
    lag_s: float = 0.5,
    correlation: float = 0.6,
    memory_s: float = 0.3,
    seed: int = 0,
) -> CoupledTruth:
    """Two smooth random traces of which the second follows the first.

    Each is a Gaussian process whose correlation with itself is a Gaussian of the lag. Both share a
    part that reaches the second by `lag_s` later, exact to a small part of a step; the rest of
    each is its own, so that their correlation is `correlation` and not more.

    Parameters
    ----------
    samples : int
        Of each trace.
    step_s : float
        Time from sample to sample (s).
    lag_s : float
        How far the second follows; negative if it leads.
    correlation : float
        From -1 to 1; 0 makes two traces that have nothing to do with each other.
    memory_s : float
        How smooth they are (s).
    seed : int

    Returns
    -------
    CoupledTruth

    Raises
    ------
    ParameterError
        Naming the parameter, its value and what is allowed.

    Examples
    --------
    >>> truth = coupled_traces(4000, lag_s=0.32, correlation=0.9, seed=1)
    >>> r = np.corrcoef(truth.first[:-20], truth.second[20:])[0, 1]
    >>> bool(abs(r - 0.9) < 0.05)
    True
    """
    whole(1, samples=samples)
    whole(0, seed=seed)
    positive(step_s=step_s, memory_s=memory_s)
    finite(lag_s=lag_s, correlation=correlation)
    if not -1 <= correlation <= 1:
        raise ParameterError(
            f"correlation={correlation!r} is not allowed: give a number from -1 to 1"
        )
    rng = np.random.default_rng(seed)
    # Longer than needed by more than the memory, as the transform closes the series to a ring.
    extra = int(np.ceil((12.0 * memory_s + abs(lag_s)) / step_s)) + 1
    size = samples + extra
    frequency_hz = np.fft.rfftfreq(size, step_s)
    amplitude = np.exp(-((np.pi * frequency_hz * memory_s) ** 2))
    amplitude *= np.sqrt(size / (amplitude[0] ** 2 + 2 * np.sum(amplitude[1:] ** 2)))

    def drawn(spectrum: NDArray[np.complex128]) -> NDArray[np.float64]:
        trace: NDArray[np.float64] = np.fft.irfft(spectrum * amplitude, size)[:samples]
        return trace

    shared, own_first, own_second = np.fft.rfft(rng.standard_normal((3, size)), axis=1)
    late = np.exp(-2j * np.pi * frequency_hz * lag_s)
    common, rest = np.sqrt(abs(correlation)), np.sqrt(1.0 - abs(correlation))
    sign = -1.0 if correlation < 0 else 1.0
    return CoupledTruth(
        time_s=line_times(samples, step_s),
        first=drawn(common * shared + rest * own_first),
        second=drawn(sign * common * shared * late + rest * own_second),
        step_s=step_s,
        lag_s=lag_s,
        correlation=correlation,
        memory_s=memory_s,
        seed=seed,
    )

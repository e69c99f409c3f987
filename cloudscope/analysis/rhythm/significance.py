"""How often noise alone makes a peak as high as the highest of a spectrum."""

from __future__ import annotations

from math import exp, lgamma, log, pi, sqrt

from scipy.special import betainc

__all__ = ["false_alarm_probability", "significant_ratio"]


def false_alarm_probability(
    ratio: float, *, band_hz: float, spread_s: float, averaged: float = 1.0, known: float = 1e9
) -> float:
    """Probability that noise has a peak of this height anywhere in a band.

    The ratio of power to background at one frequency is that of two gamma variables; the highest
    of a continuous band exceeds a height about as often as the process crosses it upwards [1]_,
    which for a periodogram is a closed form [2]_.

    Parameters
    ----------
    ratio : float
        Highest power over the background.
    band_hz : float
        Width of the band that was searched.
    spread_s : float
        Standard deviation of the times.
    averaged : float
        Number of independent periodograms that were averaged.
    known : float
        To how many independent ordinates the knowledge of the background amounts.

    References
    ----------
    .. [1] R. B. Davies, "Hypothesis testing when a nuisance parameter is present only under the
       alternative", Biometrika 74 (1987) 33-43.
    .. [2] R. V. Baluev, "Assessing the statistical significance of periodogram peaks", Monthly
       Notices of the Royal Astronomical Society 385 (2008) 1279-1285.

    Examples
    --------
    >>> one = false_alarm_probability(10.0, band_hz=0.0, spread_s=1.0)
    >>> f"{one:.1e}"
    '4.5e-05'
    >>> false_alarm_probability(10.0, band_hz=6.0, spread_s=9.0) > 100 * one
    True
    """
    if not ratio > 0:
        return 1.0
    total = averaged * ratio
    known = max(known, 0.5)
    # Survival of the ratio of two gamma variables of shapes `averaged` and `known`.
    single = float(betainc(known, averaged, known / (known + total)))
    if band_hz <= 0 or spread_s <= 0:
        return single
    power = averaged - 0.5
    if known > 1e6:
        log_mean = -total
    else:
        log_mean = (
            lgamma(known + power)
            - lgamma(known)
            - power * log(known)
            - (known + power) * log(1.0 + total / known)
        )
    log_crossings = (
        log(band_hz * sqrt(4 * pi) * spread_s) + power * log(total) + log_mean - lgamma(averaged)
    )
    expected = single + exp(min(log_crossings, 50.0))
    return float(-_expm1_negative(expected))


def _expm1_negative(value: float) -> float:
    from math import expm1

    return expm1(-value)


def significant_ratio(
    probability: float, *, band_hz: float, spread_s: float, known: float = 1e9
) -> float:
    """The ratio of power to background that noise reaches with this probability.

    Examples
    --------
    >>> ratio = significant_ratio(0.01, band_hz=6.0, spread_s=9.0)
    >>> round(false_alarm_probability(ratio, band_hz=6.0, spread_s=9.0), 4)
    0.01
    """
    low, high = 0.5, 1e6
    for _ in range(100):
        middle = sqrt(low * high)
        if (
            false_alarm_probability(middle, band_hz=band_hz, spread_s=spread_s, known=known)
            > probability
        ):
            low = middle
        else:
            high = middle
    return high

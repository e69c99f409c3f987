"""Round numbers for an axis, labelled with a true minus sign."""

from __future__ import annotations

import math

__all__ = ["round_ticks", "tick_labels"]


def round_ticks(low: float, high: float, count: int = 4) -> list[float]:
    """About `count` round numbers inside an interval, evenly spaced.

    Examples
    --------
    >>> round_ticks(-1466.0, -439.0), round_ticks(5.71, 6.42)
    ([-1400.0, -1200.0, -1000.0, -800.0, -600.0], [5.8, 6.0, 6.2, 6.4])
    """
    if not (math.isfinite(low) and math.isfinite(high) and high > low):
        return []
    rough = (high - low) / max(count, 1)
    decade = 10.0 ** math.floor(math.log10(rough))
    step = decade * min((1, 2, 5, 10), key=lambda m: abs(math.log(m * decade / rough)))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    # Through text, so that 3 * 0.1 is the 0.3 that the label says.
    return [float(f"{i * step:.12g}") for i in range(first, last + 1)]


def tick_labels(ticks: list[float]) -> dict[str, str]:
    """Label of each tick, by the key a browser makes of the number.

    Examples
    --------
    >>> tick_labels([-1400.0, -1200.0]), tick_labels([-0.5, 0.0])
    ({'-1400': '−1,400', '-1200': '−1,200'}, {'-0.5': '−0.5', '0': '0'})
    """
    return {f"{tick:.12g}": f"{tick:,.12g}".replace("-", "−") if tick else "0" for tick in ticks}

"""Heart rates that occur, by species."""

from __future__ import annotations

from cloudscope.errors import ParameterError

__all__ = ["SPECIES_BPM", "rate_limits_hz"]

SPECIES_BPM: dict[str, tuple[float, float]] = {
    "mouse": (240.0, 720.0),
    "rat": (180.0, 540.0),
    "human": (40.0, 180.0),
    "zebrafish": (60.0, 300.0),
    "rabbit": (120.0, 360.0),
    "pig": (50.0, 200.0),
}
"""Lowest and highest heart rate, from deep anaesthesia to excitement (beats a minute).

Typical rates at rest, rounded: mouse 450-650 awake, 300-550 under anaesthesia; rat 300-400; man
50-90; zebrafish larva 120-180. For measured ones see [1]_ to [5]_.

References
----------
.. [1] B. J. A. Janssen, J. F. M. Smits, "Autonomic control of blood pressure in mice: basic
   physiology and effects of genetic modification", American Journal of Physiology - Regulatory,
   Integrative and Comparative Physiology 282 (2002) R1545-R1564.
.. [2] D. A. Kass, J. M. Hare, D. Georgakopoulos, "Murine cardiac function: a cautionary tail",
   Circulation Research 82 (1998) 519-522.
.. [3] T. Azar, J. Sharp, D. Lawson, "Heart rates of male and female Sprague-Dawley and
   spontaneously hypertensive rats housed singly or in groups", Journal of the American Association
   for Laboratory Animal Science 50 (2011) 175-184.
.. [4] D. H. Spodick, P. Raju, R. L. Bishop, R. D. Rifkin, "Operational definition of normal sinus
   heart rate", American Journal of Cardiology 69 (1992) 1245-1246.
.. [5] K. Baker, K. S. Warren, G. Yellen, M. C. Fishman, "Defective pacemaker current (Ih) in a
   zebrafish mutant with a slow heart rate", Proceedings of the National Academy of Sciences 94
   (1997) 4554-4559.
"""


def rate_limits_hz(
    species: str, minimum_bpm: float | None, maximum_bpm: float | None
) -> tuple[float, float]:
    """The range of rates to search (Hz): the species', with what is given in its place.

    Raises
    ------
    ParameterError
        If a limit is missing or the two leave no range.

    Examples
    --------
    >>> rate_limits_hz("mouse", None, 600.0)
    (4.0, 10.0)
    """
    low, high = SPECIES_BPM.get(species, (None, None))
    low = low if minimum_bpm is None else minimum_bpm
    high = high if maximum_bpm is None else maximum_bpm
    for name, value in (("minimum_bpm", low), ("maximum_bpm", high)):
        if value is None:
            raise ParameterError(
                f"{name}=None is not allowed with species={species!r}: give the rate in bpm"
            )
    assert low is not None
    assert high is not None
    if high < 1.2 * low:
        raise ParameterError(
            f"maximum_bpm={high:g} is not allowed: give at least 1.2 times minimum_bpm={low:g}"
        )
    return low / 60.0, high / 60.0

"""How velocity falls from the axis of a vessel to its wall, and what follows for flow and shear.

A power law, ``v(r) = v_axis (1 - (r / R)**n)``: n = 2 is a parabola, larger n is blunter. Its mean
over the cross-section is ``n / (n + 2)`` of the velocity on the axis, and its slope at the wall
``n v_axis / R = 2 (n + 2) v_mean / D``, which is the well-known ``8 v_mean / D`` for a parabola.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from cloudscope.errors import ParameterError

__all__ = ["VelocityProfile", "velocity_profile"]

_BLUNT_FACTOR = 1.0 / 1.6
"""Mean over measured velocity in glass tubes of 20 to 70 µm with flowing blood."""


@dataclass(frozen=True, slots=True)
class VelocityProfile:
    """A profile of velocity.

    Attributes
    ----------
    name : str
        For the summary.
    factor : float
        Mean velocity of the blood over the measured velocity.
    exponent : float
        Of the power law; infinite where all of the blood moves alike.
    """

    name: str
    factor: float
    exponent: float

    @property
    def shear_factor(self) -> float:
        """Wall shear rate times diameter over mean velocity; infinite for plug flow."""
        return 2.0 * (self.exponent + 2.0)

    @property
    def shear_per_factor(self) -> float:
        """Relative change of the wall shear rate, for a relative change of `factor`.

        With a measured axis and a factor k the shear rate is ``4 k / (1 - k)`` times the velocity
        over the diameter: it changes by ``1 / (1 - k)`` as much.
        """
        return 1.0 / (1.0 - self.factor) if self.factor < 1.0 else inf


def velocity_profile(profile: str, factor: float | None, exponent: float | None) -> VelocityProfile:
    """The profile that a user names.

    Parameters
    ----------
    profile : {"parabolic", "blunt", "plug", "power", "factor"}
    factor : float or None
        Mean over measured velocity, for ``"factor"``.
    exponent : float or None
        Of the power law, for ``"power"``.

    Raises
    ------
    ParameterError
        If the number that the profile needs is missing, or one is given that it does not use.

    Examples
    --------
    >>> parabola = velocity_profile("parabolic", None, None)
    >>> parabola.factor, parabola.shear_factor
    (0.5, 8.0)
    >>> round(velocity_profile("blunt", None, None).exponent, 2)
    3.33
    """
    for name, value, user in (
        ("profile_factor", factor, "factor"),
        ("profile_exponent", exponent, "power"),
    ):
        if value is not None and profile != user:
            raise ParameterError(
                f"{name}={value:g} is not allowed with profile={profile!r}: "
                f"give profile={user!r}, or leave it out"
            )
        if value is None and profile == user:
            raise ParameterError(f"{name}=None is not allowed with profile={user!r}: give a number")
    if exponent is not None:
        return VelocityProfile(
            f"power law, exponent {exponent:g}", exponent / (exponent + 2.0), exponent
        )
    if profile == "plug":
        return VelocityProfile("plug", 1.0, inf)
    if profile == "parabolic":
        return VelocityProfile("parabolic", 0.5, 2.0)
    if factor is None:
        return VelocityProfile("blunt (Baker and Wayland)", _BLUNT_FACTOR, _exponent(_BLUNT_FACTOR))
    return VelocityProfile(f"factor {factor:g}", factor, _exponent(factor))


def _exponent(factor: float) -> float:
    """Exponent of the power law whose mean is `factor` of the velocity on the axis."""
    return 2.0 * factor / (1.0 - factor) if factor < 1.0 else inf

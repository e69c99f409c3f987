"""Kymographs of two streams: two speeds on one line, above each other or side by side."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy.special import erf

from cloudscope.errors import ParameterError
from cloudscope.synthetic.allowed import not_negative, positive, whole
from cloudscope.synthetic.allowed import share as check_share
from cloudscope.synthetic.cells import check_cells
from cloudscope.synthetic.flow import Stream, check_snr
from cloudscope.synthetic.scan import Scan, StaticPattern, recorded
from cloudscope.synthetic.series import line_series

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["TwoStreamTruth", "two_stream_kymograph"]


@dataclass(frozen=True, eq=False, kw_only=True)
class TwoStreamTruth:
    """A kymograph of two streams and both velocities.

    Attributes
    ----------
    image : ndarray of float32, shape (lines, pixels)
        Read-only.
    velocity_um_per_s, second_velocity_um_per_s : ndarray of float64, shape (lines,)
        Positive towards larger columns; read-only.
    layout : {"superposed", "side by side"}
    share : float
        Of the contrast, or of the line, that belongs to the first stream.
    line_period_s, pixel_size_um, snr, noise_sd : float
        As of `VelocityTruth`, for both streams together.
    seed : int
    """

    image: NDArray[Any] = field(repr=False)
    velocity_um_per_s: NDArray[np.float64] = field(repr=False)
    second_velocity_um_per_s: NDArray[np.float64] = field(repr=False)
    layout: Literal["superposed", "side by side"]
    share: float
    line_period_s: float
    pixel_size_um: float
    snr: float
    noise_sd: float
    seed: int

    def __post_init__(self) -> None:
        for values in (self.image, self.velocity_um_per_s, self.second_velocity_um_per_s):
            values.flags.writeable = False


def two_stream_kymograph(
    velocity_um_per_s: ArrayLike,
    second_velocity_um_per_s: ArrayLike,
    *,
    lines: int | None = None,
    layout: Literal["superposed", "side by side"] = "superposed",
    share: float = 0.5,
    pixels: int = 64,
    line_period_s: float = 1e-3,
    pixel_size_um: float = 0.5,
    snr: float = 2.0,
    cell_length_um: tuple[float, float] = (3.0, 4.0),
    hematocrit: float = 0.45,
    blur_sigma_um: float = 0.4,
    background: float = 0.3,
    bleaching: float = 0.2,
    contrast: float = 0.6,
    brightness: float = 100.0,
    seed: int = 0,
) -> TwoStreamTruth:
    """A kymograph on which two trains of cells move at their own velocities.

    Superposed, as where two vessels cross above each other or layers of one slide past each
    other; or side by side, as where the line runs on from one vessel into another.

    Parameters
    ----------
    velocity_um_per_s, second_velocity_um_per_s : float or array_like, shape (lines,)
        Velocity of each stream (µm/s).
    lines : int, optional
        Number of lines, needed with single velocities.
    layout : {"superposed", "side by side"}
        Side by side, the first stream has the smaller columns.
    share : float
        Of the contrast, or of the line, for the first stream, between 0 and 1.
    pixels, line_period_s, pixel_size_um, snr, cell_length_um, hematocrit, blur_sigma_um
        As of `velocity_kymograph`, for each stream.
    background, bleaching, contrast, brightness, seed
        As of `velocity_kymograph`.

    Returns
    -------
    TwoStreamTruth

    Raises
    ------
    ParameterError
        Naming the parameter, its value and what is allowed.

    Examples
    --------
    >>> truth = two_stream_kymograph(800.0, -400.0, lines=300, layout="side by side", seed=1)
    >>> truth.image.shape, float(truth.second_velocity_um_per_s[0])
    ((300, 64), -400.0)
    """
    first = line_series("velocity_um_per_s", velocity_um_per_s, lines)
    second = line_series("second_velocity_um_per_s", second_velocity_um_per_s, first.size)
    whole(1, pixels=pixels)
    whole(0, seed=seed)
    positive(
        share=share,
        line_period_s=line_period_s,
        pixel_size_um=pixel_size_um,
        contrast=contrast,
        brightness=brightness,
    )
    check_snr(snr)
    not_negative(blur_sigma_um=blur_sigma_um)
    check_share(below_one=True, share=share)
    if not isinstance(layout, str) or layout not in ("superposed", "side by side"):
        raise ParameterError(
            f"layout={layout!r} is not allowed: give 'superposed' or 'side by side'"
        )
    check_cells(hematocrit, cell_length_um)
    scan = Scan(lines=first.size, pixels=pixels, bleaching=bleaching, seed=seed)
    rng = np.random.default_rng(seed)
    blur_px = blur_sigma_um / pixel_size_um
    streams = [
        Stream(
            velocity * (line_period_s / pixel_size_um),
            scan,
            rng,
            cell_px=(cell_length_um[0] / pixel_size_um, cell_length_um[1] / pixel_size_um),
            hematocrit=hematocrit,
            blur_px=blur_px,
            relative_speed=np.ones(pixels),
        )
        for velocity in (first, second)
    ]
    pattern = StaticPattern(scan, rng, background, 0.0, 1.0)
    place = np.arange(pixels, dtype=np.float64)[None]
    weight = np.full(pixels, share)
    if layout == "side by side":
        # The border is as blurred as everything else.
        away = share * pixels - 0.5 - np.arange(pixels)
        weight = 0.5 * (1.0 + erf(away / (np.sqrt(2.0) * max(blur_px, 0.1))))
    weights = (weight, 1.0 - weight)

    def clean(rows: slice) -> NDArray[np.float64]:
        cells: NDArray[np.float64] = sum(
            (w * stream.seen(rows, place) for w, stream in zip(weights, streams, strict=True)),
            start=np.zeros(()),
        )
        light: NDArray[np.float64] = (1.0 - contrast * cells) * pattern.at(place)
        return light

    variance = sum(w**2 * stream.std**2 for w, stream in zip(weights, streams, strict=True))
    noise_sd = brightness * contrast * float(np.sqrt(np.mean(variance))) / snr
    mean = float(np.mean(sum(w * s.mean for w, s in zip(weights, streams, strict=True))))
    return TwoStreamTruth(
        image=recorded(
            scan,
            clean,
            rng,
            brightness=brightness,
            noise_sd=noise_sd,
            reference=brightness * (1.0 - contrast * mean),
            detector=None,
        ),
        velocity_um_per_s=first,
        second_velocity_um_per_s=second,
        layout=layout,
        share=share,
        line_period_s=line_period_s,
        pixel_size_um=pixel_size_um,
        snr=snr,
        noise_sd=noise_sd,
        seed=seed,
    )

"""Recordings with results of known numbers, for tests of pools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cloudscope.acq_image import AcqImage
from tests.made_results import diameter_result, velocity_result


def measured(
    name: str,
    velocities: Sequence[float],
    *,
    status: Any = "ok",
    roi_id: int = 0,
    **experiment: Any,
) -> AcqImage:
    """A recording whose velocity has these values, one a window, and their median as headline."""
    image = AcqImage.from_array(
        np.zeros((400, 20), np.uint8), name=name, line_period_s=1e-3, pixel_size_um=0.5
    )
    if experiment:
        image.edit_experiment(**experiment)
    add_velocity(image, velocities, status=status, roi_id=roi_id)
    return image


def add_velocity(
    image: AcqImage, velocities: Sequence[float], *, status: Any = "ok", roi_id: int = 0
) -> None:
    bounds = (0, 400, 0, 20) if roi_id == 0 else image.roi(roi_id).bounds
    result = velocity_result(velocities, status=status)
    good = np.asarray(velocities, float)[np.broadcast_to(status, len(velocities)) == "ok"]
    summary = {"velocity_median_um_per_s": float(np.median(good)), "windows": len(velocities)}
    result = result.with_numbers(columns=result.columns, summary=summary)
    image.store(result.bound_to(bounds=bounds, channel=0, roi_id=roi_id, time_axis="rows"))


def add_diameter(image: AcqImage, diameters: Sequence[float]) -> None:
    result = diameter_result(diameters)
    summary = {"diameter_median_um": float(np.median(diameters))}
    result = result.with_numbers(columns=result.columns, summary=summary)
    image.store(result.bound_to(bounds=(0, 400, 0, 20), channel=0, roi_id=0, time_axis="rows"))


def two_conditions(animals: int = 3, seed: int = 0) -> list[AcqImage]:
    """Recordings of sham and drug, two of each in every animal, about 500 and 600 µm/s."""
    rng = np.random.default_rng(seed)
    images = []
    for animal in range(animals):
        for number in range(4):
            drug = number % 2
            values = rng.normal(600 if drug else 500, 20, 10 + 10 * number)
            images.append(
                measured(
                    f"m{animal}_{number}",
                    values,
                    condition="drug" if drug else "sham",
                    animal_id=f"m{animal}",
                    depth_um=50.0 * number,
                )
            )
    return images

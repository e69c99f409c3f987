"""A recording with a velocity, a diameter and what the experimenter knows, for exports."""

from __future__ import annotations

import cloudscope as cs


def with_results(image: cs.AcqImage) -> cs.AcqImage:
    """The recording with ROI 1, its velocity and diameter, and experimental metadata."""
    roi = image.add_roi(row_start=100, col_start=3, col_stop=20, name="vessel")
    image.analyze("radon_velocity", roi_id=roi.roi_id)
    image.analyze("diameter", roi_id=roi.roi_id, average_lines=20)
    image.edit_experiment(
        species="mouse", sex="female", age="12 weeks", animal_id="A89", region="cortex",
        strain="C57BL/6J", condition="28d AngII", note="=HYPERLINK(1)", depth_um=120,
        extra={"cage": "7"},
    )  # fmt: skip
    image.accepted = True
    return image

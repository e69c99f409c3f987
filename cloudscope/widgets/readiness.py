"""Whether a recording can be measured, and what it lacks."""

from __future__ import annotations

from cloudscope.acq_image import AcqImage

__all__ = ["lacks_scale", "what_is_missing"]


def lacks_scale(image: AcqImage | None) -> bool:
    """Whether a scale, which the user can set, is all that a measurement waits for.

    Examples
    --------
    >>> import numpy as np
    >>> lacks_scale(AcqImage.from_array(np.zeros((50, 8)), pixel_size_um=0.3)), lacks_scale(None)
    (True, False)
    """
    if image is None or image.header.frames > 1:
        return False
    return image.header.line_period_s is None or image.header.pixel_size_um is None


def what_is_missing(image: AcqImage | None) -> str:
    """Why nothing can be measured on a recording, in a sentence; ``""`` if it can.

    Examples
    --------
    >>> import numpy as np
    >>> what_is_missing(AcqImage.from_array(np.zeros((50, 8)), pixel_size_um=0.3))
    'The file does not say the line period: set it under Metadata to measure.'
    """
    if image is None:
        return "No recording is shown: choose one to measure."
    header = image.header
    if header.frames > 1:
        return (
            f"This file holds {header.frames:,} frames, not a line scan: it can be looked at, "
            "but there is nothing to measure along a line over time."
        )
    unknown = [
        words
        for words, value in (
            ("the line period", header.line_period_s),
            ("the pixel size", header.pixel_size_um),
        )
        if value is None
    ]
    if unknown:
        it = "it" if len(unknown) == 1 else "them"
        return f"The file does not say {' or '.join(unknown)}: set {it} under Metadata to measure."
    return ""

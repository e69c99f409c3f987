"""Folders of recordings whose first pixel says what becomes of the worker."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from cloudscope.acq_image_list import AcqImageList


def folder_of(path: Path, codes: Iterable[int]) -> AcqImageList:
    """One recording a code, named ``rec0.npy`` and so on, calibrated."""
    for number, code in enumerate(codes):
        pixels = np.random.default_rng(number).integers(100, 4000, (60, 16)).astype(np.uint16)
        pixels[0, :2] = code, number
        np.save(path / f"rec{number}.npy", pixels)
    folder = AcqImageList.from_folder(path)
    for image in folder:
        image.set_calibration(line_period_s=0.001, pixel_size_um=0.5)
        image.save()
    return folder

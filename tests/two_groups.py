"""Five recordings in two groups for the tests of blinding, and what of their names a text tells."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cloudscope.acq_image_list import AcqImageList

NAMES = ("sham/a12.npy", "sham/a2.npy", "drug/b7.npy", "drug/b8.npy", "drug/b9.npy")


def write_two_groups(root: Path) -> Path:
    """Five recordings in two groups below `root`, and a file that cannot be read."""
    rng = np.random.default_rng(3)
    for name in NAMES:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, rng.integers(0, 999, (300, 24)).astype("u2"))
    (root / "drug" / "broken1.tif").write_bytes(b"no tiff")
    for image in AcqImageList.from_folder(root):
        image.edit_experiment(condition=image.path.parent.name)
        image.set_calibration(line_period_s=0.001, pixel_size_um=0.5)
        image.save()
    return root


def leaked(text: str) -> list[str]:
    """What of the names, folders and groups stands in a text."""
    hidden = [Path(name).stem for name in NAMES]
    return [name for name in (*hidden, "broken1", "sham", "drug", "mouse 7") if name in text]

"""Small recordings on disk for the tests of models, batches and widgets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tifffile


def write_line_scan(
    path: Path, *, seed: int = 0, lines: int = 400, pixels: int = 24, calibrated: bool = True
) -> Path:
    """A noisy streak pattern as TIFF, with an Olympus-style text header where calibrated."""
    rng = np.random.default_rng(seed)
    train = rng.normal(0, 1, lines + pixels).cumsum()
    train -= np.convolve(train, np.ones(25) / 25, "same")
    streaks = train[np.arange(lines)[:, None] - np.arange(pixels)[None, :] + pixels]
    image = 400 + 80 * streaks + rng.normal(0, 20, (lines, pixels))
    tifffile.imwrite(path, np.clip(image, 0, 4095).astype(np.uint16))
    if calibrated:
        rows = [
            ("[General]", ""),
            ("Scan Mode", "XT"),
            ("[Image]", ""),
            ("Primary Dimensions", "X * T"),
            ("Image Size", f"{pixels} * {lines} [pixel]"),
            (
                "Image Size(Unit Converted)",
                f"{pixels * 0.5:.3f} [um] * {lines * 1.0:.3f} [ms]",
            ),
        ]
        text = "".join(f'"{key}"\t"{value}"\n' for key, value in rows)
        path.with_suffix(".txt").write_text(text, encoding="utf-8")
    return path

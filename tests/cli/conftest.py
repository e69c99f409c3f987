"""Recordings for the command line: small, calibrated, of known velocity."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile

from cloudscope.synthetic import velocity_kymograph

VELOCITIES_UM_PER_S = {"a.tif": 400.0, "b.tif": -700.0, "sub/c.tif": 250.0}
LINE_PERIOD_S = 0.001
PIXEL_SIZE_UM = 0.5


def write_recording(path: Path, array: np.ndarray, *, calibrated: bool = True) -> Path:
    """An ImageJ TIFF of lines × pixels."""
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {"unit": "um", "finterval": LINE_PERIOD_S} if calibrated else {}
    resolution = (1 / PIXEL_SIZE_UM, 1 / PIXEL_SIZE_UM) if calibrated else None
    tifffile.imwrite(path, array, imagej=True, resolution=resolution, metadata=metadata)
    return path


@pytest.fixture(scope="session")
def kymographs() -> dict[str, np.ndarray]:
    """Pixels of each recording, drawn once."""
    return {
        name: np.clip(
            velocity_kymograph(
                velocity,
                lines=1200,
                pixels=32,
                line_period_s=LINE_PERIOD_S,
                pixel_size_um=PIXEL_SIZE_UM,
                seed=seed,
            ).image,
            0,
            65535,
        ).astype("u2")
        for seed, (name, velocity) in enumerate(VELOCITIES_UM_PER_S.items())
    }


@pytest.fixture
def recordings(tmp_path: Path, kymographs: dict[str, np.ndarray]) -> Path:
    """A folder of three recordings, one of them in a sub-folder."""
    folder = tmp_path / "recordings"
    for name, array in kymographs.items():
        write_recording(folder / name, array)
    return folder


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command; its exit code, standard output and standard error."""
    from cloudscope.cli import main

    def run(*arguments: object) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run

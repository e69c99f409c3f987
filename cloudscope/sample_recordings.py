"""The recordings of the sample folder: how they are drawn and how their files look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.metadata import ExperimentMetadata
from cloudscope.sample import SampleRecording, SampleRoi, SampleTruth
from cloudscope.sample_formats import (
    imagej_bytes,
    olympus_text_bytes,
    ome_bytes,
    plain_tiff_bytes,
)
from cloudscope.synthetic import (
    DiameterTruth,
    VelocityTruth,
    detector_noise,
    diameter_kymograph,
    pulsatile_series,
    to_counts,
    velocity_kymograph,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["sample_files"]

_BRIGHTNESS, _DARK_COUNTS = 900.0, 60.0

Files = dict[str, bytes]
Drawn = tuple[SampleRecording, Files]


def sample_files() -> tuple[tuple[SampleRecording, ...], Files]:
    """The sample recordings and the content of their files by name."""
    drawn = (
        _capillary(),
        _two_vessels(),
        _two_channels(),
        _narrow(),
        _slow_venule(),
        _arteriole(),
    )
    files = {name: content for _, some in drawn for name, content in some.items()}
    return tuple(recording for recording, _ in drawn), files


def _velocity(truth: VelocityTruth, *, channel: int = 0, roi_id: int = 1) -> SampleTruth:
    start = np.arange(0, truth.velocity_um_per_s.size - 64 + 1, 16)
    median = float(np.median(truth.mean_velocity_um_per_s(start, start + 64)))
    return SampleTruth(
        analysis="radon_velocity",
        channel=channel,
        roi_id=roi_id,
        quantity="velocity_median_um_per_s",
        value=round(median, 3),
    )


def _diameter(truth: DiameterTruth, *, channel: int = 0, roi_id: int = 1) -> SampleTruth:
    return SampleTruth(
        analysis="diameter",
        channel=channel,
        roi_id=roi_id,
        quantity="diameter_median_um",
        value=round(truth.median_diameter_um, 4),
    )


def _roi(name: str, lines: int, col_start: int, col_stop: int, note: str = "") -> SampleRoi:
    return SampleRoi(
        name=name, row_start=0, row_stop=lines, col_start=col_start, col_stop=col_stop, note=note
    )


def _mouse(note: str, **fields: Any) -> ExperimentMetadata:
    return ExperimentMetadata(
        species="mouse",
        strain="synthetic",
        region="cortex",
        experimenter="cloudscope",
        note=f"Synthetic recording: {note}.",
        **fields,
    )


def _counts(image: NDArray[Any]) -> NDArray[np.uint16]:
    return to_counts(image, bits=12, offset=_DARK_COUNTS)


def _capillary() -> Drawn:
    lines, pixels, period, pixel = 6000, 40, 1.2e-3, 0.3
    truth = velocity_kymograph(
        pulsatile_series(lines, mean=-820.0, line_period_s=period, rate_hz=7.0, amplitude=0.15),
        pixels=pixels,
        line_period_s=period,
        pixel_size_um=pixel,
        cell_length_um=(2.4, 3.2),
        snr=3.0,
        brightness=_BRIGHTNESS,
        seed=11,
    )
    recording = SampleRecording(
        file="01_capillary.tif",
        line_period_s=period,
        pixel_size_um=pixel,
        experiment=_mouse(
            "pulsatile flow in a capillary",
            sex="female",
            age="12 weeks",
            animal_id="S1",
            vessel_id="C1",
            vessel_type="capillary",
            branch_order=3,
            depth_um=120,
            condition="baseline",
            date="2026-01-15",
        ),
        rois=(_roi("capillary", lines, 0, pixels),),
        truths=(_velocity(truth),),
    )
    return recording, {recording.file: imagej_bytes(_counts(truth.image), period, pixel)}


def _two_vessels() -> Drawn:
    lines, period, pixel = 6000, 1.0e-3, 0.5
    common: dict[str, Any] = {
        "line_period_s": period,
        "pixel_size_um": pixel,
        "brightness": _BRIGHTNESS,
    }
    first = velocity_kymograph(
        pulsatile_series(lines, mean=950.0, rate_hz=7.5, amplitude=0.15),
        pixels=36,
        snr=3.0,
        seed=21,
        **common,
    )
    second = velocity_kymograph(
        pulsatile_series(lines, mean=-310.0, rate_hz=7.5, amplitude=0.15),
        pixels=32,
        snr=2.5,
        seed=22,
        **common,
    )
    tissue = detector_noise(
        np.full((lines, 10), 0.15 * _BRIGHTNESS), 0.1 * _BRIGHTNESS, np.random.default_rng(23)
    )
    image = _counts(np.hstack([first.image, tissue, second.image]))
    recording = SampleRecording(
        file="02_two_vessels.tif",
        line_period_s=period,
        pixel_size_um=pixel,
        experiment=_mouse(
            "two vessels on one line, flowing opposite ways",
            sex="male",
            age="14 weeks",
            animal_id="S2",
            vessel_id="C2, C3",
            vessel_type="capillary",
            branch_order=4,
            depth_um=180,
            condition="baseline",
            date="2026-01-15",
        ),
        rois=(
            _roi("towards", lines, 0, 36, "cells move to larger columns"),
            _roi("away", lines, 46, 78, "cells move to smaller columns"),
        ),
        truths=(_velocity(first), _velocity(second, roi_id=2)),
    )
    name = recording.file.removesuffix(".tif")
    return recording, {
        recording.file: plain_tiff_bytes(image),
        f"{name}.txt": olympus_text_bytes(name, image.shape, period, pixel, "FITC"),
    }


def _two_channels() -> Drawn:
    """A line bent on purpose: first along the vessel, then across it; cells and plasma apart."""
    lines, along, across, period, pixel = 5000, 48, 64, 1.0e-3, 0.4
    series = pulsatile_series(lines, mean=620.0, rate_hz=8.0, amplitude=0.15)
    common: dict[str, Any] = {"line_period_s": period, "pixel_size_um": pixel, "seed": 31}
    options: dict[str, Any] = {"pixels": along, "snr": 2.5, "brightness": _BRIGHTNESS, **common}
    # One seed is one train of cells: the cells of one channel are the gaps of the other.
    cells = velocity_kymograph(series, bright_cells=True, **options)
    plasma = velocity_kymograph(series, **options)
    lumen = diameter_kymograph(
        pulsatile_series(lines, mean=9.0, amplitude=0.05, drift=0.08),
        pixels=across,
        psf_sigma_um=0.4,
        axial_sigma_um=1.2,
        snr=8.0,
        brightness=0.8 * _BRIGHTNESS,
        **common,
    )
    unlabelled = detector_noise(
        np.full((lines, across), 0.1 * _BRIGHTNESS), 0.08 * _BRIGHTNESS, np.random.default_rng(32)
    )
    image = np.stack(
        [
            _counts(np.hstack([cells.image, unlabelled])),
            _counts(np.hstack([plasma.image, lumen.image])),
        ]
    )
    recording = SampleRecording(
        file="03_two_channels.ome.tif",
        line_period_s=period,
        pixel_size_um=pixel,
        experiment=_mouse(
            "labelled cells (channel 0) and plasma (channel 1), along and then across a vessel",
            sex="female",
            age="10 weeks",
            animal_id="S3",
            vessel_id="A1",
            vessel_type="arteriole",
            branch_order=1,
            depth_um=90,
            condition="baseline",
            date="2026-01-16",
        ),
        rois=(
            _roi("along", lines, 0, along, "velocity"),
            _roi("across", lines, along, along + across, "diameter, channel 1"),
        ),
        truths=(
            _velocity(cells),
            _velocity(plasma, channel=1),
            _diameter(lumen, channel=1, roi_id=2),
        ),
    )
    return recording, {recording.file: ome_bytes(image, period, pixel, ("cells", "plasma"))}


def _narrow() -> Drawn:
    lines, pixels, period, pixel = 12000, 9, 1.1e-3, 0.8
    truth = velocity_kymograph(
        pulsatile_series(lines, mean=1650.0, line_period_s=period, rate_hz=6.0, amplitude=0.15),
        pixels=pixels,
        line_period_s=period,
        pixel_size_um=pixel,
        cell_length_um=(5.0, 7.0),
        snr=1.2,
        brightness=_BRIGHTNESS,
        seed=41,
    )
    image = _counts(truth.image)
    recording = SampleRecording(
        file="04_narrow_and_weak.tif",
        line_period_s=period,
        pixel_size_um=pixel,
        experiment=_mouse(
            "nine pixels, weak signal, fast flow: hard for any method",
            sex="male",
            age="11 weeks",
            animal_id="S4",
            vessel_id="C4",
            vessel_type="capillary",
            branch_order=5,
            depth_um=310,
            condition="stimulation",
            treatment="whisker air puff",
            date="2026-01-16",
        ),
        rois=(_roi("capillary", lines, 0, pixels),),
        truths=(_velocity(truth),),
    )
    name = recording.file.removesuffix(".tif")
    return recording, {
        recording.file: plain_tiff_bytes(image),
        f"{name}.txt": olympus_text_bytes(name, image.shape, period, pixel, "FITC"),
    }


def _slow_venule() -> Drawn:
    lines, pixels, period, pixel = 6000, 100, 1.0e-3, 0.5
    truth = velocity_kymograph(
        pulsatile_series(lines, mean=140.0, rate_hz=1.5, amplitude=0.2, drift=0.2),
        pixels=pixels,
        line_period_s=period,
        pixel_size_um=pixel,
        snr=2.0,
        background=0.6,
        brightness=_BRIGHTNESS,
        seed=51,
    )
    recording = SampleRecording(
        file="05_slow_venule.tif",
        line_period_s=period,
        pixel_size_um=pixel,
        experiment=_mouse(
            "slow flow under a strong static pattern",
            sex="female",
            age="13 weeks",
            animal_id="S5",
            vessel_id="V1",
            vessel_type="venule",
            depth_um=70,
            condition="baseline",
            date="2026-01-17",
        ),
        rois=(_roi("venule", lines, 0, pixels),),
        truths=(_velocity(truth),),
    )
    return recording, {recording.file: imagej_bytes(_counts(truth.image), period, pixel)}


def _arteriole() -> Drawn:
    lines, pixels, period, pixel = 6000, 120, 1.0e-3, 0.3
    seconds = np.arange(lines) * period
    dilation = 1.0 + 0.18 / (1.0 + np.exp(-(seconds - 2.0) / 0.25)) * np.exp(
        -np.maximum(seconds - 2.5, 0.0) / 2.0
    )
    beat = pulsatile_series(lines, mean=1.0, rate_hz=8.0, amplitude=0.025, drift=0.0)
    truth = diameter_kymograph(
        15.0 * dilation * beat,
        pixels=pixels,
        line_period_s=period,
        pixel_size_um=pixel,
        centre_um=17.5 + 0.8 * np.sin(2 * np.pi * 0.4 * seconds),
        psf_sigma_um=0.4,
        axial_sigma_um=2.0,
        snr=6.0,
        brightness=_BRIGHTNESS,
        seed=61,
    )
    recording = SampleRecording(
        file="06_dilating_arteriole.tif",
        line_period_s=period,
        pixel_size_um=pixel,
        experiment=_mouse(
            "line across an arteriole that dilates after a stimulus",
            sex="male",
            age="12 weeks",
            animal_id="S6",
            vessel_id="A2",
            vessel_type="arteriole",
            branch_order=0,
            depth_um=60,
            condition="stimulation",
            treatment="whisker air puff",
            date="2026-01-17",
        ),
        rois=(_roi("arteriole", lines, 0, pixels),),
        truths=(_diameter(truth),),
    )
    return recording, {recording.file: imagej_bytes(_counts(truth.image), period, pixel)}

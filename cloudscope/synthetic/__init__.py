"""Kymographs with known truth: for trying the analyses, testing them and teaching.

Everything is deterministic by seed, in physical units, and follows the axis convention of the
package: rows are lines in time, columns are positions, a velocity is positive when cells move
towards larger column numbers.

Examples
--------
>>> truth = velocity_kymograph(800.0, lines=500, pixels=40, seed=1)
>>> truth.image.shape, truth.median_velocity_um_per_s
((500, 40), 800.0)
"""

from __future__ import annotations

from cloudscope.synthetic.beats import BeatSeriesTruth, beat_series
from cloudscope.synthetic.cells import CellTrain
from cloudscope.synthetic.coupled import CoupledTruth, coupled_traces
from cloudscope.synthetic.detector import Detector, detector_noise, to_counts
from cloudscope.synthetic.events import (
    EventSeriesTruth,
    FlowEvent,
    event_series,
    random_events,
)
from cloudscope.synthetic.flow import velocity_kymograph
from cloudscope.synthetic.series import pulsatile_series
from cloudscope.synthetic.streams import TwoStreamTruth, two_stream_kymograph
from cloudscope.synthetic.transients import TransientTruth, transient_kymograph
from cloudscope.synthetic.velocity_truth import VelocityTruth
from cloudscope.synthetic.vessel import DiameterTruth, diameter_kymograph
from cloudscope.synthetic.volume_flow import VolumeFlowTruth, volume_flow_kymograph

__all__ = [
    "BeatSeriesTruth",
    "CellTrain",
    "CoupledTruth",
    "Detector",
    "DiameterTruth",
    "EventSeriesTruth",
    "FlowEvent",
    "TransientTruth",
    "TwoStreamTruth",
    "VelocityTruth",
    "VolumeFlowTruth",
    "beat_series",
    "coupled_traces",
    "detector_noise",
    "diameter_kymograph",
    "event_series",
    "pulsatile_series",
    "random_events",
    "to_counts",
    "transient_kymograph",
    "two_stream_kymograph",
    "velocity_kymograph",
    "volume_flow_kymograph",
]

"""Settings of the microscope as a value."""

from __future__ import annotations

import json
import math
import pickle

import pytest

from cloudscope.metadata import ImageHeader
from cloudscope.optics import Detector, Laser, Optics, number

OPTICS = Optics(
    microscope="FVMPE-RS",
    objective="XLPLN25XWMP2",
    magnification=25,
    numerical_aperture=1.05,
    zoom=3.5,
    dwell_time_s=2e-6,
    lasers=(Laser(wavelength_nm=820, power_percent=9),),
    detectors=(Detector(name="RNDD2", voltage_v=299),),
)


def test_it_survives_json_and_processes_within_its_header():
    header = ImageHeader(
        format="x", kind="line_scan", lines=2, pixels=2, bidirectional=True, optics=OPTICS,
        image_index=2, image_count=3, image_name="scan",
    )  # fmt: skip
    again = ImageHeader.from_dict(json.loads(json.dumps(header.to_dict())))
    assert again == header
    assert pickle.loads(pickle.dumps(header)) == header


def test_what_a_newer_version_says_besides_is_passed_by():
    values = OPTICS.to_dict() | {"pinhole_um": 80}
    values["lasers"] = [values["lasers"][0] | {"pulsed": True}]
    assert Optics.from_dict(values) == OPTICS


def test_nothing_known_is_false_and_shows_nothing():
    assert not Optics()
    assert Optics().rows() == []
    assert OPTICS


@pytest.mark.parametrize("value", [None, True, "", "25x", math.nan, math.inf, object()])
def test_what_is_no_number_is_not_known(value):
    assert number(value) is None
    assert number(-1, positive=True) is None
    assert number(-1, least=0) is None

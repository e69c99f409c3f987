from __future__ import annotations

from pathlib import Path

import pytest

from cloudscope import sidecar
from cloudscope.errors import SidecarError


def test_the_files_next_to_a_recording_have_the_documented_names():
    assert sidecar.sidecar_path("a/my_file.tif") == Path("a/my_file.tif.json")
    assert sidecar.table_path("a/my_file.tif", "diameter") == Path("a/my_file.tif.diameter.csv")


@pytest.mark.parametrize("analysis", ["../x", "a/b", "", "a.b", "a\n", "ä", "a\\b"])
def test_an_analysis_cannot_lead_out_of_the_folder(analysis):
    with pytest.raises(SidecarError, match="cannot be part of a file name"):
        sidecar.table_path("my_file.tif", analysis)


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("my_file.tif", False),
        ("my_file.tif.json", True),
        ("my_file.tif.radon_velocity.csv", True),
        ("my_file.tif.json.unreadable-20260131T120000", True),
        ("my_file.tif.diameter.csv.kept-20260131T120000-2", True),
        (".cloudscope.lock", True),
        (".cloudscope-0123456789abcdef.tmp", True),
        ("settings.json", False),
        ("animals.csv", False),
        ("animals.v2.csv", False),
        ("my_file.txt", False),
        ("a b#%<&.lsm.json", True),
    ],
)
def test_a_scan_tells_sidecars_from_recordings(name, ours):
    assert sidecar.is_sidecar(Path("folder") / name) is ours

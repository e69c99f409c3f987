"""Detection parameters under a name: of a folder, and of a user."""

from __future__ import annotations

from pathlib import Path

import pytest

import cloudscope as cs
from cloudscope.errors import ParameterError, PresetError, UnknownNameError
from cloudscope.folder_settings import FolderSettings
from cloudscope.presets import forget_preset, keep_preset, own_presets, presets_of
from cloudscope.synthetic import velocity_kymograph
from tests.recordings import write_line_scan

TOML = """
[presets.radon_velocity."fast capillary"]
window_lines = 32
step_lines = 8

[presets.diameter.rough]
average_lines = 4
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLOUDSCOPE_STATE", str(tmp_path / "state"))
    return tmp_path / "state" / "presets.json"


def test_what_is_kept_is_had_again_with_every_value_of_its_day(place: Path) -> None:
    assert own_presets("radon_velocity") == {}
    assert keep_preset("radon_velocity", "  slow   venule ", {"window_lines": 128}) == "slow venule"
    keep_preset("radon_velocity", "Fast", {"window_lines": 32})
    kept = own_presets("radon_velocity")
    assert list(kept) == ["Fast", "slow venule"]
    assert kept["slow venule"]["window_lines"] == 128
    assert kept["slow venule"]["step_lines"] == 16
    assert own_presets("diameter") == {}
    forget_preset("radon_velocity", "Fast")
    assert list(own_presets("radon_velocity")) == ["slow venule"]
    with pytest.raises(UnknownNameError, match="'Fast' of radon_velocity"):
        forget_preset("radon_velocity", "Fast")


def test_a_preset_measures_as_its_parameters_do() -> None:
    truth = velocity_kymograph(500.0, lines=1000, snr=4.0, seed=1)
    image = cs.AcqImage.from_array(truth.image, line_period_s=1e-3, pixel_size_um=0.5)
    keep_preset("radon_velocity", "fast", {"window_lines": 32, "step_lines": 8})
    result = image.analyze("radon_velocity", **presets_of("radon_velocity")["fast"])
    direct = image.analyze("radon_velocity", window_lines=32, step_lines=8)
    assert result.parameters == direct.parameters
    assert result.summary == direct.summary


def test_a_folder_declares_its_own_and_they_hold_over_the_users(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    folder.mkdir()
    write_line_scan(folder / "scan.tif")
    (folder / "cloudscope.toml").write_text(TOML)
    keep_preset("radon_velocity", "fast capillary", {"window_lines": 16})
    keep_preset("radon_velocity", "mine", {"window_lines": 48})
    found = presets_of("radon_velocity", cs.AcqImageList.from_folder(folder).settings)
    assert found["fast capillary"] == {"window_lines": 32, "step_lines": 8}
    assert found["mine"]["window_lines"] == 48


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("[presets.radon_velocty.fast]\nwindow_lines = 32", "radon_velocity"),
        ("[presets.radon_velocity.fast]\nwindow_line = 32", "did you mean window_lines"),
        ("[presets.radon_velocity.fast]\nwindow_lines = -3", "window_lines=-3"),
        ("[presets]\nradon_velocity = 3", "presets"),
        ("[presets.radon_velocity]\nfast = 3", "fast"),
    ],
)
def test_a_mistake_of_the_folder_is_one_sentence_and_the_folder_opens(
    tmp_path: Path, toml: str, said: str
) -> None:
    write_line_scan(tmp_path / "scan.tif")
    (tmp_path / "cloudscope.toml").write_text(toml)
    folder = cs.AcqImageList.from_folder(tmp_path)
    assert len(folder.images) == 1
    (failure,) = folder.failures
    assert failure.name == "cloudscope.toml"
    assert said in failure.reason
    assert "\n" not in failure.reason
    assert folder.settings == FolderSettings()


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\x00b"])
def test_a_name_has_to_be_one(name: str, place: Path) -> None:
    with pytest.raises(ParameterError, match="name="):
        keep_preset("radon_velocity", name, {})
    assert not place.exists()


def test_a_value_that_is_not_allowed_is_not_kept(place: Path) -> None:
    with pytest.raises(ParameterError, match="window_lines"):
        keep_preset("radon_velocity", "bad", {"window_lines": -1})
    assert not place.exists()


@pytest.mark.parametrize("content", [b"{", b'{"version": 9, "presets": {}}', b"[1, 2]", b"\xff"])
def test_a_file_that_cannot_be_understood_is_said_and_left_as_it_is(
    place: Path, content: bytes
) -> None:
    place.parent.mkdir(parents=True)
    place.write_bytes(content)
    for action in (
        lambda: own_presets("diameter"),
        lambda: keep_preset("diameter", "mine", {}),
        lambda: forget_preset("diameter", "mine"),
    ):
        with pytest.raises(PresetError, match="move it away"):
            action()
    assert place.read_bytes() == content


def test_where_nothing_is_to_be_kept_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDSCOPE_STATE", "off")
    assert presets_of("diameter") == {}
    with pytest.raises(PresetError, match="CLOUDSCOPE_STATE is off"):
        keep_preset("diameter", "mine", {})

"""Settings of a form under a name: chosen, kept, forgotten, and never mistaken."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloudscope.folder_settings import FolderSettings
from cloudscope.presets import keep_preset, own_presets
from cloudscope.widgets.parameter_form import ParameterForm
from cloudscope.widgets.preset_choice import PresetChoice

DECLARED = {"presets": {"radon_velocity": {"fast": {"window_lines": 32}}}}


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLOUDSCOPE_STATE", str(tmp_path))
    return tmp_path / "presets.json"


def titles(choice: PresetChoice) -> list[str]:
    return [title for title, _ in choice.choice.options]


def pick(choice: PresetChoice, title: str) -> None:
    choice.choice.value = dict(choice.choice.options)[title]


def test_a_choice_fills_the_form_and_says_what_the_form_is() -> None:
    form = ParameterForm("radon_velocity")
    choice = PresetChoice(form)
    choice.offer(FolderSettings.from_dict(DECLARED))
    assert titles(choice) == ["defaults", "fast (this folder)"]
    pick(choice, "fast (this folder)")
    assert form.changed == {"window_lines": 32}
    form.values = {"window_lines": 40}
    assert choice.choice.label == "as set here"
    form.values = {"window_lines": 32}
    assert choice.choice.label == "fast (this folder)"
    pick(choice, "defaults")
    assert form.changed == {}
    assert titles(choice) == ["defaults", "fast (this folder)"]


def test_settings_are_kept_by_name_and_forgotten() -> None:
    form = ParameterForm("radon_velocity")
    choice = PresetChoice(form)
    form.values = {"window_lines": 48}
    choice.keep_button.click()
    choice.name.value = " slow venule "
    choice.kept_button.click()
    assert choice.choice.label == "slow venule"
    assert own_presets("radon_velocity")["slow venule"]["window_lines"] == 48
    other = PresetChoice(ParameterForm("radon_velocity"))
    pick(other, "slow venule")
    assert other._form.changed == {"window_lines": 48}
    choice.forget_button.click()
    assert choice.choice.label == "as set here"  # the form stays as it is
    assert own_presets("radon_velocity") == {}
    other.forget_button.click()  # it is gone already
    assert "there is no preset 'slow venule'" in other._field.error


def test_what_is_not_kept_is_said_at_the_name(state: Path) -> None:
    form = ParameterForm("radon_velocity")
    choice = PresetChoice(form)
    choice.offer(FolderSettings.from_dict(DECLARED))
    choice.keep_button.click()
    for name, said in (("", "name="), (" fast ", "declared by the folder")):
        choice.name.value = name
        choice.kept_button.click()
        assert said in choice.name_field.error
    form.field("window_lines").control.value = -3
    choice.name.value = "mine"
    choice.kept_button.click()
    assert "window_lines" in choice.name_field.error
    assert not state.exists()


def test_a_file_that_cannot_be_read_is_said_and_the_folder_is_still_offered(state: Path) -> None:
    state.write_text("{")
    choice = PresetChoice(ParameterForm("radon_velocity"))
    choice.offer(FolderSettings.from_dict(DECLARED))
    assert "presets.json" in choice._field.error
    assert titles(choice) == ["defaults", "fast (this folder)"]


def test_a_preset_of_an_older_day_that_is_not_allowed_now_is_refused(state: Path) -> None:
    keep_preset("radon_velocity", "old", {"window_lines": 48})
    state.write_text(state.read_text().replace("48", "-48"))
    form = ParameterForm("radon_velocity")
    choice = PresetChoice(form)
    pick(choice, "old")
    assert "window_lines" in choice._field.error
    assert choice.choice.label == "defaults"
    assert form.changed == {}


def test_locked_parameters_offer_no_presets() -> None:
    form = ParameterForm("radon_velocity")
    choice = PresetChoice(form)
    form.locked = "read blind"
    assert choice.layout.display == "none"
    form.locked = ""
    assert choice.layout.display is None

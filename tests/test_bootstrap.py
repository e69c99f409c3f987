"""From a bare clone to an environment: what is decided, and what is said when it cannot be."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cloudscope import bootstrap

ROOT = Path(__file__).resolve().parents[1]


def test_an_old_python_is_told_which_one_is_needed() -> None:
    with pytest.raises(bootstrap.BootstrapError, match=r"this is Python 3\.9\.2 .* needs 3\.11"):
        bootstrap.check_python((3, 9, 2))
    bootstrap.check_python((3, 11, 0))


def test_the_modules_before_the_check_run_on_old_pythons() -> None:
    import ast

    for name in ("__init__", "__main__", "bootstrap"):
        source = (ROOT / "cloudscope" / f"{name}.py").read_text(encoding="utf-8")
        ast.parse(source, feature_version=(3, 7))


def test_requirements_come_from_pyproject_with_nested_extras() -> None:
    app, test = bootstrap._requirements("app"), bootstrap._requirements("test")
    assert {"numpy", "voila", "jupyterlab"} <= set(app)
    assert set(app) <= set(test)
    assert "pytest" in test
    assert not any(name.startswith("cloudscope") for name in test)


def test_what_is_missing_is_found_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bootstrap, "_requirements", lambda extra: ["numpy", "no-such-thing"])
    assert bootstrap.missing_requirements("app", tmp_path) == ["no-such-thing"]


def test_an_installed_package_makes_no_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bootstrap, "CLONE", tmp_path)
    assert bootstrap.missing_requirements("app") == []


def test_no_way_to_make_an_environment_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(bootstrap.BootstrapError, match="sudo apt install python3-venv"):
        bootstrap.prepared_python("app", tmp_path / "env")
    assert not (tmp_path / "env").exists()


def test_half_an_environment_is_taken_away(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment = tmp_path / "env"

    def fails(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        environment.mkdir()
        return subprocess.CompletedProcess(command, 1, stdout="no space left\n")

    monkeypatch.setattr("subprocess.run", fails)
    with pytest.raises(bootstrap.BootstrapError, match="no space left"):
        bootstrap.prepared_python("app", environment)
    assert not environment.exists()


def test_a_ready_environment_is_not_made_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    installed: list[str] = []

    def make(environment: Path) -> None:
        python = bootstrap._python_of(environment)
        python.parent.mkdir(parents=True)
        python.write_text("")

    monkeypatch.setattr(bootstrap, "_make", make)
    monkeypatch.setattr(bootstrap, "_install", lambda python, what: installed.append(what))
    first = bootstrap.prepared_python("app", tmp_path / "env")
    assert bootstrap.prepared_python("app", tmp_path / "env") == first
    assert installed == [f"{ROOT}[app]"]
    bootstrap.prepared_python("test", tmp_path / "env")
    assert len(installed) == 2
    monkeypatch.setattr(bootstrap, "_fingerprint", lambda: "of another pyproject.toml")
    bootstrap.prepared_python("app", tmp_path / "env")
    assert len(installed) == 3


def test_pip_that_fails_gives_its_last_words(tmp_path: Path) -> None:
    pip = tmp_path / "pip.py"
    pip.write_text("import sys; print('no matching distribution'); sys.exit(1)")
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\nexec {sys.executable} {pip}\n")
    python.chmod(0o755)
    if os.name != "posix":
        pytest.skip("scripts as POSIX has them")
    with pytest.raises(bootstrap.BootstrapError, match="no matching distribution"):
        bootstrap._install(python, "x")


@pytest.mark.parametrize("arguments", [[], ["--help"], ["--version"], ["analyze", "--help"]])
def test_help_needs_no_environment(arguments: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-m", "cloudscope", *arguments],  # -S: a Python with no packages
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    assert "cloudscope" in done.stdout
    assert done.stderr == ""

"""The command line as such: help, version, errors, exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import cloudscope
from cloudscope import cli

ROOT = Path(__file__).resolve().parents[2]
Command = Callable[..., tuple[int, str, str]]


def test_without_a_command_it_explains_itself(command: Command) -> None:
    code, out, _ = command()
    assert code == 0
    assert all(name in out for name in cli.COMMANDS)
    assert "examples:" in out


def test_version(command: Command) -> None:
    assert command("--version")[:2] == (0, f"cloudscope {cloudscope.__version__}\n")


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_each_command_has_help_with_examples(command: Command, name: str) -> None:
    code, out, _ = command(name, "--help")
    assert code == 0
    assert f"usage: cloudscope {name}" in out
    assert f"  cloudscope {name}" in out.split("examples:")[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["mesure"], "invalid choice: 'mesure'"),
        (["info"], "FILE"),
        (["info", "a.tif", "--jsn"], "unrecognized arguments: --jsn"),
        (["open", ".", "--port", "0"], "give a number from 1 to 65535"),
        (["open", ".", "--port", "http"], "give a number from 1 to 65535"),
    ],
)
def test_a_wrong_command_line_is_exit_code_2(
    command: Command, arguments: list[str], words: str
) -> None:
    code, out, err = command(*arguments)
    assert code == 2
    assert out == ""
    assert words in err


def test_an_expected_error_is_one_sentence_and_no_traceback(
    command: Command, tmp_path: Path
) -> None:
    code, out, err = command("info", tmp_path / "absent.tif")
    assert (code, out) == (1, "")
    assert err == f"cloudscope info: {tmp_path / 'absent.tif'}: there is no such file\n"


def test_ctrl_c_is_exit_code_130(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(options: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("cloudscope.cli.info.run", interrupted)
    code, _, err = command("info", "a.tif")
    assert code == 130
    assert "stopped" in err


@pytest.mark.skipif(os.name != "posix", reason="pipes as POSIX has them")
def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    program = f"{sys.executable} -m cloudscope analyze --list | head -1"
    done = subprocess.run(program, shell=True, capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.startswith("radon_velocity: ")
    assert done.stderr == ""

"""From a bare clone to a working environment, with the standard library alone.

A clone's first command must work with any Python 3.11+, also where the system's Python forbids
``pip install`` (Debian, Ubuntu, Homebrew). So it makes ``.venv`` in the clone, installs cloudscope
and what it needs there, and runs in it; later runs find the environment ready. The names of the
requirements stand in ``pyproject.toml`` only.

``python3 -m cloudscope.bootstrap test`` prepares the environment with the ``test`` extra and prints
the path of its Python.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

__all__ = [
    "BootstrapError",
    "check_python",
    "missing_requirements",
    "prepared_python",
    "run_in_environment",
]

OLDEST_PYTHON = (3, 11)
CLONE = Path(__file__).resolve().parents[1]
ENVIRONMENT = CLONE / ".venv"


class BootstrapError(Exception):
    """The environment cannot be made; the text is one sentence that says what to do."""


def check_python(version: tuple[int, ...] = tuple(sys.version_info[:3])) -> None:
    """Refuse a Python that is too old.

    Raises
    ------
    BootstrapError
        Naming the version found and the one needed.
    """
    if version < OLDEST_PYTHON:
        found = ".".join(map(str, version))
        needed = ".".join(map(str, OLDEST_PYTHON))
        raise BootstrapError(
            f"this is Python {found} ({sys.executable}), and cloudscope needs {needed} or newer: "
            f"run the same command with a newer one, for example python{needed}"
        )


def _requirements(extra: str) -> list[str]:
    """Distribution names that the package and its `extra` need, from pyproject.toml."""
    import tomllib

    project = tomllib.loads((CLONE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    names, pending = [], [*project["dependencies"], *extras[extra]]
    while pending:
        requirement = pending.pop(0)
        own = re.match(r"cloudscope\[(.+)\]", requirement)
        if own:
            for name in own[1].split(","):
                pending += extras[name.strip()]
        else:
            names.append(re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0])
    return names


def missing_requirements(extra: str, environment: Path = ENVIRONMENT) -> list[str]:
    """What this Python lacks of a clone's requirements; nothing for an installed package.

    An installed package got its requirements from the installer, and says itself if an optional
    one is wanted. The clone's own environment, once made, is taken as it is.
    """
    if not (CLONE / "pyproject.toml").is_file():
        return []
    if Path(sys.prefix).resolve() == environment.resolve() and _is_ready(extra, environment):
        return []
    from importlib.metadata import PackageNotFoundError, distribution

    missing = []
    for name in _requirements(extra):
        try:
            distribution(name)
        except PackageNotFoundError:
            missing.append(name)
    return missing


def run_in_environment(extra: str, arguments: list[str]) -> int:
    """Run ``python ARGUMENTS`` in the clone's own environment, made first if need be.

    On POSIX this process becomes that one and the call does not return.

    Raises
    ------
    BootstrapError
        If the environment cannot be made.
    """
    command = [str(prepared_python(extra)), *arguments]
    if os.name == "posix":
        os.execv(command[0], command)
    return subprocess.run(command, check=False).returncode


def prepared_python(extra: str, environment: Path = ENVIRONMENT) -> Path:
    """Python of the clone's own environment with `extra` installed, made first if need be.

    A mark in the environment remembers which ``pyproject.toml`` it was made for.

    Raises
    ------
    BootstrapError
        If the environment cannot be made.
    """
    python = _python_of(environment)
    if _is_ready(extra, environment):
        return python
    if not python.exists():
        _say(f"making an environment of its own in {environment}")
        _make(environment)
    _say("installing what cloudscope needs there (once; needs the network; about a minute)")
    _install(python, f"{CLONE}[{extra}]")
    _mark_of(extra, environment).write_text(_fingerprint(), encoding="utf-8")
    return python


def _mark_of(extra: str, environment: Path) -> Path:
    return environment / f"cloudscope-{extra}"


def _fingerprint() -> str:
    return hashlib.sha256((CLONE / "pyproject.toml").read_bytes()).hexdigest()


def _is_ready(extra: str, environment: Path) -> bool:
    mark = _mark_of(extra, environment)
    return (
        _python_of(environment).exists()
        and mark.is_file()
        and mark.read_text(encoding="utf-8") == _fingerprint()
    )


def _say(sentence: str) -> None:
    print(f"cloudscope: {sentence}", file=sys.stderr, flush=True)


def _python_of(environment: Path) -> Path:
    if os.name == "nt":
        return environment / "Scripts" / "python.exe"
    return environment / "bin" / "python"


def _make(environment: Path) -> None:
    """Make a virtual environment with pip in it, with whatever tool there is."""
    uv, virtualenv = shutil.which("uv"), shutil.which("virtualenv")
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        command = [sys.executable, "-m", "venv", str(environment)]
    elif uv:
        command = [uv, "venv", "--quiet", "--seed", "--python", sys.executable, str(environment)]
    elif virtualenv:
        command = [virtualenv, "--quiet", "--python", sys.executable, str(environment)]
    else:
        raise BootstrapError(
            f"this Python ({sys.executable}) cannot make environments: install its venv module "
            f"(on Debian and Ubuntu: sudo apt install python3-venv), then run the same command"
        )
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        failed = done.returncode != 0
    except KeyboardInterrupt:
        shutil.rmtree(environment, ignore_errors=True)
        raise
    if failed:
        # Half an environment would look like a whole one to the next run.
        shutil.rmtree(environment, ignore_errors=True)
        raise BootstrapError(f"{environment} could not be made:\n{done.stdout.strip()}")


def _install(python: Path, what: str) -> None:
    """``pip install -e WHAT``, with one line of progress; pip's own words only if it fails."""
    command = [
        str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input",
        "--progress-bar", "off", "--editable", what,
    ]  # fmt: skip
    said: list[str] = []
    live = sys.stderr.isatty()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            said.append(line)
            if live:
                width = shutil.get_terminal_size().columns - 1
                print(f"\r\033[K{line.strip()[:width]}", end="", file=sys.stderr, flush=True)
    if live:
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    if pip.returncode != 0:
        tail = "".join(said[-15:]).rstrip()
        raise BootstrapError(f"pip could not install {what}; its last words:\n{tail}")


def main() -> int:
    """``python3 -m cloudscope.bootstrap EXTRA``: prepare, then print the environment's Python."""
    try:
        check_python()
        extra = sys.argv[1] if len(sys.argv) > 1 else "app"
        print(prepared_python(extra))
    except BootstrapError as error:
        _say(str(error))
        return 2
    except KeyboardInterrupt:
        _say("stopped; run it again to go on")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())

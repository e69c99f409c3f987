"""How the suite runs, shared between processes and away from the user's own folders; real data."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest

BROWSER = "tests/browser"
PROCESSES = 2  # more gain little: one drives the browser, the other runs everything else


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Whole folders of tests are shared between processes; files and single tests are not.

    ``-n 0`` runs everything in this process, ``-n 4`` shares it between four, and ``-s``, ``--pdb``
    or no pytest-xdist keep it here too.
    """
    option = config.option
    if (
        config.pluginmanager.hasplugin("xdist")
        and not hasattr(config, "workerinput")  # it is one of those processes
        and option.numprocesses is None
        and option.dist == "no"
        and not (option.usepdb or option.trace or option.collectonly or option.capture == "no")
        and all(Path(argument).is_dir() for argument in config.args)
    ):
        option.numprocesses = min(PROCESSES, os.cpu_count() or 1)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Each process takes one file after the other; one takes all that needs a browser, first.

    Two browsers beside each other would wait for each other, and each would need a JupyterLab. What
    drives one is mostly waiting, so the other processes have the machine meanwhile.
    """
    from xdist.scheduler import LoadScopeScheduling

    class BrowserFirst(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::", 1)[0]
            return BROWSER if file.startswith(f"{BROWSER}/") else file

        def _assign_work_unit(self, node: Any) -> None:
            if BROWSER in self.workqueue:
                self.workqueue.move_to_end(BROWSER, last=False)
            super()._assign_work_unit(node)

    return BrowserFirst(config, log) if config.option.dist == "load" else None


def pytest_configure(config: pytest.Config) -> None:
    """What cloudscope keeps for the next session stays out of the user's own folders.

    Not a fixture: doctests and notebooks lie outside this folder.
    """
    place = Path(tempfile.mkdtemp(prefix="cloudscope-tests-"))
    patch = pytest.MonkeyPatch()
    patch.setenv("CLOUDSCOPE_CACHE", str(place / "cache"))
    patch.setenv("CLOUDSCOPE_STATE", str(place / "state"))
    config.add_cleanup(lambda: shutil.rmtree(place, ignore_errors=True))
    config.add_cleanup(patch.undo)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: they take longest, and need what the others have tested."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real recordings, or a skip that says why there is none."""
    root = Path(__file__).resolve().parents[1]
    shared = Path(os.environ.get("CLOUDSCOPE_SHARED", root.parent / "shared"))
    data = shared / "data"
    if not data.is_dir():
        pytest.skip(
            "real recordings are not on this machine (set CLOUDSCOPE_SHARED to their folder)"
        )
    return data


@pytest.fixture(scope="session")
def shared_bench(shared_data: Path) -> Path:
    """Folder of the truth generators and scorers that sit beside the real recordings."""
    bench = shared_data.parent / "bench"
    if not bench.is_dir():
        pytest.skip("the scorer is not on this machine (set CLOUDSCOPE_SHARED to its folder)")
    return bench

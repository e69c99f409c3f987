"""How the suite runs: shared between processes, and away from the user's own folders."""

from __future__ import annotations

import os
from collections.abc import Iterator
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


@pytest.fixture(scope="session", autouse=True)
def cache_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What cloudscope keeps for the next session stays out of the user's own folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLOUDSCOPE_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("CLOUDSCOPE_STATE", str(tmp_path_factory.mktemp("state")))
        yield

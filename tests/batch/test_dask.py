"""The same batch on a real Dask cluster, one of whose workers is killed in the middle."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudscope.acq_image_list import AcqImageList
from cloudscope.batch import BatchOutcome
from tests.recordings import write_line_scan

distributed = pytest.importorskip("distributed", reason="Dask is not installed (cloudscope[dask])")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="processes are killed as POSIX has it"),
    # Dask closes its own sockets late
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with (
        distributed.LocalCluster(
            n_workers=3, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield client


@pytest.fixture
def folder(tmp_path: Path) -> AcqImageList:
    for number in range(8):
        write_line_scan(tmp_path / f"rec{number}.tif", seed=number)
    return AcqImageList.from_folder(tmp_path)


def tables(folder: AcqImageList) -> dict[str, Any]:
    return {image.name: image.results["radon_velocity", 0, 0] for image in folder}


def test_one_worker_two_workers_and_dask_give_the_same_numbers_though_a_worker_is_killed(
    folder: AcqImageList, client: Any
) -> None:
    request: dict[str, Any] = {"window_lines": 64, "step_lines": 4}
    folder.analyze("radon_velocity", workers=1, **request)
    one = tables(folder)
    folder.analyze("radon_velocity", workers=2, **request)
    two = tables(folder)
    killed: list[int] = []

    def kill_one(outcome: BatchOutcome) -> None:
        if not killed:
            killed.append(next(iter(client.run(os.getpid).values())))
            os.kill(killed[0], signal.SIGKILL)

    report = folder.analyze(
        "radon_velocity", executor=client, on_outcome=kill_one, save=True, **request
    )
    assert killed
    assert len(report.done) == 8, report
    for name, result in tables(folder).items():
        assert result is not one[name]
        assert result.same_numbers(one[name])
        assert result.same_numbers(two[name])
        assert result.parameters == one[name].parameters
    assert not folder.dirty
    assert len(folder.analyze("radon_velocity", skip_fresh=True, **request).fresh) == 8


def test_an_executor_of_the_client_serves_too_and_cancel_reaches_it(
    folder: AcqImageList, client: Any
) -> None:
    cancel = threading.Event()
    report = folder.analyze(
        "radon_velocity",
        executor=client.get_executor(),
        cancel=cancel,
        on_outcome=lambda _: cancel.set(),
        window_lines=64,
        step_lines=1,
    )
    assert report.done
    assert report.cancelled
    assert len(report.outcomes) == 8


def test_what_does_not_fit_into_a_worker_of_the_cluster_is_refused(folder: AcqImageList) -> None:
    class Small:
        """Looks like a client whose workers have little memory."""

        def get_executor(self) -> None:
            raise AssertionError("nothing is to be measured there")

        def scheduler_info(self, n_workers: int) -> dict[str, Any]:
            return {"workers": {"a": {"memory_limit": 40_000_000, "nthreads": 1}}}

    plan = folder.plan("radon_velocity", executor=Small())
    assert len(plan.refused) == 8
    assert "the limit is 40 MB" in plan.refused[0].refusal

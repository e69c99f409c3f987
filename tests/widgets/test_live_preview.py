"""Traces follow the hand: newest first, nothing kept, and gone once it is measured."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.preview import Preview
from cloudscope.synthetic import velocity_kymograph
from cloudscope.widgets.app import App

WAIT_S = 60.0
"""Longer than any machine takes; a test waits for what it expects, not for this."""


def flow(lines: int = 2600) -> AcqImage:
    truth = velocity_kymograph(600.0, lines=lines, pixels=24, snr=3.0, seed=4)
    image = AcqImage.from_array(truth.image, line_period_s=1e-3, pixel_size_um=0.5)
    image.add_roi(row_start=0, row_stop=lines, col_start=0, col_stop=24)
    return image


def played(scene: Callable[[App], Coroutine[Any, Any, None]], *, measured: bool = True) -> App:
    """An app in which a scene was played on an event loop, as in a kernel."""
    image = flow()
    if measured:
        image.analyze("radon_velocity", roi_id=1)

    async def run() -> App:
        app = App(AcqImageList([image]))
        app.viewer.selected_roi_id = 1
        app.viewer.time_range = (0.3, 2.4)
        await scene(app)
        app.view.stack.preview.clear()
        await until(lambda: not app.view.stack.preview.run.running)
        return app

    return asyncio.run(run())


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not condition():
            await asyncio.sleep(0.01)


def shown(app: App) -> Preview | None:
    return app.view.traces["radon_velocity"].preview


def drag(app: App, col_stop: int, roi_id: int | None = 1, row_stop: int = 2600) -> None:
    app.viewer.dragged = (roi_id, (0, row_stop, 0, col_stop))


def test_a_drag_shows_the_visible_part_then_all_of_it_and_keeps_nothing() -> None:
    async def scene(app: App) -> None:
        kept = dict(app.image.results)
        steps: list[tuple[int, bool]] = []
        app.view.traces["radon_velocity"].observe(
            lambda c: steps.append((c["new"].every, c["new"].whole)) if c["new"] else None,
            "preview",
        )
        drag(app, 20)
        await until(lambda: shown(app) is not None)
        preview = shown(app)
        assert preview is not None
        assert preview.bounds == (0, 2600, 0, 20)
        assert "preview" in app.view.traces["radon_velocity"]._head.value
        await until(lambda: shown(app).whole)
        assert [whole for _, whole in steps] == [False, False, True]
        assert steps[0][0] > steps[1][0] == 1
        assert dict(app.image.results) == kept
        assert app.image.rois[0].col_stop == 24
        assert app.image.undo_label == "add ROI 1"

    played(scene)


def test_the_hand_never_waits_behind_older_moves() -> None:
    async def scene(app: App) -> None:
        seen: list[int] = []
        app.view.traces["radon_velocity"].observe(
            lambda c: seen.append(c["new"].bounds[3]) if c["new"] else None, "preview"
        )
        for move in range(60):
            drag(app, 8 + move % 16)
            await asyncio.sleep(0.005)
        await until(lambda: shown(app) is not None and shown(app).whole)
        assert shown(app).bounds[3] == 8 + 59 % 16
        assert len(seen) < 60
        assert seen[-1] == seen[-2] == seen[-3] == 8 + 59 % 16

    played(scene)


def test_what_was_dragged_is_shown_until_it_is_run() -> None:
    async def scene(app: App) -> None:
        drag(app, 20)
        await until(lambda: shown(app) is not None)
        app.image.edit_roi(1, col_stop=20)
        app.viewer.dragged = None
        await until(lambda: shown(app) is not None and shown(app).whole)
        numbers = shown(app).result
        app.measure.measure("radon_velocity")
        await until(lambda: not app.measure.run.running)
        assert shown(app) is None
        assert app.image.result("radon_velocity", 0, 1).same_numbers(numbers)
        assert "preview" not in app.view.traces["radon_velocity"]._head.value

    played(scene)


def test_a_drag_that_is_given_up_leaves_what_was() -> None:
    async def scene(app: App) -> None:
        drag(app, 20)
        await until(lambda: shown(app) is not None)
        app.viewer.dragged = None  # and no edit follows
        await until(lambda: shown(app) is None)

    played(scene)


def test_a_roi_being_drawn_is_measured_and_keeps_its_preview_once_it_is_there() -> None:
    async def scene(app: App) -> None:
        app.viewer.selected_roi_id = None
        drag(app, 16, roi_id=None, row_stop=2000)
        await until(lambda: shown(app) is not None)
        roi = app.image.add_roi(row_start=0, row_stop=2000, col_start=0, col_stop=16)
        app.viewer.selected_roi_id = roi.roi_id
        app.viewer.dragged = None
        await until(lambda: shown(app) is not None and shown(app).whole)
        assert shown(app).bounds == roi.bounds
        assert app.view.traces["radon_velocity"].roi_id == roi.roi_id
        app.viewer.selected_roi_id = 1
        assert shown(app) is None

    played(scene, measured=False)


def test_a_parameter_typed_is_tried_and_a_wrong_one_said() -> None:
    async def scene(app: App) -> None:
        form = app.measure.sections["radon_velocity"].form
        form.field("window_lines").control.value = 128
        await until(lambda: shown(app) is not None and shown(app).whole)
        assert shown(app).result.parameters["window_lines"] == 128
        form.field("window_lines").control.value = 64
        await until(lambda: shown(app) is None)  # that is what is kept
        app.image.add_roi(row_start=0, row_stop=70, col_start=0, col_stop=24)
        app.viewer.selected_roi_id = 2
        form.field("window_lines").control.value = 100
        trace = app.view.traces["radon_velocity"]
        await until(lambda: "window_lines=100 is more than the 70 lines" in trace._pointer.words)
        assert trace.preview is None

    played(scene)


def test_undo_of_a_move_takes_the_preview_away() -> None:
    async def scene(app: App) -> None:
        app.image.edit_roi(1, col_stop=18)  # by keys, a form or another cell
        await until(lambda: shown(app) is not None and shown(app).whole)
        assert shown(app).bounds[3] == 18
        app.image.undo()
        assert shown(app) is None

    played(scene)


def test_another_recording_has_no_preview_of_this_one() -> None:
    async def scene(app: App) -> None:
        app.folder = AcqImageList([*app.folder.images, flow()])
        app.image = app.folder.images[0]
        app.viewer.selected_roi_id = 1
        drag(app, 20)
        app.image = app.folder.images[1]
        await until(lambda: not app.view.stack.preview.run.running)
        assert shown(app) is None
        assert app.viewer.dragged is None

    played(scene)


def test_in_a_script_there_is_no_hand_and_nothing_is_measured() -> None:
    image = flow(1000)
    image.analyze("radon_velocity", roi_id=1)
    app = App(AcqImageList([image]))
    app.viewer.selected_roi_id = 1
    image.edit_roi(1, col_stop=12)
    assert shown(app) is None
    assert "stale" in app.view.traces["radon_velocity"]._head.value


@pytest.mark.parametrize("kind", ["diameter", "intensity"])
def test_the_other_traces_shown_follow_too(kind: str) -> None:
    async def scene(app: App) -> None:
        app.image.analyze(kind, roi_id=1)
        drag(app, 20)
        await until(lambda: app.view.traces[kind].preview or app.view.traces[kind].preview_problem)
        assert app.view.traces["radon_velocity"].preview is not None

    played(scene)

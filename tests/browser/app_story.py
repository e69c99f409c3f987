"""What a new user does with the app, as one story told to JupyterLab and to Voila alike."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.browser.sessions import NotebookSession

READY = ".cs-app .cs-viewer[data-ready=true]"


def copied(source: Path, target: Path) -> Path:
    """A writable copy of a folder of recordings."""
    shutil.copytree(source, target)
    for path in target.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return target


def seen_range(session: NotebookSession) -> tuple[float, float]:
    """The visible time that the viewer's picture shows."""
    text = session.page.locator(".cs-app .cs-viewer").get_attribute("data-time-range")
    start, stop = (float(end) for end in text.split(","))
    return start, stop


def box_of(session: NotebookSession, selector: str) -> dict[str, float]:
    locator = session.page.locator(selector).first
    locator.scroll_into_view_if_needed()
    return locator.bounding_box()


def drag(session: NotebookSession, start: tuple[float, float], stop: tuple[float, float]) -> None:
    mouse = session.page.mouse
    mouse.move(*start)
    mouse.down()
    for step in range(1, 9):
        share = step / 8
        mouse.move(start[0] + (stop[0] - start[0]) * share, start[1] + (stop[1] - start[1]) * share)
        session.page.wait_for_timeout(15)
    mouse.up()


def point(box: dict[str, float], across: float, down: float) -> tuple[float, float]:
    """A point of a box, by shares of its width and height."""
    return box["x"] + box["width"] * across, box["y"] + box["height"] * down


def button(session: NotebookSession, analysis: str, text: str) -> Any:
    return session.page.locator(f".cs-analysis-{analysis} button", has_text=text).first


def tab(session: NotebookSession, title: str) -> None:
    session.page.locator(".cs-app-tabs .lm-TabBar-tab", has_text=title).click()


class Story:
    """Steps of the story; each acts as a hand does and asserts what the model then says."""

    def __init__(self, session: NotebookSession) -> None:
        self.session = session
        self.page = session.page
        self._told = ""

    def tell(self, name: str) -> None:
        """The whole story on the recording shown first."""
        self._told = name
        steps: list[Callable[[], None]] = [
            self.sees_the_table,
            self.zooms_and_pans,
            self.marks_a_roi,
            self.measures,
            self.reads_the_trace,
            self.probes_a_streak,
            self.reviews_an_event,
            self.describes_and_judges,
            self.cancels_a_batch,
            self.saves_and_finds_everything_again,
        ]
        for step in steps:
            step()
            self.session.shot(f"{name}-{step.__name__}")

    def sees_the_table(self) -> None:
        header = self.session.python("h = app.image.header; print(h.lines, h.pixels)")
        lines, pixels = header.split()
        row = (
            self.page.locator(".cs-table [role=row]", has_text=self._name()[:8])
            .first.locator("[role=gridcell]")
            .nth(1)
        )
        row.wait_for()
        assert self.session.python("app.table.rows[0]['lines']") == lines
        assert self.session.python("app.table.rows[0]['pixels']") == pixels
        row.click()
        self.session.wait_python("app.viewer.image is app.image", "True")
        self.session.wait_for(READY)

    def zooms_and_pans(self) -> None:
        whole = seen_range(self.session)
        assert whole[0] == 0
        box = box_of(self.session, ".cs-app .cs-plot")
        self.page.mouse.move(*point(box, 0.5, 0.5))
        for _ in range(4):
            self.page.mouse.wheel(0, -240)
        self.session.until(lambda: self._seen_s() < 0.8 * (whole[1] - whole[0]))
        self._in_step()
        self.page.locator(".cs-app .cs-viewer [data-command=fit]").click()
        self.session.until(lambda: seen_range(self.session) == whole)
        self._in_step()

    def marks_a_roi(self) -> None:
        session = self.session
        before = int(session.python("len(app.image.rois)"))
        self.page.locator(".cs-app .cs-viewer [data-command=tool-draw]").click()
        box = box_of(session, ".cs-app .cs-plot")
        drag(session, point(box, 0.2, 0.25), point(box, 0.6, 0.75))
        session.wait_python("len(app.image.rois)", str(before + 1))
        session.python("roi = app.image.rois[-1]; rid = roi.roi_id; drawn = roi.bounds")
        assert session.python("app.viewer.selected_roi_id == rid") == "True"
        # move it by the middle, as one undo step
        self.page.locator(".cs-app .cs-viewer [data-command=tool-select]").click()
        drag(session, point(box, 0.4, 0.5), point(box, 0.5, 0.5))
        session.wait_python("app.image.roi(rid).bounds[0] > drawn[0]", "True")
        assert session.python("app.image.roi(rid).lines == drawn[1] - drawn[0]") == "True"
        # resize it by its right edge
        moved = session.python("moved = app.image.roi(rid).bounds; moved")
        edge = float(session.python("moved[1] / app.image.header.lines"))
        drag(session, point(box, edge, 0.5), point(box, edge - 0.1, 0.5))
        session.wait_python("app.image.roi(rid).bounds[1] < moved[1]", "True")
        assert session.python("app.image.roi(rid).bounds[0] == moved[0]") == "True", moved
        self.page.keyboard.press("Control+z")
        session.wait_python("app.image.roi(rid).bounds == moved", "True")
        # rename it, delete it, take the deletion back
        tab(session, "ROIs")
        name = self.page.locator(".cs-rois .cs-field", has_text="Name").locator("input").first
        name.fill("artery")
        name.press("Enter")
        session.wait_python("app.image.roi(rid).name", "'artery'")
        self.page.locator(".cs-rois button", has_text="Delete").click()
        session.wait_python("len(app.image.rois)", str(before))
        self.page.locator(".cs-app-top button", has_text="Undo").click()
        session.wait_python("[r.name for r in app.image.rois if r.roi_id == rid]", "['artery']")
        session.python("app.viewer.selected_roi_id = rid")

    def measures(self) -> None:
        session = self.session
        tab(session, "Measure")
        form = self.page.locator(".cs-analysis-radon_velocity .cs-field", has_text="Window")
        field = form.locator("input").first
        field.fill("48")
        field.press("Enter")
        values = "app.measure.sections['radon_velocity'].form.values['window_lines']"
        session.wait_python(values, "48")
        for analysis in ("radon_velocity", "diameter"):
            button(session, analysis, "Run").click()
            session.wait_python(
                f"app.image.result({analysis!r}, app.viewer.channel, rid) is not None", "True", 120
            )
        same = session.python(
            "import cloudscope as cs\n"
            "result = app.image.result('radon_velocity', app.viewer.channel, rid)\n"
            "plain = cs.radon_velocity(app.image.kymograph(app.viewer.channel, rid),\n"
            "    line_period_s=app.image.header.line_period_s,\n"
            "    pixel_size_um=app.image.header.pixel_size_um, window_lines=48)\n"
            "plain.same_numbers(result)"
        )
        assert same == "True"
        self.page.locator(".cs-measure .cs-facts").first.wait_for()
        assert "accepted windows" in self.page.locator(".cs-measure").inner_text()

    def reads_the_trace(self) -> None:
        session = self.session
        line = self.page.locator(".cs-trace .bqplot path.line[d*=L]").first
        line.wait_for(state="attached")
        ticks = self.page.locator(".cs-trace").first.locator(".bqplot .axis .tick text")
        session.until(lambda: any(ticks.all_text_contents()))
        labels = [text for text in ticks.all_text_contents() if text]
        assert not [text for text in labels if "e" in text or "-" in text], labels
        box = box_of(session, ".cs-pointer-area")
        self.page.mouse.move(*point(box, 0.5, 0.5))
        for _ in range(3):
            self.page.mouse.wheel(0, -240)
        whole = float(session.python("app.image.header.duration_s"))
        session.until(lambda: self._seen_s() < 0.9 * whole)
        self._in_step()
        closer = seen_range(session)
        readout = self.page.locator(".cs-pointer-readout").first
        self.page.mouse.move(*point(box, 0.5, 0.4))
        readout.wait_for()
        assert "µm/s" in readout.inner_text()
        drag(session, point(box, 0.5, 0.4), point(box, 0.3, 0.4))
        session.until(lambda: seen_range(session)[0] > closer[0])
        self._in_step()
        self.page.mouse.dblclick(*point(box, 0.5, 0.4))
        session.until(lambda: seen_range(session)[0] == 0)

    def probes_a_streak(self) -> None:
        """A click on a velocity lights its window up; a velocity set by hand is undone."""
        session, page = self.session, self.page
        box = box_of(session, ".cs-pointer-area")
        page.mouse.click(*point(box, 0.6, 0.4))
        probe = page.locator(".cs-probe")
        probe.wait_for()
        page.locator(".cs-streak rect").wait_for(state="attached")
        probe.locator(".bqplot path.line[d*=L]").first.wait_for(state="attached", timeout=60_000)
        field = probe.locator("input[type=number]")
        field.fill("-123")
        field.press("Enter")
        probe.locator("button", has_text="Overrule").click()
        result = "app.image.result('radon_velocity', app.viewer.channel, rid)"
        session.wait_python(f"{result}.summary['windows_manual']", "1")
        probe.locator(".cs-pill", has_text="manual").wait_for()
        self.session.shot(f"{self._told}-probe")
        page.locator(".cs-app-top button", has_text="Undo").click()
        session.wait_python(f"{result}.summary['windows_manual']", "0")
        probe.locator("button[title^='Close']").click()
        probe.wait_for(state="hidden")

    def reviews_an_event(self) -> None:
        """Events are found in the velocity; one is added by hand, confirmed and taken back."""
        session, page = self.session, self.page
        tab(session, "Measure")
        page.locator(".cs-analysis-velocity_events .cs-fold").first.click()
        button(session, "velocity_events", "Run").click()
        events = "app.image.result('velocity_events', app.viewer.channel, rid)"
        session.wait_python(f"{events} is not None", "True", 60)
        before = int(session.python(f"len({events}.columns['event_id'])"))
        tab(session, "Events")
        page.locator(".cs-events button", has_text="Add the visible stretch").click()
        session.wait_python(f"len({events}.columns['event_id'])", str(before + 1))
        page.locator(".cs-events button", has_text="Reject").click()
        session.wait_python(f"{events}.summary['rejected']", "1")
        for _ in range(2):
            page.locator(".cs-app-top button", has_text="Undo").click()
        session.wait_python(f"len({events}.columns['event_id'])", str(before))

    def describes_and_judges(self) -> None:
        session = self.session
        tab(session, "Metadata")
        form = self.page.locator(".cs-metadata .cs-field", has_text="Species")
        field = form.locator("input").first
        field.fill("mouse")
        field.press("Enter")
        session.wait_python("app.image.experiment.species", "'mouse'")
        self.page.locator(".cs-table [role=row]", has_text=self._name()[:8]).first.locator(
            "[role=gridcell]"
        ).nth(1).click()
        self.page.keyboard.press("a")
        session.wait_python("app.image.accepted", "True")
        self.page.keyboard.press("x")
        session.wait_python("app.image.accepted", "False")
        self.page.keyboard.press("a")
        session.wait_python("app.image.accepted", "True")

    def cancels_a_batch(self) -> None:
        session = self.session
        tab(session, "Measure")
        button(session, "radon_velocity", "Run on all").click()
        section = self.page.locator(".cs-analysis-radon_velocity")
        section.locator(".cs-batch input[type=checkbox]").uncheck()
        start = section.locator(".cs-batch button", has_text="Run on")
        start.click()
        cancel = section.locator("button", has_text="Cancel")
        try:
            cancel.click(timeout=2000)
        except Exception:  # a quick folder is done before a hand gets there
            assert session.python("app.measure.run.running") == "False"
        session.wait_python("app.measure.run.running", "False", 120)
        section.locator(".cs-hint", has_text="measured").first.wait_for()

    def saves_and_finds_everything_again(self) -> None:
        session = self.session
        session.python("app.image.accepted = True")
        self.page.locator(".cs-app-top .widget-button", has_text="Save").click()
        session.wait_python("app.folder.dirty", "False")
        session.python("path = app.image.path; results = dict(app.image.results)")
        for ending in ("json", "radon_velocity.csv", "diameter.csv"):
            assert session.python(f"(path.parent / (path.name + '.{ending}')).exists()") == "True"
        again = session.python(
            "again = cs.App(path.parent)\n"
            "image = again.folder[path.name]\n"
            "(image.roi(rid).name, image.accepted, image.experiment.species,\n"
            " all(image.results[k].same_numbers(r) for k, r in results.items()))"
        )
        assert again == "('artery', True, 'mouse', True)"

    def _name(self) -> str:
        return self.session.python("print(app.image.name)")

    def _in_step(self) -> None:
        """Picture, traces and Python show the same stretch of time."""
        self.session.wait_python(
            "all(t.time_range == app.viewer.time_range for t in app.view.traces.values())", "True"
        )
        shown = "print(*[round(t, 6) for t in app.viewer.time_range])"

        def agree() -> bool:
            got = [float(end) for end in self.session.python(shown).split()]
            both = zip(got, seen_range(self.session), strict=True)
            return all(abs(one - other) < 2e-3 for one, other in both)

        self.session.until(agree)

    def _seen_s(self) -> float:
        start, stop = seen_range(self.session)
        return stop - start

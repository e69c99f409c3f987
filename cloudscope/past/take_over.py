"""Take an older program's record over into a recording, and say what became of each item."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from cloudscope.analysis.result import AnalysisResult, RoiBounds
from cloudscope.errors import CloudscopeError
from cloudscope.metadata import experiment_fields
from cloudscope.past.events import events_result
from cloudscope.past.record import PastDiameter, PastEvent, PastRecord, PastRoi, PastVelocity
from cloudscope.past.results import diameter_result, velocity_result
from cloudscope.roi import WHOLE_RECORDING, Roi

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage

__all__ = ["ImportItem", "import_past"]

_RENAMED = {"depth": "depth_um", "acq_date": "date"}


@dataclass(frozen=True, slots=True)
class ImportItem:
    """What became of one thing in an older program's files.

    Attributes
    ----------
    what : str
    outcome : {"taken", "changed", "kept", "left out"}
        ``changed``: taken, but not as it was written. ``kept``: the recording has another value,
        which stays.
    sentence : str
        How, or why not.
    """

    what: str
    outcome: Literal["taken", "changed", "kept", "left out"]
    sentence: str = ""


def import_past(image: AcqImage, record: PastRecord) -> tuple[ImportItem, ...]:
    """Take a record over: verdict, metadata, ROIs, results and events; one step of undo.

    Nothing that the recording has already is lost: what differs is kept and reported. Velocities
    are computed anew from the angle where it was written, since the older conversion was wrong,
    with the recording's own scales; the value as it was written stands beside. Their status is
    ``imported``. The older files stay as they are.

    Parameters
    ----------
    image : AcqImage
    record : PastRecord
        From `find_past`.

    Returns
    -------
    tuple of ImportItem
        Everything in the record, in the order it was dealt with.
    """
    taking = _Taking(image, record)
    with image.one_step(f"import {record.program}"):
        taking.header()
        taking.verdict()
        taking.experiment()
        taking.rois()
        taking.results()
        taking.events()
    for sentence in record.left_out:
        taking.say(sentence.partition(":")[0], "left out", sentence.partition(":")[2].strip())
    return tuple(taking.items)


class _Taking:
    """One import under way."""

    def __init__(self, image: AcqImage, record: PastRecord) -> None:
        self.image, self.record = image, record
        self.items: list[ImportItem] = []
        self._roi_ids: dict[int, int] = {0: WHOLE_RECORDING}

    def say(self, what: str, outcome: Any, sentence: str = "") -> None:
        self.items.append(ImportItem(what, outcome, sentence))

    # ------------------------------------------------------------------ header and verdict

    def header(self) -> None:
        header, record = self.image.header, self.record
        if record.size is not None and record.size != (header.lines, header.pixels):
            self.say(
                "size",
                "left out",
                f"it speaks of {record.size[0]} lines and {record.size[1]} pixels, and the "
                f"recording has {header.lines} and {header.pixels}: is it the same file?",
            )
        for name, theirs, unit in (
            ("line period", record.line_period_s, "s"),
            ("pixel size", record.pixel_size_um, "µm"),
        ):
            ours = header.line_period_s if unit == "s" else header.pixel_size_um
            if theirs is None:
                continue
            if ours is None:
                sentence = f"it says {theirs:g} {unit}; set it if you know that it is right"
                self.say(name, "left out", sentence)
            elif abs(theirs / ours - 1) > 1e-9:
                percent = 100 * (theirs / ours - 1)
                self.say(
                    name, "kept", f"{ours:g} {unit}; it says {theirs:g} {unit} ({percent:+.2g} %)"
                )

    def verdict(self) -> None:
        theirs, ours = self.record.accepted, self.image.accepted
        if theirs is None:
            return
        words = {True: "accepted", False: "rejected"}
        if ours is None:
            self.image.accepted = theirs
            self.say("verdict", "taken", words[theirs])
        elif ours != theirs:
            self.say("verdict", "kept", f"{words[ours]}; it says {words[theirs]}")

    # ------------------------------------------------------------------ metadata

    def experiment(self) -> None:
        known = {spec.name for spec in experiment_fields()}
        for theirs, value in self.record.experiment.items():
            name = _RENAMED.get(theirs, theirs)
            if name in known:
                self._field(name, value)
            else:
                self._free_field(theirs, str(value))

    def _field(self, name: str, value: Any) -> None:
        before = getattr(self.image.experiment, name)
        if before not in ("", None):
            if before != value:
                self.say(name, "kept", f"{before!r}; it says {value!r}")
            return
        try:
            self.image.edit_experiment(**{name: value})
            self.say(name, "taken", f"{value!r}")
        except CloudscopeError as error:
            self._free_field(f"{name} (imported)", str(value), str(error))

    def _free_field(self, name: str, value: str, why: str = "") -> None:
        extra = dict(self.image.experiment.extra)
        if extra.get(name, value) != value:
            self.say(name, "kept", f"{extra[name]!r}; it says {value!r}")
            return
        try:
            self.image.edit_experiment(extra={**extra, name: value})
            self.say(name, "changed" if why else "taken", why or f"free field, {value!r}")
        except CloudscopeError as error:
            self.say(name, "left out", str(error))

    # ------------------------------------------------------------------ ROIs

    def rois(self) -> None:
        before = self.image.rois
        for theirs in self.record.rois:
            what = f"ROI {theirs.roi_id}"
            try:
                self._roi(theirs, what, before)
            except CloudscopeError as error:
                self.say(what, "left out", str(error))

    def _roi(self, theirs: PastRoi, what: str, before: tuple[Roi, ...]) -> None:
        row_start, row_stop, col_start, col_stop = theirs.bounds
        roi = Roi(
            roi_id=self._free_id(theirs.roi_id),
            row_start=row_start,
            row_stop=row_stop,
            col_start=col_start,
            col_stop=col_stop,
            name=theirs.name,
            note=theirs.note,
        ).clamped(self.image.header.lines, self.image.header.pixels)
        twin = next((r for r in before if (r.bounds, r.name) == (roi.bounds, roi.name)), None)
        if twin is not None:
            self._roi_ids[theirs.roi_id] = twin.roi_id
            self.say(what, "kept", f"the recording has it as ROI {twin.roi_id}")
            return
        self.image.rois = (*self.image.rois, roi)
        self._roi_ids[theirs.roi_id] = roi.roi_id
        words = [f"as ROI {roi.roi_id}"] if roi.roi_id != theirs.roi_id else []
        words += ["moved inside the recording"] if roi.bounds != theirs.bounds else []
        self.say(what, "changed" if words else "taken", ", ".join(words))

    def _free_id(self, wanted: int) -> int:
        taken = {roi.roi_id for roi in self.image.rois} | {WHOLE_RECORDING}
        return max(taken) + 1 if wanted in taken else wanted

    # ------------------------------------------------------------------ results

    def results(self) -> None:
        calibration, program = self.image.calibration, self.record.program
        for velocity in self.record.velocities:
            make_velocity = partial(velocity_result, velocity, calibration, program)
            self._result("velocity", velocity, make_velocity)
        for diameter in self.record.diameters:
            make_diameter = partial(diameter_result, diameter, calibration, program)
            self._result("diameter", diameter, make_diameter)

    def events(self) -> None:
        places = dict.fromkeys((event.channel, event.roi_id) for event in self.record.events)
        for channel, theirs in places:
            events = [e for e in self.record.events if (e.channel, e.roi_id) == (channel, theirs)]
            what = f"{len(events)} events of channel {channel}, ROI {theirs}"
            roi_id = self._roi_ids.get(theirs)
            velocity = (
                None if roi_id is None else self.image.result("radon_velocity", channel, roi_id)
            )
            if roi_id is None or velocity is None:
                self.say(what, "left out", "there is no velocity that they belong to")
            elif self.image.result("velocity_events", channel, roi_id) is not None:
                self.say(what, "kept", "velocity_events is measured there already")
            else:
                self._events(what, channel, roi_id, velocity, events)

    def _events(
        self,
        what: str,
        channel: int,
        roi_id: int,
        velocity: AnalysisResult,
        events: list[PastEvent],
    ) -> None:
        bounds, period = velocity.bounds, velocity.calibration.line_period_s
        assert bounds is not None
        assert period is not None
        offset = bounds[0] * period
        moved = [
            replace(e, start_s=e.start_s - offset, stop_s=e.stop_s - offset)
            if e.from_recording
            else e
            for e in events
        ]
        window = int(velocity.parameters.get("window_lines", 1))
        try:
            result = events_result(velocity, moved, window * period)
        except CloudscopeError as error:
            self.say(what, "left out", str(error))
            return
        self.image.store(
            result.bound_to(
                channel=channel,
                roi_id=roi_id,
                bounds=bounds,
                time_axis=self.image.header.time_axis,
                software=f"imported from {self.record.program}",
            )
        )
        self.say(what, "changed", "with kinds of cloudscope; those of the older program in a note")

    def _result(
        self,
        kind: str,
        past: PastVelocity | PastDiameter,
        make: Callable[[RoiBounds], tuple[AnalysisResult, str]],
    ) -> None:
        what = f"{kind} of channel {past.channel}, ROI {past.roi_id}"
        if past.roi_id not in self._roi_ids:
            self.say(what, "left out", "its ROI was not taken over")
            return
        roi_id = self._roi_ids[past.roi_id]
        try:
            bounds = self.image.line_scan_bounds(past.channel, roi_id)
            result, sentence = make(bounds)
        except CloudscopeError as error:
            self.say(what, "left out", str(error))
            return
        if (result.analysis, past.channel, roi_id) in self.image.results:
            self.say(what, "kept", f"{result.analysis} is measured there already")
            return
        self.image.store(
            result.bound_to(
                channel=past.channel,
                roi_id=roi_id,
                bounds=bounds,
                time_axis=self.image.header.time_axis,
                created_at=past.made_at,
            )
        )
        self.say(what, "changed", sentence)

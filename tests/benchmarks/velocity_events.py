"""Velocity events: false alarms, events found, their times, and time."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pandas as pd

from cloudscope.analysis.radon_velocity import radon_velocity
from cloudscope.analysis.velocity_events import velocity_events
from cloudscope.synthetic import FlowEvent, event_series, random_events, velocity_kymograph
from tests.flow_events import FLOWS, flow, matched, velocity_result, with_events

Figures = Iterator[tuple[str, str, str]]

CASES = (
    ("stall", 0.0),
    ("reversal", -0.5),
    ("drop", 0.3),
    ("drop", 0.5),
    ("drop", 0.7),
    ("rise", 1.6),
)


def figures() -> Figures:
    """What, how much, and the limit."""
    yield from without_events()
    yield from with_truth()
    yield from from_kymographs()
    yield from in_time()


def without_events() -> Figures:
    """Events in flow that has none: mean 800 µm/s, windows of 64 lines, 16 from one to the next."""
    for kind in FLOWS:
        for noise in (20.0, 80.0, 300.0):
            made = sum(
                len(
                    velocity_events(
                        velocity_result(flow(kind, 60_000, seed=s), noise=noise, seed=5000 + s)
                    ).table
                )
                for s in range(20)
            )
            yield (
                f"{kind}, noise {100 * noise / 800:.0f} % a window",
                f"{made / 20:.2f} a minute",
                "≤ 0.1",
            )


def told(rows: list[pd.DataFrame], extra: int) -> str:
    """Found, false, times."""
    all_rows = pd.concat(rows)
    found = all_rows[all_rows["as"] != ""]
    words = f"{len(found)} of {len(all_rows)} found"
    if found.empty:
        return words
    off = np.concatenate([found["start_error"], found["stop_error"]])
    sd = np.concatenate([found["start_sd"], found["stop_sd"]])
    right = int((found["as"] == found["kind"]).sum())
    return (
        f"{words}, {right} as what they are, {extra} besides; times "
        f"{1e3 * np.median(off):+.0f} ± {1482.6 * np.median(np.abs(off)):.0f} ms, "
        f"{np.mean(np.abs(off) < 2 * sd):.0%} within 2 sd"
    )


def with_truth() -> Figures:
    """Eight events a minute of 0.2 to 2 s."""
    for flow_kind in ("steady", "pulsatile"):
        for noise in (40.0, 120.0):
            for kind, factor in CASES:
                rows, extra = [], 0
                for seed in range(5):
                    drawn = random_events(
                        60.0, count=8, kinds=(kind,), event_s=(0.2, 2.0), apart_s=1.5, seed=seed
                    )
                    events = tuple(FlowEvent(e.kind, e.start_s, e.stop_s, factor) for e in drawn)
                    one, table = with_events(flow_kind, events, noise=noise, seed=seed)
                    rows.append(one)
                    extra += len(table) - int((one["as"] != "").sum())
                yield (
                    f"{kind} to {100 * factor:.0f} %, {flow_kind}, noise {noise / 8:.0f} %",
                    told(rows, extra),
                    "",
                )


def from_kymographs() -> Figures:
    """From pixels to events: 40 pixels, signal-to-noise ratio 2."""
    rows, extra = [], 0
    for seed in range(4):
        events = random_events(30.0, count=6, event_s=(0.3, 1.0), apart_s=1.5, seed=seed)
        truth = event_series(flow("pulsatile", 30_000, seed=seed), events)
        image = velocity_kymograph(truth.velocity_um_per_s, pixels=40, snr=2.0, seed=seed).image
        velocity = radon_velocity(image, line_period_s=1e-3, pixel_size_um=0.5)
        table = velocity_events(velocity).table
        one = matched(table, truth.events)
        rows.append(one)
        extra += len(table) - int((one["as"] != "").sum())
    yield "kymographs, all kinds, pulsatile", told(rows, extra), ""


def in_time() -> Figures:
    """CPU time of 60 s, and of an hour."""
    for seconds, limit in ((60, "≤ 0.1 s"), (3600, "≤ 10 s")):
        velocity = velocity_result(flow("pulsatile", 1000 * seconds), noise=40.0)
        start = time.process_time()
        velocity_events(velocity)
        yield f"{seconds} s of windows", f"{time.process_time() - start:.2f} s", limit

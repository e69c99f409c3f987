"""Parameters that heart rate and beats share."""

from __future__ import annotations

from typing import Annotated, Literal

from cloudscope.analysis.parameters import Param

__all__ = [
    "FalseAlarmLimit",
    "MaximumBpm",
    "MinimumBpm",
    "OutlierLimit",
    "Species",
    "Values",
    "WindowS",
]

Species = Annotated[
    Literal["mouse", "rat", "human", "zebrafish", "rabbit", "pig", "custom"],
    Param("Species", "Sets the range of rates; custom takes the two limits below."),
]
MinimumBpm = Annotated[
    float | None,
    Param(
        "Slowest",
        "Lowest rate to look for; empty takes the species'.",
        unit="bpm",
        minimum=1.0,
        maximum=3000.0,
        step=10.0,
    ),
]
MaximumBpm = Annotated[
    float | None,
    Param(
        "Fastest",
        "Highest rate to look for; empty takes the species'.",
        unit="bpm",
        minimum=1.0,
        maximum=3000.0,
        step=10.0,
    ),
]
FalseAlarmLimit = Annotated[
    float,
    Param(
        "False alarms",
        "A rate is significant if noise has such a peak less often than this.",
        minimum=1e-9,
        maximum=0.5,
        step=0.01,
    ),
]
Values = Annotated[
    Literal["auto", "speed", "signed"],
    Param(
        "Sign",
        "speed drops the sign, signed keeps it; auto drops it where few values have the other one.",
        advanced=True,
    ),
]
OutlierLimit = Annotated[
    float,
    Param(
        "Outliers",
        "Values this many robust standard deviations from the trend are left out.",
        minimum=2.0,
        maximum=100.0,
        step=0.5,
        advanced=True,
    ),
]
WindowS = Annotated[
    float | None,
    Param(
        "Window",
        "Time over which one value is an average; empty takes it from the result.",
        unit="s",
        minimum=0.0,
        maximum=3600.0,
        advanced=True,
    ),
]

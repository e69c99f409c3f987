"""What "Run on all…" is about to do, in words."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from cloudscope.widgets.readiness import what_is_missing
from cloudscope.widgets.theme import error_html
from cloudscope.widgets.wording import counted

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage
    from cloudscope.batch import BatchItem

__all__ = ["lines_of", "named", "planned_html"]

_MOST_REFUSED = 3


def planned_html(items: list[BatchItem], channel: int, *, every_roi: bool) -> tuple[str, int]:
    """How much would be measured, and what is refused and why.

    Parameters
    ----------
    items : list of BatchItem
    channel : int
    every_roi : bool
        Whether each ROI is to be measured where there is any.

    Returns
    -------
    html : str
    ready : int
        Measurements that can be made.
    """
    refusals = {id(i): i.refusal or what_is_missing(i.image) for i in items}
    ready = [item for item in items if not refusals[id(item)]]
    recordings = len({id(item.image) for item in ready})
    words = f"{counted(len(ready), 'measurements')} in {counted(recordings, 'recordings')}"
    words += f", channel {channel}"
    if every_roi:
        words += "; the whole recording where there is no ROI"
    refused = [named(i.image, refusals[id(i)]) for i in items if refusals[id(i)]]
    rest = len(refused) - _MOST_REFUSED
    lines = [*refused[:_MOST_REFUSED], *([f"… and {rest:,} more"] if rest > 0 else [])]
    return f"<p>{escape(words)}.</p>" + "".join(error_html(line) for line in lines), len(ready)


def lines_of(items: list[BatchItem]) -> int:
    """Lines that all measurements together go through."""
    return sum(i.measurement.bounds[1] - i.measurement.bounds[0] for i in items if i.measurement)


def named(image: AcqImage, sentence: str) -> str:
    """A sentence with the name of its recording, which some begin with by themselves."""
    return sentence if sentence.startswith(image.name) else f"{image.name}: {sentence}"

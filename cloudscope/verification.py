"""Do the numbers of a recording still hold: its source, its tables, and measured again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from cloudscope.analysis.execution import Cancel, Progress, checkpoint
from cloudscope.analysis.registry import get_analysis
from cloudscope.analysis.result import AnalysisResult, ResultKey
from cloudscope.errors import AnalysisCancelled, CloudscopeError
from cloudscope.inputs import carried_over

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage

__all__ = ["Finding", "verify"]

Verdict = Literal["holds", "stale", "differs", "lost", "not checked"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one result, or about the sidecar as a whole.

    Attributes
    ----------
    name : str
        Of the recording.
    key : ResultKey or None
        Of the result; ``None`` for what concerns the whole recording.
    verdict : {"holds", "stale", "differs", "lost", "not checked"}
        ``stale``: right for what it was measured on, which was changed since. ``differs``: the
        numbers are not those that were measured, or measuring again gives others. ``lost``:
        something that was saved cannot be read. ``not checked``: it cannot be measured again here.
    sentence : str
        Why; empty where it holds.
    """

    name: str
    key: ResultKey | None
    verdict: Verdict
    sentence: str = ""

    @property
    def bad(self) -> bool:
        """Whether somebody should look at it: numbers differ or are lost."""
        return self.verdict in ("differs", "lost")


def verify(
    image: AcqImage,
    *,
    recompute: bool = False,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> tuple[Finding, ...]:
    """Check every result of a recording; nothing is changed or written.

    Parameters
    ----------
    image : AcqImage
    recompute : bool
        Whether to measure everything that is not stale again, with its own parameters, and to
        compare to the last bit.
    progress : callable, optional
        Called with the finished share, 0 to 1.
    cancel : object with ``is_set()``, optional

    Returns
    -------
    tuple of Finding
        What is wrong with the sidecar first, then one a result, in the order of their keys.

    Raises
    ------
    AnalysisCancelled
        If `cancel` was set.

    Examples
    --------
    >>> import numpy as np
    >>> from cloudscope.acq_image import AcqImage
    >>> image = AcqImage.from_array(np.eye(99), line_period_s=0.001, pixel_size_um=0.5)
    >>> result = image.analyze("diameter")
    >>> [finding.verdict for finding in verify(image, recompute=True)]
    ['holds']
    """
    findings = [Finding(image.name, None, "lost", problem) for problem in _lost(image)]
    keys = sorted(image.results)
    for place, key in enumerate(keys):

        def share(done: float, place: int = place) -> None:
            checkpoint((place + done) / len(keys), progress, cancel)

        share(0.0)
        verdict, sentence = _judge(image, image.results[key], recompute, share)
        findings.append(Finding(image.name, key, verdict, sentence))
    checkpoint(1.0, progress, cancel)
    return tuple(findings)


def _lost(image: AcqImage) -> list[str]:
    return [problem for problem in image.problems if problem not in image.file_header.warnings]


def _judge(
    image: AcqImage, result: AnalysisResult, recompute: bool, share: Progress
) -> tuple[Verdict, str]:
    try:
        now = result.digest_now()
    except CloudscopeError as error:
        return "lost", str(error)
    if result.digest is not None and now != result.digest:
        return "differs", "its numbers are not those that were saved with it"
    try:
        if image.path is not None:
            image.frame(result.channel or 0)  # the fingerprint of the source is known once read
        reason = image.stale_reason(result)
    except CloudscopeError as error:
        return "lost", str(error)
    if reason is not None:
        return "stale", reason
    return _measured_again(image, result, share) if recompute else ("holds", "")


def _measured_again(
    image: AcqImage, result: AnalysisResult, share: Progress
) -> tuple[Verdict, str]:
    if result.software.startswith("imported from"):
        return "not checked", f"it was {result.software}"
    try:
        declared = {parameter.name for parameter in get_analysis(result.analysis).parameters}
        unknown = sorted(set(result.parameters) - declared)
        if unknown:
            return "not checked", f"this version has no parameter {', '.join(unknown)}"
        inputs: dict[str, Any] = {name: record.key for name, record in result.inputs.items()}
        again = image.measure(
            result.analysis,
            channel=result.channel or 0,
            roi_id=result.roi_id,
            progress=share,
            **inputs,
            **result.parameters,
        )
    except AnalysisCancelled:
        raise
    except CloudscopeError as error:
        return "not checked", str(error)
    again = carried_over(result, again)
    if again.same_numbers(result):
        return "holds", ""
    by = result.software or "another program"
    return "differs", f"measured again it gives {_difference(result, again)}; it was made by {by}"


def _difference(was: AnalysisResult, now: AnalysisResult) -> str:
    """The most telling number that changed, in words."""
    headline = get_analysis(was.analysis).headline
    names = [headline, *(name for name in was.summary if name != headline)]
    for name in names:
        before, after = was.summary.get(name), now.summary.get(name)
        if before != after and not (before != before and after != after):
            return f"{name}={after!r} instead of {before!r}"
    return "the same summary from other rows of the table"

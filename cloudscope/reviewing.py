"""Judging many recordings one after the other: which come next, and how far one is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from cloudscope.errors import ParameterError

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage

__all__ = ["ReviewProgress", "ToReview", "next_to_review", "review_progress"]

ToReview = Literal["undecided", "measured", "all"]
"""Recordings without a verdict; of these, those with a result that is fresh; all of them."""


@dataclass(frozen=True, slots=True)
class ReviewProgress:
    """How far a review is.

    Attributes
    ----------
    total, accepted, rejected : int
        Recordings.

    Examples
    --------
    >>> print(ReviewProgress(total=80, accepted=9, rejected=3))
    12 of 80 decided: 9 accepted, 3 rejected
    """

    total: int
    accepted: int
    rejected: int

    @property
    def decided(self) -> int:
        """Recordings with a verdict."""
        return self.accepted + self.rejected

    @property
    def share(self) -> float:
        """The decided share, 0 to 1."""
        return self.decided / self.total if self.total else 1.0

    def __str__(self) -> str:
        return (
            f"{self.decided:,} of {self.total:,} decided: {self.accepted:,} accepted, "
            f"{self.rejected:,} rejected"
        )


def review_progress(images: Iterable[AcqImage]) -> ReviewProgress:
    """Count the verdicts of recordings.

    Examples
    --------
    >>> import numpy as np
    >>> from cloudscope import AcqImage
    >>> images = [AcqImage.from_array(np.zeros((9, 9))) for _ in range(3)]
    >>> images[1].accepted = True
    >>> review_progress(images).decided
    1
    """
    verdicts = [image.accepted for image in images]
    return ReviewProgress(len(verdicts), verdicts.count(True), verdicts.count(False))


def next_to_review(
    images: Sequence[AcqImage],
    after: AcqImage | None = None,
    which: ToReview = "undecided",
    *,
    backward: bool = False,
) -> AcqImage | None:
    """The recording to judge next.

    Parameters
    ----------
    images : sequence of AcqImage
        In the order in which they are judged.
    after : AcqImage, optional
        The one judged last; the search goes on behind it, and past the end from the start.
    which : {"undecided", "measured", "all"}
        See `ToReview`.
    backward : bool
        Whether to search the other way.

    Returns
    -------
    AcqImage or None
        ``None`` where there is no other one.

    Raises
    ------
    ParameterError
        If `which` is none of these.

    Examples
    --------
    >>> import numpy as np
    >>> from cloudscope import AcqImage
    >>> first, second, third = (AcqImage.from_array(np.zeros((9, 9)), name=n) for n in "abc")
    >>> third.accepted = False
    >>> next_to_review([first, second, third], after=second).name
    'a'
    """
    if which not in get_args(ToReview):
        raise ParameterError(f"which={which!r} is not allowed: give one of {get_args(ToReview)}")
    at = next((i for i, image in enumerate(images) if image is after), -1)
    behind = [*images[at + 1 :], *images[: max(at, 0)]]
    for image in reversed(behind) if backward else behind:
        if which == "all" or (image.accepted is None and (which == "undecided" or _fresh(image))):
            return image
    return None


def _fresh(image: AcqImage) -> bool:
    return any(image.stale_reason(result) is None for result in image.results.values())

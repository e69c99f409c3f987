"""Which recording comes next in a review."""

from __future__ import annotations

import numpy as np
import pytest

from cloudscope import AcqImage
from cloudscope.errors import ParameterError
from cloudscope.reviewing import next_to_review, review_progress


def recordings(*verdicts: bool | None) -> list[AcqImage]:
    images = []
    for place, verdict in enumerate(verdicts):
        pixels = np.random.default_rng(place).normal(100, 9, (200, 20))
        image = AcqImage.from_array(
            pixels, name=f"r{place}", line_period_s=0.001, pixel_size_um=0.5
        )
        image.accepted = verdict
        images.append(image)
    return images


def test_the_next_without_a_verdict_past_the_end_from_the_start() -> None:
    images = recordings(None, True, None, False)
    assert next_to_review(images) is images[0]
    assert next_to_review(images, images[0]) is images[2]
    assert next_to_review(images, images[2]) is images[0]
    assert next_to_review(images, images[0], backward=True) is images[2]
    assert next_to_review(images, images[0], "all") is images[1]
    images[2].accepted = True
    assert next_to_review(images, images[0]) is None
    assert next_to_review([], None) is None


def test_one_that_the_filter_hid_is_followed_by_the_first() -> None:
    images = recordings(None, None)
    assert next_to_review(images, recordings(None)[0]) is images[0]


def test_only_what_is_freshly_measured() -> None:
    images = recordings(None, None, None)
    images[1].analyze("intensity")
    images[2].analyze("intensity")
    images[1].set_calibration(line_period_s=0.002)
    assert next_to_review(images, images[0], "measured") is images[2]


def test_another_word_is_refused() -> None:
    with pytest.raises(ParameterError, match="which='some'"):
        next_to_review([], None, "some")  # type: ignore[arg-type]


def test_progress() -> None:
    progress = review_progress(recordings(None, True, False, True))
    assert str(progress) == "3 of 4 decided: 2 accepted, 1 rejected"
    assert progress.share == 0.75
    assert review_progress([]).share == 1

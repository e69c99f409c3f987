from __future__ import annotations

import pytest
from traitlets import HasTraits, TraitError

from cloudscope.errors import RoiError
from cloudscope.roi import Roi
from cloudscope.trait_types import FrozenMapping, Rois, TupleOf


class Holder(HasTraits):
    rois = Rois()
    words = TupleOf(str)
    mapping = FrozenMapping[str, int]()

    def _image_size(self) -> tuple[int, int]:
        return 100, 20


def test_what_is_assigned_is_frozen_and_copied() -> None:
    given = {"a": 1}
    holder = Holder(words=["x", "y"], mapping=given)
    given["b"] = 2
    assert holder.words == ("x", "y")
    assert dict(holder.mapping) == {"a": 1}
    with pytest.raises(TypeError):
        holder.mapping["c"] = 3  # type: ignore[index]


@pytest.mark.parametrize(
    ("trait", "value"), [("words", "text"), ("words", [1]), ("mapping", [1]), ("rois", 5)]
)
def test_other_shapes_are_refused_by_name(trait: str, value: object) -> None:
    with pytest.raises(TraitError, match=trait):
        setattr(Holder(), trait, value)


def test_rois_outside_the_recording_are_refused() -> None:
    with pytest.raises(RoiError):
        Holder().rois = [Roi(roi_id=1, row_start=0, row_stop=9, col_start=0, col_stop=21)]

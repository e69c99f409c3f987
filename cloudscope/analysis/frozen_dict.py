"""A dict that cannot be changed, for values that are frozen and yet plain to read and to dump."""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = ["FrozenDict"]


class FrozenDict(dict[str, Any]):
    """A ``dict`` whose entries stay as they were given; ``dict(it)`` is a copy to change.

    Raises
    ------
    TypeError
        If an entry is set or removed.

    Examples
    --------
    >>> summary = FrozenDict(windows=3)
    >>> summary["windows"], isinstance(summary, dict)
    (3, True)
    """

    def _refuse(self, *arguments: Any, **named: Any) -> NoReturn:
        raise TypeError("these values are frozen: change a copy, dict(values)")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[type[FrozenDict], tuple[dict[str, Any]]]:
        return type(self), (dict(self),)

"""`ReadLater`: text that is read from where it stands when somebody first looks at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

__all__ = ["ReadLater"]


class ReadLater(Mapping[str, str]):
    """A read-only mapping that is read when it is first looked into.

    Parameters
    ----------
    read : callable
        Returns the mapping; called once.

    Examples
    --------
    >>> text = ReadLater(lambda: {"zoom": "1.6"})
    >>> text["zoom"], len(text)
    ('1.6', 1)
    """

    def __init__(self, read: Callable[[], Mapping[str, str]]) -> None:
        self._read: Callable[[], Mapping[str, str]] | None = read
        self._content: Mapping[str, str] = {}

    def _there(self) -> Mapping[str, str]:
        if self._read is not None:
            self._content, self._read = dict(self._read()), None
        return self._content

    def __getitem__(self, key: str) -> str:
        return self._there()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._there())

    def __len__(self) -> int:
        return len(self._there())

    def __repr__(self) -> str:
        return "ReadLater()" if self._read is not None else f"ReadLater({dict(self._content)!r})"

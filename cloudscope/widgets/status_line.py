"""The line below the app: where one is, what just happened, what is unsaved."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from html import escape
from typing import Any

import ipywidgets
import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.errors import CloudscopeError
from cloudscope.veil import hide_names
from cloudscope.widgets.session_log import SessionLog
from cloudscope.widgets.wording import number_text

__all__ = ["StatusLine", "recording_words", "sentence"]

log = logging.getLogger(__name__)


class StatusLine(ipywidgets.Box):
    """Three parts: the recording, the last message, the unsaved work.

    Parameters
    ----------
    log : SessionLog, optional
        Keeps what is said.
    """

    message = traitlets.Unicode("", read_only=True)
    """What was said last."""

    tone = traitlets.Unicode("", read_only=True)
    """``""``, ``"ok"`` or ``"bad"``: of the message."""

    def __init__(self, log: SessionLog | None = None) -> None:
        super().__init__()
        self._session_log = log
        self._place, self._message, self._unsaved = (ipywidgets.HTML() for _ in range(3))
        self._message.add_class("cs-app-status-message")
        self._unsaved.add_class("cs-app-status-unsaved")
        self.children = (self._place, self._message, self._unsaved)
        self.add_class("cs-app-status")

    def say(self, message: str, tone: str = "") -> None:
        """Show a message; errors are announced to screen readers."""
        if self._session_log is not None:
            self._session_log.add("error" if tone == "bad" else "said", message)
        message = hide_names(message)
        self.set_trait("message", message)
        self.set_trait("tone", tone)
        role = "alert" if tone == "bad" else "status"
        kind = f"cs-{tone}" if tone else ""
        self._message.value = (
            f'<span role="{role}" class="{kind}" title="{escape(message)}">{escape(message)}</span>'
        )

    def fail(self, error: BaseException, doing: str = "") -> None:
        """Say an error in one sentence; one that nobody expected also goes to the log."""
        if not isinstance(error, CloudscopeError):
            log.error("%s failed", doing or "an action", exc_info=error)
        lead = f"{doing}: " if doing else ""
        self.say(lead + sentence(error), "bad")

    def guarded(self, doing: str, action: Callable[..., Any]) -> Callable[..., None]:
        """`action` for a button or an observer: what it raises is said here instead."""

        @wraps(action)
        def guard(*arguments: Any) -> None:
            try:
                action(*arguments)
            except Exception as error:
                self.fail(error, doing)

        return guard

    def clear(self) -> None:
        """Say nothing: what was said is of another state."""
        self.say("")
        self.show_place("")

    def show_place(self, words: str) -> None:
        """Say where one is."""
        self._place.value = f"<span>{escape(words)}</span>"

    def show_unsaved(self, names: list[str]) -> None:
        """Say which recordings have unsaved edits."""
        if not names:
            words = "all saved"
        elif len(names) <= 2:
            words = "unsaved: " + ", ".join(names)
        else:
            words = f"unsaved: {names[0]} and {len(names) - 1} more"
        keys = '<span class="cs-app-status-keys">J/K next · A accept · X reject · ? keys</span>'
        self._unsaved.value = f"<span>{escape(words)}</span>{keys}"

    def __repr__(self) -> str:
        return f"StatusLine({self.message!r})"


def sentence(error: BaseException) -> str:
    """An exception as one sentence for a user.

    Examples
    --------
    >>> sentence(CloudscopeError("scan.tif: the file is empty")), sentence(KeyError("a"))
    ('scan.tif: the file is empty', "unexpected KeyError: 'a' (the log has the details)")
    """
    if isinstance(error, CloudscopeError):
        return hide_names(str(error))
    words = f"unexpected {type(error).__name__}"
    return f"{words}: {hide_names(str(error))} (the log has the details)" if str(error) else words


def recording_words(image: AcqImage) -> str:
    """Name, size and scales of a recording in one line.

    Examples
    --------
    >>> import numpy as np
    >>> recording_words(AcqImage.from_array(np.zeros((3000, 38)), line_period_s=0.00117))
    'array · 3,000 × 38 · 1.170 ms · pixel size not known'
    """
    header = image.header
    words = [image.name, f"{header.lines:,} × {header.pixels:,}"]
    if header.frames > 1:
        words.append(f"{header.frames:,} frames")
    elif header.line_period_s is None:
        words.append("line period not known")
    else:
        words.append(f"{number_text(header.line_period_s * 1000, 4)} ms")
    if header.pixel_size_um is None:
        words.append("pixel size not known")
    else:
        words.append(f"{number_text(header.pixel_size_um, 3)} µm")
    return " · ".join(words)

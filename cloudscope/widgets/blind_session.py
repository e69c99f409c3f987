"""The app while its recordings are read blind: what is closed, locked and hidden, and again not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cloudscope.acq_image_list import AcqImageList
from cloudscope.blinding import BlindingKind, locked_values, usual_parameters
from cloudscope.errors import BlindingError, CloudscopeError, ParameterError

if TYPE_CHECKING:
    from cloudscope.widgets.app import App

__all__ = ["CLOSED", "LOCKED", "BlindSession"]

CLOSED: Mapping[str, str] = {
    "Metadata": "Metadata and header say which recording this is, so they are closed while the "
    "folder is read blind. The note is in Review.",
    "Pool": "A pool is grouped by metadata, so it is closed while the folder is read blind.",
    "Figure": "A figure is named after its recording, so it is closed while the folder is read "
    "blind.",
    "Export": "An export names recordings and groups, so it is closed while the folder is read "
    "blind.",
}
"""Panels that are closed while recordings are read blind, and the sentence shown instead."""

LOCKED = "Locked while the folder is read blind: everything is measured as it was set at the start."
"""Said above each form of parameters."""


class BlindSession:
    """Follows the blinding of an app's folder; writes into its log when it is opened and closed.

    Parameters
    ----------
    app : App
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._folder: AcqImageList | None = None
        self._was_blind = False

    @property
    def active(self) -> bool:
        """Whether the recordings shown are read blind."""
        return self._folder is not None and self._folder.blinded

    def follow(self, folder: AcqImageList) -> None:
        """Take the recordings that the app shows from now on."""
        self.leave()
        self._folder = folder
        folder.observe(self._changed, "blinding")
        if folder.blinded:
            self._log(folder, "opened")
        if folder.blinded or self._was_blind:
            self._apply()

    def leave(self) -> None:
        """Let go of the recordings; where they are read blind the log says so."""
        folder, self._folder = self._folder, None
        if folder is None:
            return
        folder.unobserve(self._changed, "blinding")
        if folder.blinded:
            self._log(folder, "closed")

    def parameters(self) -> dict[str, dict[str, Any]]:
        """What a blinding that starts now locks: the forms of the Measure panel as they are.

        Raises
        ------
        ParameterError
            If a form is wrong.
        CloudscopeError
            If something is being measured.
        """
        self._refuse_while_running()
        locked = usual_parameters()
        for name, section in self._app.measure.sections.items():
            if section.error:
                raise ParameterError(f"{section.title} in the Measure panel: {section.error}")
            if section.built:
                locked[name] = dict(section.form.values)
        return locked

    def _refuse_while_running(self) -> None:
        batch = self._app.tabs.built("Batch")
        runs = [self._app.measure.run, *([batch.run] if batch is not None else [])]
        if any(run.running for run in runs):
            raise CloudscopeError("something is being measured: wait for its end, or cancel it")

    def _log(self, folder: AcqImageList, kind: BlindingKind) -> None:
        try:
            folder.log_reading(kind)
        except BlindingError as error:
            self._app.status.fail(error, "The log of the blinded reading")

    def _changed(self, change: Any) -> None:
        if self.active != self._was_blind:
            self._apply()
        else:
            self._app.blind.refresh()

    def _apply(self) -> None:
        """Show everything anew: no part keeps what it said before."""
        app, folder = self._app, self._folder
        assert folder is not None
        self._was_blind = folder.blinded
        app.image = None
        app.status.clear()
        app.tabs.reopen(CLOSED if folder.blinded else {})
        for name, section in app.measure.sections.items():
            locked = locked_values(folder.blinding.parameters, name) if folder.blinding else {}
            section.lock(LOCKED if folder.blinded else "", locked)
        app.measure.forget()
        app.top.show_blind(folder.blinded)
        app.show_folder()
        app.unsaved.show_found()
        app.image = folder.images[0] if folder.images else None
        app.blind.refresh()

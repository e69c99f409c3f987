"""Saving from the app: every recording with unsaved edits, and what is said of it."""

from __future__ import annotations

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.errors import CloudscopeError, SidecarConflict
from cloudscope.widgets.recording_view import RecordingView
from cloudscope.widgets.status_line import StatusLine
from cloudscope.widgets.wording import counted

__all__ = ["save_all"]


def save_all(folder: AcqImageList, view: RecordingView, status: StatusLine) -> None:
    """Save every recording with unsaved edits; one that cannot be saved stops no other.

    Parameters
    ----------
    folder : AcqImageList
    view : RecordingView
        Says of the recording it shows why it could not be saved, and offers ways on.
    status : StatusLine
        Told what was saved, and what not.
    """
    if not folder.dirty:
        status.say("nothing to save: all is saved")
        return
    saved: list[str] = []
    failed: list[str] = []
    for image in folder.unsaved:
        _save(image, view, saved, failed)
    if failed:
        lead = f"{len(saved):,} saved, {len(failed):,} not: " if saved else ""
        status.say(lead + "; ".join(failed), "bad")
    else:
        words = saved[0] if len(saved) == 1 else counted(len(saved), "recordings")
        status.say(f"saved {words}", "ok")


def _save(image: AcqImage, view: RecordingView, saved: list[str], failed: list[str]) -> None:
    shown = image is view.image
    try:
        image.save()
    except SidecarConflict as error:
        failed.append(str(error))
        if shown:
            view.offer_reload(str(error))
    except CloudscopeError as error:
        failed.append(str(error))
        if shown:
            view.say_unsaved(str(error))
    else:
        saved.append(image.name)
        if shown:
            view.say_unsaved()

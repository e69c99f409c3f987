"""What the browser side of the viewer asks for, and the answers.

A message is ``{"kind", "request", ...}``; each gets at least one answer with the same
``request``, the last of them ``{"kind": "done"}`` or, with a sentence, ``{"kind": "refused"}``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cloudscope.errors import CloudscopeError, RoiError
from cloudscope.veil import hide_names
from cloudscope.widgets.image_tiles import TileId

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage
    from cloudscope.widgets.viewer import KymographViewer

__all__ = ["answer", "send_tile"]

_BOUNDS = ("row_start", "row_stop", "col_start", "col_stop")
_EDITABLE = (*_BOUNDS, "name", "note", "color", "locked")


def answer(viewer: KymographViewer, message: dict[str, Any], buffers: Any = None) -> None:
    """Do what a message asks, and say how it went."""
    viewer._page_listens = True
    handler = _HANDLERS.get(message.get("kind", ""))
    if handler is None:
        return
    request = message.get("request")
    try:
        outcome = handler(viewer, message)
    except CloudscopeError as error:
        viewer.send({"kind": "refused", "request": request, "text": hide_names(str(error))})
    else:
        viewer.send({"kind": "done", "request": request} | outcome)


def _tiles(viewer: KymographViewer, message: dict[str, Any]) -> dict[str, Any]:
    key = message["key"]
    for place in message["tiles"]:
        tile = TileId(*(int(number) for number in place))
        if not send_tile(viewer, key, tile):
            break  # another plane is shown by now; its own request follows
    return {}


def send_tile(viewer: KymographViewer, key: int, tile: TileId) -> bool:
    """Send a tile to the browser; False if its plane is no longer shown."""
    found = viewer._planes.tile(key, tile)
    if found is None:
        return False
    content = {
        "kind": "tile",
        "key": key,
        "tile": list(tile),
        "shape": list(found.pixels.shape),
        "dtype": found.pixels.dtype.name,
        "offset": found.offset,
        "scale": found.scale,
    }
    viewer.send(content, buffers=[found.pixels.data])
    return True


def _probe(viewer: KymographViewer, message: dict[str, Any]) -> dict[str, Any]:
    row, col = int(message["row"]), int(message["col"])
    return {"row": row, "col": col, "value": viewer._planes.value(message["key"], row, col)}


def _edit(viewer: KymographViewer, message: dict[str, Any]) -> dict[str, Any]:
    image = _image(viewer)
    action = message["action"]
    changes = {k: v for k, v in message.get("changes", {}).items() if k in _EDITABLE}
    if action == "add":
        roi = image.add_roi(**changes)
        viewer.selected_roi_id = roi.roi_id
        return {"roi_id": roi.roi_id}
    roi_id = int(message["roi_id"])
    roi = image.roi(roi_id)
    if roi.locked and (action == "delete" or set(changes) & set(_BOUNDS)):
        raise RoiError(f"ROI {roi.title} is locked: unlock it to change it")
    if action == "delete":
        image.delete_roi(roi_id)
    else:
        image.edit_roi(roi_id, **changes)
    return {"roi_id": roi_id}


def _history(viewer: KymographViewer, message: dict[str, Any]) -> dict[str, Any]:
    image = _image(viewer)
    undo = message["action"] == "undo"
    label = image.undo() if undo else image.redo()
    verb = "undo" if undo else "redo"
    if label is None:
        return {"text": f"There is nothing to {verb}."}
    return {"text": f"{'Undone' if undo else 'Redone'}: {label}."}


def _slope(viewer: KymographViewer, message: dict[str, Any]) -> dict[str, Any]:
    streak = viewer._lit
    if streak is None or streak.on_slope is None:
        raise CloudscopeError("this window can no longer be overruled: pick it again")
    streak.on_slope(float(message["slope"]))
    return {}


def _channel(viewer: KymographViewer, message: dict[str, Any]) -> dict[str, Any]:
    viewer.show_channel(
        int(message["channel"]), visible=message.get("visible"), color=message.get("color")
    )
    return {}


def _drag(viewer: KymographViewer, message: dict[str, Any]) -> dict[str, Any]:
    """Bounds under the hand: they are not those of the model before the hand lets go."""
    bounds = message.get("bounds")
    if bounds is None:
        viewer.dragged = None
    else:
        row_start, row_stop, col_start, col_stop = (int(bounds[name]) for name in _BOUNDS)
        roi_id = message.get("roi_id")
        viewer.dragged = (
            None if roi_id is None else int(roi_id),
            (row_start, row_stop, col_start, col_stop),
        )
    return {}


def _image(viewer: KymographViewer) -> AcqImage:
    if viewer.image is None:
        raise CloudscopeError("the viewer shows no recording")
    return viewer.image


_HANDLERS: dict[str, Callable[[KymographViewer, dict[str, Any]], dict[str, Any]]] = {
    "tiles": _tiles,
    "probe": _probe,
    "edit": _edit,
    "history": _history,
    "drag": _drag,
    "channel": _channel,
    "slope": _slope,
}

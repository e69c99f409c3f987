// What the toolbar shows, read from the traits.

import { isComposite } from "./layers";
import type { Model, Plane, Roi } from "./protocol";
import type { ToolbarState } from "./toolbar";
import type { ViewHistory } from "./view_history";

export function toolbarState(
  model: Model,
  plane: Plane,
  history: ViewHistory,
  selected: Roi | undefined,
): ToolbarState {
  const moving = model.get("_moving");
  const known = moving.key !== undefined || moving.problem !== undefined;
  return {
    plane,
    tool: model.get("tool"),
    lut: model.get("lut"),
    channel: model.get("channel"),
    layers: isComposite(model) ? model.get("_layers") : [],
    moving: model.get("background_removed") && (known ? true : "busy"),
    reference: model.get("_reference").possible ? model.get("show_reference") : undefined,
    frame: model.get("frame"),
    canGoBack: history.canGoBack,
    canGoForward: history.canGoForward,
    selected: selected !== undefined,
    undo: model.get("_undo"),
  };
}

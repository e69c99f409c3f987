// What tests and style sheets may rely on: the state of a view as attributes of its root.

import type { Drawn } from "./picture";
import type { Model, Plane } from "./protocol";
import type { View } from "./spans";

const shown = new WeakMap<HTMLElement, Record<string, string>>();

export function publish(
  root: HTMLElement,
  model: Model,
  plane: Plane,
  view: View,
  { ready, crisp }: Drawn,
  renderer: string,
  tiles: number,
): void {
  const { rows, cols } = plane;
  const dataset: Record<string, string> = {};
  dataset["renderer"] = renderer;
  dataset["ready"] = String(ready);
  dataset["crisp"] = String(crisp);
  dataset["tiles"] = String(tiles);
  dataset["tool"] = model.get("tool");
  dataset["timeRange"] = `${view.rows.start * rows.scale},${view.rows.stop * rows.scale}`;
  dataset["positionRange"] = `${view.cols.start * cols.scale},${view.cols.stop * cols.scale}`;
  dataset["selected"] = String(model.get("selected_roi_id") ?? "");
  dataset["rois"] = String(model.get("_rois").length);
  const before = shown.get(root) ?? {};
  // an attribute written is one the browser looks through its style sheets for
  for (const [name, value] of Object.entries(dataset)) {
    if (before[name] !== value) root.dataset[name] = value;
  }
  shown.set(root, dataset);
}

// What each command of the keyboard table does.

import { COLORMAPS, COLORS } from "./colormaps";
import { isComposite } from "./layers";
import type { Command } from "./keyboard";
import type { Roi } from "./protocol";
import { type Bounds, type Part, type Size, BODY, boundsOf, dragged } from "./roi_geometry";
import type { ViewState } from "./view_state";
import type { Viewer } from "./viewer";

type Action = (viewer: Viewer, step: number) => void;

const view = (act: (state: ViewState) => void): Action => (viewer) => act(viewer.state);

const zoom = (factor: number): Action => ({ state }) => {
  state.zoomAt({ x: state.width / 2, y: state.height / 2 }, factor, "main");
};

/** Move a part of the selected ROI on the screen, or the picture where none is selected. */
const shift = (x: number, y: number, part: Part = BODY): Action => (viewer, step) => {
  const roi = viewer.selectedRoi;
  if (!roi) {
    viewer.state.panByPixels(-x * -40 * step, y * 40 * step);
    return;
  }
  const by = viewer.source.plane.line_scan
    ? { rows: x * step, cols: -y * step }
    : { rows: y * step, cols: x * step };
  viewer.nudge(roi, dragged(boundsOf(roi), part, by, viewer.size));
};

/** Alt and arrows: the edge to the right or on top follows. */
const grow = (x: number, y: number): Action => (viewer, step) => {
  const lineScan = viewer.source.plane.line_scan;
  const part: Part = x !== 0
    ? lineScan ? { rows: 1, cols: 0 } : { rows: 0, cols: 1 }
    : lineScan ? { rows: 0, cols: 1 } : { rows: -1, cols: 0 };
  if (viewer.selectedRoi) shift(x, y, part)(viewer, step);
};

const stretch = (bounds: (roi: Roi, size: Size) => Bounds): Action => (viewer) => {
  const roi = viewer.selectedRoi;
  if (roi) viewer.change(roi.roi_id, boundsOf(roi), bounds(roi, viewer.size));
};

const neighbour = (by: number): Action => (viewer) => {
  const rois = viewer.rois;
  if (!rois.length) return;
  const now = rois.findIndex((roi) => roi.roi_id === viewer.selected);
  const next = now < 0 ? (by > 0 ? 0 : rois.length - 1) : (now + by + rois.length) % rois.length;
  viewer.select(rois[next]!.roi_id);
};

const channelBy = (by: number): Action => (viewer) => {
  const count = viewer.source.plane.channels?.length ?? 1;
  if (count > 1) viewer.put("channel", (viewer.model.get("channel") + by + count) % count);
};

/** The next of some colours after the one now. */
const after = (names: readonly string[], now: string | undefined): string =>
  names[(names.indexOf(now ?? "") + 1) % names.length]!;

const ACTIONS: Record<Command, Action> = {
  "tool-select": (viewer) => viewer.setTool("select"),
  "tool-draw": (viewer) => viewer.setTool("draw"),
  "tool-pan": (viewer) => viewer.setTool("pan"),
  fit: view((state) => state.fit()),
  "one-to-one": view((state) => state.oneToOne()),
  "zoom-roi": (viewer) => {
    const roi = viewer.selectedRoi ?? (viewer.rois.length === 1 ? viewer.rois[0] : undefined);
    if (!roi) return;
    viewer.state.zoomToBox(
      { start: roi.row_start, stop: roi.row_stop },
      { start: roi.col_start, stop: roi.col_stop },
      0.05,
    );
  },
  "zoom-in": zoom(1 / 1.6),
  "zoom-out": zoom(1.6),
  back: view((state) => state.goBack()),
  forward: view((state) => state.goForward()),
  left: shift(-1, 0),
  right: shift(1, 0),
  up: shift(0, -1),
  down: shift(0, 1),
  "grow-left": grow(-1, 0),
  "grow-right": grow(1, 0),
  "grow-up": grow(0, -1),
  "grow-down": grow(0, 1),
  start: view((state) => state.panBy(-Infinity, 0)),
  end: view((state) => state.panBy(Infinity, 0)),
  "page-back": view((state) => state.page(-0.9)),
  "page-forward": view((state) => state.page(0.9)),
  "next-roi": neighbour(1),
  "previous-roi": neighbour(-1),
  rename: (viewer) => viewer.selected !== null && viewer.rename(viewer.selected),
  edit: (viewer) => viewer.roiEditor.toggle(),
  duplicate: (viewer) => void viewer.duplicate(),
  delete: (viewer) => void viewer.remove(),
  lock: (viewer) => {
    const roi = viewer.selectedRoi;
    if (roi) void viewer.edits.change(roi.roi_id, { locked: !roi.locked });
  },
  "full-time": stretch((roi, size) => ({ ...boundsOf(roi), row_start: 0, row_stop: size.lines })),
  "full-position": stretch((roi, size) => ({ ...boundsOf(roi), col_start: 0, col_stop: size.pixels })),
  undo: (viewer) => void viewer.edits.history("undo"),
  redo: (viewer) => void viewer.edits.history("redo"),
  cancel: (viewer) => viewer.cancel(),
  together: (viewer) => {
    const several = (viewer.source.plane.channels?.length ?? 1) > 1;
    if (several) viewer.put("composite", !viewer.model.get("composite"));
  },
  "next-channel": channelBy(1),
  "previous-channel": channelBy(-1),
  "see-channel": (viewer) => {
    const layer = viewer.activeLayer;
    if (layer) viewer.showChannel(layer.channel, !layer.visible);
  },
  moving: (viewer) => viewer.put("background_removed", !viewer.model.get("background_removed")),
  reference: (viewer) => viewer.put("show_reference", !viewer.model.get("show_reference")),
  "next-map": (viewer) => {
    if (isComposite(viewer.model)) viewer.colorChannel(after(COLORS, viewer.activeLayer?.color));
    else viewer.put("lut", after(COLORMAPS, viewer.model.get("lut")));
  },
  invert: (viewer) => viewer.put("lut", viewer.model.get("lut") === "inverted gray" ? "gray" : "inverted gray"),
  "auto-contrast": (viewer) => viewer.put("contrast", null),
  "scale-bar": (viewer) => viewer.put("scale_bar", !viewer.model.get("scale_bar")),
  marks: (viewer) => viewer.put("show_marks", !viewer.model.get("show_marks")),
  help: (viewer) => viewer.help.toggle(),
};

/** Do a command; `step` is how many pixels an arrow moves by. */
export const runCommand = (command: Command, viewer: Viewer, step = 1): void =>
  ACTIONS[command](viewer, step);

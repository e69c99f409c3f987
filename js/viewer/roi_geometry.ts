// Rectangles on an image: what the pointer hits, and what dragging makes of it; no DOM.

import type { Roi, RoiBounds } from "./protocol";
import { type Point, type Projection, type Rect } from "./spans";

export type Bounds = RoiBounds;

export interface Size {
  lines: number;
  pixels: number;
}

/** Which bound moves: -1 the start, 1 the stop, 0 neither. Both 0 is the whole rectangle. */
export interface Part {
  rows: -1 | 0 | 1;
  cols: -1 | 0 | 1;
}

export const BODY: Part = { rows: 0, cols: 0 };

export const HANDLES: readonly Part[] = ([-1, 0, 1] as const)
  .flatMap((rows) => ([-1, 0, 1] as const).map((cols) => ({ rows, cols })))
  .filter((part) => part.rows !== 0 || part.cols !== 0);

export interface Hit {
  roi: Roi;
  part: Part;
}

const REACH = 7; // screen pixels around a handle that count as the handle
const ROOM = 22; // a smaller rectangle has its handles pushed out, so that its body can be hit

export const boundsOf = (roi: Bounds): Bounds => ({
  row_start: roi.row_start,
  row_stop: roi.row_stop,
  col_start: roi.col_start,
  col_stop: roi.col_stop,
});

export const sameBounds = (a: Bounds, b: Bounds): boolean =>
  a.row_start === b.row_start &&
  a.row_stop === b.row_stop &&
  a.col_start === b.col_start &&
  a.col_stop === b.col_stop;

export const roiRect = (roi: Bounds, screen: Projection): Rect =>
  screen.toRect(
    { start: roi.row_start, stop: roi.row_stop },
    { start: roi.col_start, stop: roi.col_stop },
  );

const clamp = (value: number, low: number, high: number): number =>
  Math.min(Math.max(value, low), high);

/**
 * Where a handle lies on the screen; undefined where its edge is out of view.
 *
 * Handles in the middle of an edge stay in the middle of what is visible of it.
 */
export function handlePoint(roi: Bounds, part: Part, screen: Projection): Point | undefined {
  const rect = roiRect(roi, screen);
  // along x and y: rows or columns, and in which direction
  const alongX = screen.lineScan ? part.rows : part.cols;
  const alongY = screen.lineScan ? -part.cols : part.rows;
  const place = (side: number, start: number, size: number, limit: number): number => {
    const push = Math.max(0, (ROOM - size) / 2);
    if (side < 0) return start - push;
    if (side > 0) return start + size + push;
    return (clamp(start, 0, limit) + clamp(start + size, 0, limit)) / 2;
  };
  const point = {
    x: place(alongX, rect.x, rect.width, screen.width),
    y: place(alongY, rect.y, rect.height, screen.height),
  };
  const slack = ROOM / 2 + 1;
  const seen =
    point.x >= -slack &&
    point.x <= screen.width + slack &&
    point.y >= -slack &&
    point.y <= screen.height + slack;
  return seen ? { x: clamp(point.x, 0, screen.width), y: clamp(point.y, 0, screen.height) } : undefined;
}

const within = (rect: Rect, point: Point, slack: number): boolean =>
  point.x >= rect.x - slack &&
  point.x <= rect.x + rect.width + slack &&
  point.y >= rect.y - slack &&
  point.y <= rect.y + rect.height + slack;

/** What lies under the pointer: handles of the selected ROI, its body, then the smallest body. */
export function hitTest(
  rois: readonly Roi[],
  selected: number | null,
  point: Point,
  screen: Projection,
): Hit | undefined {
  const chosen = rois.find((roi) => roi.roi_id === selected);
  if (chosen && !chosen.locked) {
    let nearest: Hit | undefined;
    let distance = REACH + 2;
    for (const part of HANDLES) {
      const at = handlePoint(chosen, part, screen);
      const away = at ? Math.max(Math.abs(at.x - point.x), Math.abs(at.y - point.y)) : Infinity;
      if (away < distance) {
        distance = away;
        nearest = { roi: chosen, part };
      }
    }
    if (nearest) return nearest;
    const edge = edgeHit(chosen, point, screen);
    if (edge) return { roi: chosen, part: edge };
  }
  const bodies = rois
    .map((roi) => ({ roi, rect: roiRect(roi, screen) }))
    .filter(({ rect }) => within(rect, point, 3))
    .sort((a, b) => {
      const preferred = Number(b.roi.roi_id === selected) - Number(a.roi.roi_id === selected);
      return preferred || a.rect.width * a.rect.height - b.rect.width * b.rect.height;
    });
  return bodies[0] && { roi: bodies[0].roi, part: BODY };
}

/** An edge of a rectangle that is large enough to have edges apart from its body. */
function edgeHit(roi: Roi, point: Point, screen: Projection): Part | undefined {
  const rect = roiRect(roi, screen);
  const reach = 4;
  if (!within(rect, point, reach) || rect.width < ROOM || rect.height < ROOM) return undefined;
  const x =
    Math.abs(point.x - rect.x) <= reach ? -1 : Math.abs(point.x - rect.x - rect.width) <= reach ? 1 : 0;
  const y =
    Math.abs(point.y - rect.y) <= reach ? -1 : Math.abs(point.y - rect.y - rect.height) <= reach ? 1 : 0;
  if (x === 0 && y === 0) return undefined;
  const flipped = (-y || 0) as Part["cols"];
  return screen.lineScan ? { rows: x, cols: flipped } : { rows: y, cols: x };
}

function dragAxis(
  start: number,
  stop: number,
  side: -1 | 0 | 1,
  both: boolean,
  by: number,
  size: number,
): [number, number] {
  if (both) {
    const move = clamp(by, -start, size - stop);
    return [start + move, stop + move];
  }
  if (side < 0) return [clamp(start + by, 0, stop - 1), stop];
  if (side > 0) return [start, clamp(stop + by, start + 1, size)];
  return [start, stop];
}

/** `bounds` after one part of it was moved by whole pixels; never outside, never empty. */
export function dragged(
  bounds: Bounds,
  part: Part,
  by: { rows: number; cols: number },
  size: Size,
): Bounds {
  const body = part.rows === 0 && part.cols === 0;
  const [rowStart, rowStop] = dragAxis(
    bounds.row_start, bounds.row_stop, part.rows, body, Math.round(by.rows), size.lines,
  );
  const [colStart, colStop] = dragAxis(
    bounds.col_start, bounds.col_stop, part.cols, body, Math.round(by.cols), size.pixels,
  );
  return { row_start: rowStart, row_stop: rowStop, col_start: colStart, col_stop: colStop };
}

/** The whole pixels nearest to a rectangle between two points of the image; at least one. */
export function drawn(
  a: { row: number; col: number },
  b: { row: number; col: number },
  size: Size,
): Bounds {
  const axis = (from: number, to: number, limit: number): [number, number] => {
    const low = clamp(Math.round(Math.min(from, to)), 0, limit - 1);
    return [low, clamp(Math.round(Math.max(from, to)), low + 1, limit)];
  };
  const [rowStart, rowStop] = axis(a.row, b.row, size.lines);
  const [colStart, colStop] = axis(a.col, b.col, size.pixels);
  return { row_start: rowStart, row_stop: rowStop, col_start: colStart, col_stop: colStop };
}

/** CSS cursor for a part. */
export function cursorFor(part: Part, lineScan: boolean): string {
  const x = lineScan ? part.rows : part.cols;
  const y = lineScan ? -part.cols : part.rows;
  if (x === 0 && y === 0) return "move";
  if (x === 0) return "ns-resize";
  if (y === 0) return "ew-resize";
  return x === y ? "nwse-resize" : "nesw-resize";
}

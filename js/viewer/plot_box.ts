// How much of the view the picture takes: all its width for a line scan, square pixels for a frame.

import { hasPixels } from "./levels";
import type { Plane } from "./protocol";

/** Beside the picture: the axis on its left and the margin on its right, as in the style sheet. */
const BESIDE_PX = 76;

export function plotBox(
  plane: Plane,
  height: number,
  room: number,
): { height: number; maxWidth: string } {
  if (plane.line_scan || !hasPixels(plane)) return { height, maxWidth: "" };
  const { rows, cols } = plane;
  // square where both sizes are lengths
  const alike = rows.unit === cols.unit;
  const ratio = (cols.size * (alike ? cols.scale : 1)) / (rows.size * (alike ? rows.scale : 1));
  const width = Math.min(height * ratio, Math.max(room - BESIDE_PX, 1));
  return { height: Math.round(width / ratio), maxWidth: `${Math.round(width)}px` };
}

// Which tiles a view needs, and where a tile lies in the image; no DOM.

import type { Plane, TilePlace } from "./protocol";
import { type Projection, type Span } from "./spans";

/** A plane that has pixels. */
export type PixelPlane = Required<Plane>;

export const hasPixels = (plane: Plane): plane is PixelPlane => plane.row_levels !== undefined;

export const tileName = (place: TilePlace): string => place.join("/");

export const overviewOf = (plane: PixelPlane): TilePlace => [
  plane.row_levels - 1,
  plane.col_levels - 1,
  0,
  0,
];

export const factors = (plane: PixelPlane, place: TilePlace): { row: number; col: number } => ({
  row: plane.factor ** place[0],
  col: plane.factor ** place[1],
});

/** Rows and columns of the image that a tile covers. */
export function tileSpans(plane: PixelPlane, place: TilePlace): { rows: Span; cols: Span } {
  const factor = factors(plane, place);
  const rows = plane.tile_rows * factor.row;
  const cols = plane.tile_cols * factor.col;
  return {
    rows: { start: place[2] * rows, stop: Math.min((place[2] + 1) * rows, plane.lines) },
    cols: { start: place[3] * cols, stop: Math.min((place[3] + 1) * cols, plane.pixels) },
  };
}

/** The coarsest level that still has a pixel for every pixel of the screen. */
export function levelFor(perPixel: number, levels: number, factor: number): number {
  let level = 0;
  while (level + 1 < levels && factor ** (level + 1) <= perPixel * (1 + 1e-9)) level += 1;
  return level;
}

function range(span: Span, step: number, size: number): [number, number] {
  const last = Math.ceil(size / step) - 1;
  const first = Math.min(Math.max(Math.floor(span.start / step), 0), last);
  return [first, Math.min(Math.max(Math.ceil(span.stop / step) - 1, first), last)];
}

/** Tiles of the level that suits the screen, those nearest the middle of the view first. */
export function tilesFor(plane: PixelPlane, screen: Projection): TilePlace[] {
  const rowLevel = levelFor(screen.rowsPerPixel, plane.row_levels, plane.factor);
  const colLevel = levelFor(screen.colsPerPixel, plane.col_levels, plane.factor);
  const rowStep = plane.tile_rows * plane.factor ** rowLevel;
  const colStep = plane.tile_cols * plane.factor ** colLevel;
  const { rows, cols } = screen.view;
  const [top, bottom] = range(rows, rowStep, plane.lines);
  const [left, right] = range(cols, colStep, plane.pixels);
  const middle = {
    row: (rows.start + rows.stop) / 2 / rowStep - 0.5,
    col: (cols.start + cols.stop) / 2 / colStep - 0.5,
  };
  const places: TilePlace[] = [];
  for (let row = top; row <= bottom; row++) {
    for (let col = left; col <= right; col++) places.push([rowLevel, colLevel, row, col]);
  }
  const away = (place: TilePlace): number =>
    Math.hypot(place[2] - middle.row, place[3] - middle.col);
  return places.sort((a, b) => away(a) - away(b));
}

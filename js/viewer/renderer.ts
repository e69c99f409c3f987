// What both renderers share: which tiles to draw, and where a tile lies on the screen.

import type { ImageSource, Tile } from "./image_source";
import { type PixelPlane, factors, tileSpans, tilesFor } from "./levels";
import type { Contrast } from "./protocol";
import type { Projection } from "./spans";

export interface Look {
  contrast: NonNullable<Contrast>;
  gamma: number;
  lut: string;
}

/** One channel: its tiles, coarse first, the finer ones over them. */
export interface PictureLayer {
  look: Look;
  tiles: Tile[];
}

export interface Picture {
  plane: PixelPlane;
  screen: Projection; // in device pixels
  layers: PictureLayer[]; // added up
}

export interface Renderer {
  readonly kind: "webgl2" | "canvas";
  readonly canvas: HTMLCanvasElement;
  draw(picture: Picture | undefined): void;
  dispose(): void;
}

/** Tiles to draw for a view: the right ones where they are here, coarser ones under the gaps. */
export function pictureTiles(
  plane: PixelPlane,
  screen: Projection,
  source: ImageSource,
  key: number,
): { tiles: Tile[]; missing: boolean; wanted: ReturnType<typeof tilesFor> } {
  const wanted = tilesFor(plane, screen);
  const fine = source.held(key, wanted);
  const missing = fine.length < wanted.length;
  if (!missing) return { tiles: fine, missing, wanted };
  const coarse = [];
  const [rowLevel, colLevel] = wanted[0]!;
  for (let level = plane.row_levels - 1; level > rowLevel; level--) {
    const step = plane.tile_rows * plane.factor ** level;
    const first = Math.max(0, Math.floor(screen.view.rows.start / step));
    const last = Math.min(Math.ceil(plane.lines / step) - 1, Math.floor(screen.view.rows.stop / step));
    for (let row = first; row <= last; row++) {
      const columns = Math.ceil(plane.pixels / (plane.tile_cols * plane.factor ** colLevel));
      for (let col = 0; col < columns; col++) {
        const tile = source.get(key, [level, colLevel, row, col]);
        if (tile) coarse.push(tile);
      }
    }
  }
  const underlay = source.underlay(key);
  const under = underlay && !coarse.includes(underlay) ? [underlay] : [];
  return { tiles: [...under, ...coarse, ...fine], missing, wanted };
}

/** How pixels of the screen map to pixels of a tile: `offset + step × screen pixel`. */
export interface TileMap {
  rows: { offset: number; step: number };
  cols: { offset: number; step: number };
  /** Screen pixels that the tile covers, from the lower left for line scans, else upper left. */
  alongRows: [number, number];
  alongCols: [number, number];
}

export function mapTile(plane: PixelPlane, tile: Tile, screen: Projection): TileMap {
  const spans = tileSpans(plane, tile.place);
  const factor = factors(plane, tile.place);
  const { rows, cols } = screen.view;
  const across = (start: number, perPixel: number, first: number): number =>
    (first - start) / perPixel;
  return {
    rows: {
      offset: (rows.start - spans.rows.start) / factor.row,
      step: screen.rowsPerPixel / factor.row,
    },
    cols: {
      offset: (cols.start - spans.cols.start) / factor.col,
      step: screen.colsPerPixel / factor.col,
    },
    alongRows: [
      across(rows.start, screen.rowsPerPixel, spans.rows.start),
      across(rows.start, screen.rowsPerPixel, spans.rows.stop),
    ],
    alongCols: [
      across(cols.start, screen.colsPerPixel, spans.cols.start),
      across(cols.start, screen.colsPerPixel, spans.cols.stop),
    ],
  };
}


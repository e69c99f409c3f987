// Draws tiles on the processor, for browsers without WebGL2; the same picture, more slowly.

import { colormap } from "./colormaps";
import type { Tile } from "./image_source";
import type { PixelPlane } from "./levels";
import { type Look, type Picture, type Renderer, mapTile } from "./renderer";
import type { Projection } from "./spans";

interface Taps {
  first: Int32Array; // first texel of each screen pixel, -1 where the tile is not
  last: Int32Array;
}

/** Texels under each screen pixel along one axis: one above 1:1, all it touches below. */
export function taps(
  screenPixels: number,
  offset: number,
  step: number,
  limit: number,
  covered: [number, number],
): Taps {
  const first = new Int32Array(screenPixels).fill(-1);
  const last = new Int32Array(screenPixels).fill(-1);
  for (let p = 0; p < screenPixels; p++) {
    if (p + 0.5 < covered[0] || p + 0.5 >= covered[1]) continue;
    if (step <= 1) {
      const at = Math.min(Math.max(Math.floor(offset + step * (p + 0.5)), 0), limit - 1);
      first[p] = at;
      last[p] = at;
    } else {
      const a = Math.round(offset + step * p);
      const b = Math.round(offset + step * (p + 1)) - 1;
      first[p] = Math.min(Math.max(a, 0), limit - 1);
      last[p] = Math.min(Math.max(b, first[p]!), limit - 1);
    }
  }
  return { first, last };
}

/** 256 steps of contrast and gamma. */
export function shade(value: number, look: Look): number {
  const [low, high] = look.contrast;
  const share = Math.min(Math.max((value - low) / (high - low || 1e-9), 0), 1);
  return Math.floor((look.gamma === 1 ? share : share ** look.gamma) * 255 + 0.5);
}

/** Of what a tile is a part, and how it is shown. */
export interface Painting {
  plane: PixelPlane;
  screen: Projection;
  look: Look;
}

/** Paint one tile into RGBA `data` of `width` × `height`. */
export function paintTile(
  data: Uint8ClampedArray,
  width: number,
  height: number,
  { plane, screen, look }: Painting,
  tile: Tile,
): void {
  const map = mapTile(plane, tile, screen);
  const along = screen.lineScan ? width : height;
  const across = screen.lineScan ? height : width;
  const rows = taps(along, map.rows.offset, map.rows.step, tile.rows, map.alongRows);
  const cols = taps(across, map.cols.offset, map.cols.step, tile.cols, map.alongCols);
  const table = colormap(look.lut);
  const { pixels } = tile;
  for (let i = 0; i < along; i++) {
    const r0 = rows.first[i]!;
    if (r0 < 0) continue;
    const r1 = rows.last[i]!;
    for (let j = 0; j < across; j++) {
      const c0 = cols.first[j]!;
      if (c0 < 0) continue;
      const c1 = cols.last[j]!;
      let total = 0;
      let count = 0;
      for (let r = r0; r <= r1; r++) {
        const start = r * tile.cols;
        for (let c = c0; c <= c1; c++) {
          const value = pixels[start + c]!;
          if (value === value) {
            total += value;
            count += 1;
          }
        }
      }
      const x = screen.lineScan ? i : j;
      const y = screen.lineScan ? height - 1 - j : i;
      const at = (y * width + x) * 4;
      if (count === 0) {
        data.fill(0, at, at + 4);
        continue;
      }
      const index = shade(tile.offset + (tile.scale * total) / count, look) * 4;
      data[at] = table[index]!;
      data[at + 1] = table[index + 1]!;
      data[at + 2] = table[index + 2]!;
      data[at + 3] = 255;
    }
  }
}

/** Paint a picture into RGBA `data` that is all 0; the colours of its layers are added up. */
export function paintPicture(data: Uint8ClampedArray, width: number, height: number, { plane, screen, layers }: Picture): void {
  for (const [i, { look, tiles }] of layers.entries()) {
    const into = i ? new Uint8ClampedArray(data.length) : data;
    for (const tile of tiles) paintTile(into, width, height, { plane, screen, look }, tile);
    // an array of this kind is cut at 255 by itself
    if (i) for (let at = 0; at < data.length; at++) data[at]! += into[at]!;
  }
}

export class CanvasRenderer implements Renderer {
  readonly kind = "canvas";
  private readonly context: CanvasRenderingContext2D | null;

  constructor(readonly canvas: HTMLCanvasElement) {
    this.context = canvas.getContext("2d");
  }

  draw(picture: Picture | undefined): void {
    const { width, height } = this.canvas;
    if (!this.context || !width || !height) return;
    const image = this.context.createImageData(width, height);
    if (picture) paintPicture(image.data, width, height, picture);
    this.context.putImageData(image, 0, 0);
  }

  dispose(): void {
    this.canvas.width = this.canvas.height = 0;
  }
}

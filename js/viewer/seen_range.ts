// Smallest and largest value of what is in view, found once the view has come to rest.

import type { Layer } from "./layers";
import type { ImageSource, Tile } from "./image_source";
import { type PixelPlane, factors, tileSpans, tilesFor } from "./levels";
import type { Projection, View } from "./spans";

const REST_MS = 80;

/** Range of the part of some tiles that lies in a view; undefined if there is no value. */
export function rangeIn(plane: PixelPlane, tiles: readonly Tile[], view: View): [number, number] | undefined {
  let low = Infinity;
  let high = -Infinity;
  for (const tile of tiles) {
    const spans = tileSpans(plane, tile.place);
    const factor = factors(plane, tile.place);
    const cut = (start: number, stop: number, origin: number, step: number, size: number): [number, number] => [
      Math.max(0, Math.floor((start - origin) / step)),
      Math.min(size, Math.ceil((stop - origin) / step)),
    ];
    const [r0, r1] = cut(view.rows.start, view.rows.stop, spans.rows.start, factor.row, tile.rows);
    const [c0, c1] = cut(view.cols.start, view.cols.stop, spans.cols.start, factor.col, tile.cols);
    for (let row = r0; row < r1; row++) {
      for (let at = row * tile.cols + c0; at < row * tile.cols + c1; at++) {
        const value = tile.offset + tile.scale * tile.pixels[at]!;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
  }
  if (!(high >= low)) return undefined;
  return high > low ? [low, high] : [low, low + 1];
}

export class SeenRanges {
  private readonly found = new Map<number, [number, number]>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private done = "";

  constructor(private readonly changed: () => void) {}

  readonly of = (key: number): [number, number] | undefined => this.found.get(key);

  /** Look at what is drawn, when no more is drawn for a moment. */
  follow(source: ImageSource, plane: PixelPlane, layers: readonly Layer[], screen: Projection, crisp: boolean): void {
    if (!crisp) return;
    const state = JSON.stringify([screen.view, screen.width, screen.height, layers.map(({ key }) => key)]);
    if (state === this.done) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.done = state;
      const wanted = tilesFor(plane, screen);
      for (const { key } of layers) {
        const range = rangeIn(plane, source.held(key, wanted), screen.view);
        if (range) this.found.set(key, range);
        else this.found.delete(key);
      }
      this.changed();
    }, REST_MS);
  }

  dispose(): void {
    clearTimeout(this.timer);
  }
}

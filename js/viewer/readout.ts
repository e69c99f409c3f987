// Time, position and intensity under the pointer, and the cursor line.

import { readout } from "./axes";
import { brightest } from "./colormaps";
import { element } from "./dom";
import type { ImageSource } from "./image_source";
import { Latest } from "./latest";
import type { Layer } from "./layers";
import { type PixelPlane, hasPixels } from "./levels";
import type { Plane } from "./protocol";
import type { Point, Projection } from "./spans";
import { decimalsFor, format } from "./ticks";

interface Pixel {
  row: number;
  col: number;
}

interface Word {
  text: string;
  title: string; // of a channel among several
  color: string;
}

const TIP_ROOM_PX = 190;

export class Readout {
  readonly line = element("div", { class: "cs-cursor", hidden: true });
  readonly tip = element("div", { class: "cs-tip", hidden: true });
  private at: { row: number; col: number } | undefined;
  private layers: readonly Layer[] = [];
  private known = new Map<number, Pixel & { value: number | null }>(); // by key
  private readonly probe: Latest<Pixel & { key: number }>;
  private texts: Text[] = [];
  private shape = "";

  constructor(private readonly source: ImageSource) {
    this.probe = new Latest((pixel) => {
      void this.source.request({ kind: "probe", ...pixel }, 3000).then((done) => {
        if (done?.value !== undefined) this.known.set(pixel.key, { ...pixel, value: done.value });
        this.probe.ack();
        this.write();
      });
    }, 3000);
  }

  /** Time along the rows at the pointer, or null. */
  hover(point: Point | undefined, screen: Projection | undefined): number | null {
    const plane = this.source.plane;
    const inside =
      point && screen && hasPixels(plane) &&
      point.x >= 0 && point.y >= 0 && point.x <= screen.width && point.y <= screen.height;
    this.tip.hidden = !inside;
    if (!inside) {
      this.at = undefined;
      this.line.hidden = true;
      return null;
    }
    const { row, col } = screen.toImage(point);
    this.at = {
      row: Math.min(Math.max(row, 0), plane.lines - 1e-6),
      col: Math.min(Math.max(col, 0), plane.pixels - 1e-6),
    };
    this.line.hidden = !plane.line_scan;
    this.line.style.transform = `translateX(${point.x}px)`;
    const left = point.x + TIP_ROOM_PX > screen.width;
    this.tip.classList.toggle("cs-tip-left", left);
    this.tip.style.transform = `translateX(${point.x}px)`;
    // out of the way of a pointer near the top
    this.tip.classList.toggle("cs-tip-low", point.y < 44);
    this.write();
    return plane.line_scan ? this.at.row * plane.rows.scale : null;
  }

  /** Whose intensities are read out; several have their titles beside them. */
  show(layers: readonly Layer[]): void {
    this.layers = layers;
  }

  /** Draw the cursor line at a time set from elsewhere. */
  follow(time: number | null, plane: Plane, screen: Projection | undefined): void {
    if (this.at) return; // the pointer is here and says where
    const x = time === null || !screen ? NaN : screen.toScreen(time / plane.rows.scale, 0).x;
    this.line.hidden = !(plane.line_scan && x >= 0 && screen && x <= screen.width);
    if (!this.line.hidden) this.line.style.transform = `translateX(${x}px)`;
  }

  dispose(): void {
    this.probe.clear();
  }

  private write(): void {
    const plane = this.source.plane;
    if (!this.at || !hasPixels(plane)) return;
    const parts = [readout(plane.rows, this.at.row), readout(plane.cols, this.at.col)];
    if (!plane.line_scan) parts.reverse();
    const words: Word[] = parts.map((text) => ({ text, title: "", color: "" }));
    const [row, col] = [Math.floor(this.at.row), Math.floor(this.at.col)];
    const several = this.layers.length > 1;
    for (const layer of this.layers) {
      const value = this.valueAt(plane, layer.key, row, col);
      if (value === undefined) continue;
      const text = value === null ? "no value" : numberText(layer, value);
      words.push({ text, title: several ? layer.title : "", color: several ? brightest(layer.look.lut) : "" });
    }
    this.say(words);
  }

  /** Write what differs from what stands there: it is written at every move of the pointer. */
  private say(words: readonly Word[]): void {
    const shape = JSON.stringify(words.map(({ title, color }) => [title, color]));
    if (shape !== this.shape) {
      this.shape = shape;
      this.texts = words.map(() => document.createTextNode(""));
      this.tip.replaceChildren(
        ...words.map(({ title, color }, i) => {
          const span = element("span", { title: title || undefined }, this.texts[i]!);
          if (color) span.prepend(element("i", { class: "cs-dot", style: `background: ${color}` }));
          return span;
        }),
      );
    }
    words.forEach(({ text }, i) => {
      if (this.texts[i]!.data !== text) this.texts[i]!.data = text;
    });
  }

  private valueAt(plane: PixelPlane, key: number, row: number, col: number): number | null | undefined {
    const tileRow = Math.floor(row / plane.tile_rows);
    const tileCol = Math.floor(col / plane.tile_cols);
    const tile = this.source.get(key, [0, 0, tileRow, tileCol]);
    if (tile) {
      const at = (row - tileRow * plane.tile_rows) * tile.cols + col - tileCol * plane.tile_cols;
      const value = tile.pixels[at]!;
      return Number.isNaN(value) ? null : value;
    }
    const known = this.known.get(key);
    if (known?.row === row && known.col === col) return known.value;
    this.probe.push({ key, row, col });
    return undefined;
  }
}

function numberText({ whole, range }: Layer, value: number): string {
  if (whole) return format(value, 0);
  return format(value, decimalsFor(Math.max(range[1] - range[0], 1e-9) / 1000));
}

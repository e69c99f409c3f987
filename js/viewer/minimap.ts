// The whole recording in a strip, with a window over the part on show.

import { paintPicture } from "./canvas_renderer";
import { element, listen } from "./dom";
import type { Tile } from "./image_source";
import type { PixelPlane } from "./levels";
import type { Look } from "./renderer";
import { Projection, type Span, length } from "./spans";

export const MINIMAP_HEIGHT_PX = 22;
const EDGE_PX = 6;

export interface MinimapStage {
  leaveView(): void;
  showRows(span: Span): void;
}

export interface MinimapLayer {
  overview: Tile | undefined;
  look: Look;
}

export class Minimap {
  readonly root = element("div", { class: "cs-minimap", "aria-hidden": "true" });
  private readonly canvas = element("canvas");
  private readonly window = element("span", { class: "cs-minimap-window" });
  private painted = "";
  private span: Span = { start: 0, stop: 1 };
  private lines = 1;
  private width = 1;
  private drag: { part: "start" | "stop" | "both"; x: number; from: Span } | undefined;
  private readonly stops: (() => void)[];

  constructor(private readonly stage: MinimapStage) {
    this.root.append(this.canvas, this.window);
    const over = (): void => void (this.drag = undefined);
    this.stops = [
      listen<PointerEvent>(this.root, "pointerdown", (event) => this.down(event)),
      listen<PointerEvent>(this.root, "pointermove", (event) => this.move(event)),
      listen(this.root, "pointerup", over),
      listen(this.root, "pointercancel", over),
    ];
  }

  get active(): boolean {
    return this.drag !== undefined;
  }

  draw(plane: PixelPlane, layers: readonly MinimapLayer[], rows: Span, width: number): void {
    this.span = rows;
    this.lines = plane.lines;
    this.width = width;
    if (this.window.hidden !== length(rows) >= plane.lines) this.window.hidden = !this.window.hidden;
    const left = (rows.start / plane.lines) * width;
    const wide = Math.max((length(rows) / plane.lines) * width, 3);
    this.window.style.transform = `translateX(${Math.min(left, width - wide)}px)`;
    this.window.style.width = `${wide}px`;
    this.paint(plane, layers, width);
  }

  dispose(): void {
    for (const stop of this.stops) stop();
  }

  private paint(plane: PixelPlane, layers: readonly MinimapLayer[], width: number): void {
    const state = JSON.stringify([plane.generation, width, layers.map(({ overview, look }) => [overview?.name, look])]);
    if (state === this.painted || width < 1 || layers.some(({ overview }) => !overview)) return;
    this.painted = state;
    const [wide, high] = [Math.round(width), MINIMAP_HEIGHT_PX];
    this.canvas.width = wide;
    this.canvas.height = high;
    const context = this.canvas.getContext("2d");
    if (!context) return;
    const view = {
      rows: { start: 0, stop: plane.lines },
      cols: { start: 0, stop: plane.pixels },
    };
    const screen = new Projection(view, wide, high, true);
    const image = context.createImageData(wide, high);
    const painted = layers.map(({ overview, look }) => ({ look, tiles: [overview!] }));
    paintPicture(image.data, wide, high, { plane, screen, layers: painted });
    context.putImageData(image, 0, 0);
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0) return;
    event.preventDefault();
    const x = event.clientX - this.root.getBoundingClientRect().left;
    const scale = this.width / this.lines;
    const [start, stop] = [this.span.start * scale, this.span.stop * scale];
    this.stage.leaveView();
    let from = this.span;
    let part: "start" | "stop" | "both" = "both";
    if (stop - start > 3 * EDGE_PX && Math.abs(x - start) < EDGE_PX) part = "start";
    else if (stop - start > 3 * EDGE_PX && Math.abs(x - stop) < EDGE_PX) part = "stop";
    else if (x < start || x > stop) {
      const middle = x / scale;
      from = { start: middle - length(this.span) / 2, stop: middle + length(this.span) / 2 };
      this.stage.showRows(from);
      from = this.span;
    }
    this.drag = { part, x, from };
    this.root.setPointerCapture?.(event.pointerId);
  }

  private move(event: PointerEvent): void {
    const x = event.clientX - this.root.getBoundingClientRect().left;
    const scale = this.width / this.lines;
    if (!this.drag) {
      const edge = [this.span.start, this.span.stop].some((v) => Math.abs(v * scale - x) < EDGE_PX);
      this.root.style.cursor = edge && length(this.span) * scale > 3 * EDGE_PX ? "ew-resize" : "grab";
      return;
    }
    const by = (x - this.drag.x) / scale;
    let { start, stop } = this.drag.from;
    if (this.drag.part !== "stop") start += by;
    if (this.drag.part !== "start") stop += by;
    if (this.drag.part === "start") start = Math.min(Math.max(start, 0), stop - 2);
    if (this.drag.part === "stop") stop = Math.max(Math.min(stop, this.lines), start + 2);
    this.stage.showRows({ start, stop });
  }
}

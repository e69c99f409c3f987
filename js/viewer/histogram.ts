// A histogram with log counts and two ends to drag: what is shown darkest and brightest.

import { colormap } from "./colormaps";
import { element, listen } from "./dom";
import type { Look } from "./renderer";

export interface Levels {
  range: [number, number];
  counts: readonly number[];
  binWidth: number;
  look: Look;
  fixed?: boolean; // not to be dragged
}

const REACH_PX = 10;

export class Histogram {
  readonly root = element("div", { class: "cs-histogram" });
  private readonly canvas = element("canvas", { "aria-hidden": "true" });
  private levels: Levels | undefined;
  private drawn = "";
  private counts: readonly number[] | undefined;
  private dragging: { end: 0 | 1 | "both"; x: number; from: [number, number] } | undefined;
  private readonly stops: (() => void)[];

  constructor(
    private readonly width: number,
    private readonly height: number,
    private readonly changed: (contrast: [number, number]) => void,
  ) {
    this.root.style.width = `${width}px`;
    this.root.style.height = `${height}px`;
    this.root.append(this.canvas);
    this.stops = [
      listen<PointerEvent>(this.root, "pointerdown", (event) => this.down(event)),
      listen<PointerEvent>(this.root, "pointermove", (event) => this.move(event)),
      listen(this.root, "pointerup", () => (this.dragging = undefined)),
      listen(this.root, "pointercancel", () => (this.dragging = undefined)),
    ];
  }

  dispose(): void {
    for (const stop of this.stops) stop();
  }

  draw(levels: Levels | undefined): void {
    this.levels = levels;
    const ratio = globalThis.devicePixelRatio || 1;
    const { jpThemeLight } = document.body.dataset;
    const now = JSON.stringify([levels?.look, levels?.range, ratio, jpThemeLight, document.body.className]);
    if (now === this.drawn && levels?.counts === this.counts) return;
    this.drawn = now;
    this.counts = levels?.counts;
    const [width, height] = [Math.round(this.width * ratio), Math.round(this.height * ratio)];
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
    const context = this.canvas.getContext("2d");
    if (!context) return;
    context.clearRect(0, 0, width, height);
    if (!levels) return;
    context.save();
    context.scale(ratio, ratio);
    this.paint(context, levels);
    context.restore();
  }

  private get shown(): [number, number] {
    const { range, look } = this.levels!;
    const low = Math.min(range[0], look.contrast[0]);
    const high = Math.max(range[1], look.contrast[1]);
    return high > low ? [low, high] : [low, low + 1];
  }

  private toX(value: number): number {
    const [low, high] = this.shown;
    return 3 + ((value - low) / (high - low)) * (this.width - 6);
  }

  private toValue(x: number): number {
    const [low, high] = this.shown;
    return low + ((x - 3) / (this.width - 6)) * (high - low);
  }

  private paint(context: CanvasRenderingContext2D, { range, counts, binWidth, look }: Levels): void {
    const style = getComputedStyle(this.root);
    const bars = style.getPropertyValue("--cs-muted").trim() || "#888";
    const accent = style.getPropertyValue("--cs-accent").trim() || "#0b6bcb";
    const strip = this.height > 40 ? 7 : 0; // the colours under a large histogram
    const floor = this.height - strip;
    const most = Math.log1p(Math.max(...counts, 1));
    context.fillStyle = bars;
    context.globalAlpha = 0.6;
    counts.forEach((count, i) => {
      const left = this.toX(range[0] + i * binWidth);
      const right = this.toX(range[0] + (i + 1) * binWidth);
      const tall = (Math.log1p(count) / most) * (floor - 3);
      context.fillRect(left, floor - tall, Math.max(right - left, 0.7), tall);
    });
    context.globalAlpha = 1;
    const [low, high] = look.contrast.map((value) => this.toX(value)) as [number, number];
    if (strip) {
      const table = colormap(look.lut);
      for (let x = 0; x < this.width; x++) {
        const share = Math.min(Math.max((x - low) / Math.max(high - low, 1e-6), 0), 1);
        const at = Math.round(share ** look.gamma * 255) * 4;
        context.fillStyle = `rgb(${table[at]},${table[at + 1]},${table[at + 2]})`;
        context.fillRect(x, floor + 2, 1.5, strip - 2);
      }
    }
    context.fillStyle = accent;
    context.globalAlpha = 0.13;
    context.fillRect(low, 0, high - low, floor);
    context.globalAlpha = 1;
    for (const x of [low, high]) context.fillRect(x - 1, 0, 2, floor);
  }

  private down(event: PointerEvent): void {
    if (!this.levels || this.levels.fixed || event.button !== 0) return;
    event.preventDefault();
    const x = event.clientX - this.root.getBoundingClientRect().left;
    const [low, high] = this.levels.look.contrast.map((v) => this.toX(v)) as [number, number];
    const [toLow, toHigh] = [Math.abs(x - low), Math.abs(x - high)];
    const inside = x > low && x < high && Math.min(toLow, toHigh) > REACH_PX;
    const end = inside ? "both" : toLow <= toHigh ? 0 : 1;
    this.dragging = { end, x, from: [...this.levels.look.contrast] };
    this.root.setPointerCapture?.(event.pointerId);
  }

  private move(event: PointerEvent): void {
    if (!this.levels || !this.dragging) return;
    const x = event.clientX - this.root.getBoundingClientRect().left;
    const { end, from } = this.dragging;
    const by = this.toValue(x) - this.toValue(this.dragging.x);
    const least = (this.shown[1] - this.shown[0]) / 512;
    let [low, high] = from;
    if (end !== 1) low += by;
    if (end !== 0) high += by;
    if (end === 0) low = Math.min(low, high - least);
    if (end === 1) high = Math.max(high, low + least);
    this.changed([low, high]);
  }
}

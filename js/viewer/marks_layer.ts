// What was measured, over the picture: walls of vessels as lines, events as bands of time.

import { element } from "./dom";
import type { EventMark, MarksMessage, Wall } from "./protocol";
import type { Projection, Span } from "./spans";

const EVENT_COLORS: Record<string, string> = {
  stall: "#ff4d4d",
  reversal: "#ff4dd8",
  drop: "#ffb000",
  rise: "#3ddb84",
  gap: "#9aa4b2",
};
const OTHER = "#58a6ff";
const BAND_SHARE = 0.11;
const DASHES = [7, 4];
const LABEL_ROOM = 34; // CSS pixels a band needs before its name is written on it

export const eventColor = (kind: string): string => EVENT_COLORS[kind] ?? OTHER;

/** Points of a wall: line, column, line, column, … as Python packs them. */
export function points(data: DataView): Float32Array {
  // a copy, for a view may begin anywhere in its message
  return new Float32Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
}

/** Which points to draw for lines in view: those in it, and one beyond on either side. */
export function within(line: Float32Array, { start, stop }: Span): [first: number, last: number] {
  const count = line.length / 2;
  const before = (row: number): number => {
    let [low, high] = [0, count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (line[2 * middle]! < row) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return [Math.max(before(start) - 1, 0), Math.min(before(stop) + 1, count)];
}

type Lines = { wall: Wall; left: Float32Array; right: Float32Array }[];

const unpack = (walls: readonly Wall[]): Lines =>
  walls.map((wall) => ({ wall, left: points(wall.left), right: points(wall.right) }));

export class MarksLayer {
  readonly canvas = element("canvas", { class: "cs-marks", "aria-hidden": "true" });
  private readonly unpacked = new Map<readonly Wall[], Lines>();

  /**
   * Draw on a canvas of `width` × `height` CSS pixels; returns how many marks are in view.
   *
   * Walls of a preview are dashed, and stand in place of those measured in their ROI.
   */
  draw(
    marks: MarksMessage | undefined,
    screen: Projection,
    colorOf: (roiId: number) => string,
    previewed: readonly Wall[] = [],
  ): number {
    const ratio = globalThis.devicePixelRatio || 1;
    const { canvas } = this;
    const [w, h] = [Math.round(screen.width * ratio), Math.round(screen.height * ratio)];
    if (canvas.width !== w) canvas.width = w;
    if (canvas.height !== h) canvas.height = h;
    const context = canvas.getContext("2d");
    const measured = marks?.walls ?? [];
    const moving = new Set(previewed.map(({ roi_id }) => roi_id));
    const kept = this.linesOf(measured).filter(({ wall }) => !moving.has(wall.roi_id));
    const walls = [...kept, ...this.linesOf(previewed)];
    for (const known of this.unpacked.keys()) {
      if (known !== measured && known !== previewed) this.unpacked.delete(known);
    }
    const events = (marks?.events ?? []).filter((event) => this.inView(event, screen));
    canvas.hidden = !screen.lineScan || (!walls.length && !events.length);
    if (canvas.hidden || !context) return canvas.hidden ? 0 : walls.length + events.length;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, screen.width, screen.height);
    for (const event of events) this.band(context, event, screen);
    walls.forEach(({ wall, left, right }, i) => {
      context.setLineDash(i < kept.length ? [] : DASHES);
      for (const line of [left, right]) this.line(context, line, colorOf(wall.roi_id), screen);
    });
    context.setLineDash([]);
    return walls.length + events.length;
  }

  private linesOf(walls: readonly Wall[]): Lines {
    const known = this.unpacked.get(walls) ?? unpack(walls);
    if (walls.length) this.unpacked.set(walls, known);
    return known;
  }

  private inView(event: EventMark, { view }: Projection): boolean {
    return event.stop >= view.rows.start && event.start <= view.rows.stop;
  }

  private band(context: CanvasRenderingContext2D, event: EventMark, screen: Projection): void {
    const from = screen.toScreen(event.start, 0).x;
    const width = Math.max(screen.toScreen(event.stop, 0).x - from, 1);
    const color = eventColor(event.kind);
    context.globalAlpha = BAND_SHARE;
    context.fillStyle = color;
    context.fillRect(from, 0, width, screen.height);
    context.globalAlpha = 1;
    context.fillRect(from, 0, width, 3);
    if (width < LABEL_ROOM) return;
    context.save();
    context.beginPath();
    context.rect(from, 0, width, screen.height);
    context.clip();
    context.font = "11px system-ui, sans-serif";
    context.lineWidth = 3;
    context.strokeStyle = "#000a";
    context.strokeText(event.title, Math.max(from, 0) + 4, 15);
    context.fillStyle = "#fff";
    context.fillText(event.title, Math.max(from, 0) + 4, 15);
    context.restore();
  }

  private line(
    context: CanvasRenderingContext2D,
    line: Float32Array,
    color: string,
    screen: Projection,
  ): void {
    const path = new Path2D();
    let drawing = false;
    const [first, last] = within(line, screen.view.rows);
    for (let i = 2 * first; i < 2 * last; i += 2) {
      const { x, y } = screen.toScreen(line[i]!, line[i + 1]!);
      if (Number.isNaN(y)) drawing = false;
      else if (drawing) path.lineTo(x, y);
      else path.moveTo(x, y);
      if (!Number.isNaN(y)) drawing = true;
    }
    context.lineJoin = "round";
    context.lineWidth = 3;
    context.strokeStyle = "rgb(0 0 0 / 45%)"; // so that the line is seen on bright pixels too
    context.stroke(path);
    context.lineWidth = 1.4;
    context.strokeStyle = color;
    context.stroke(path);
  }
}

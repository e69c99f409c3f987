/** What is drawn over a trace: events, beats, peaks, values set by hand, the speed ceiling. */
import { shareOf, type Range } from "./range";

export interface Marks {
  bands?: { start: number; stop: number; kind: string; title: string }[];
  ticks?: number[];
  peaks?: [time: number, value: number][];
  manual?: [time: number, value: number][];
  ceiling?: number | null;
  values?: Range;
}

export interface Shape {
  kind: "band" | "tick" | "peak" | "manual" | "ceiling";
  className: string;
  x: number; // shares of the plot, from its left and from its top
  y: number;
  width: number;
  height: number;
  title: string;
}

const MOST = 800; // beyond it, marks of one sort are a smear: every so many is drawn
const NAMED = 0.03; // share of the width from which a band has room for its name

/** The shapes that are in view, at most `MOST` of a sort. */
export function shapes(marks: Marks, range: Range): Shape[] {
  const [low, high] = marks.values ?? [0, 1];
  const heightOf = (value: number) => 1 - (value - low) / (high - low || 1);
  const found: Shape[] = [];
  for (const { start, stop, kind, title } of marks.bands ?? []) {
    const from = Math.max(shareOf(start, range), 0);
    const to = Math.min(shareOf(stop, range), 1);
    if (to < 0 || from > 1 || to < from) continue;
    const width = to - from;
    found.push({
      kind: "band",
      className: `cs-kind-${/^[a-z]+$/.test(kind) ? kind : "user"}`,
      x: from, y: 0, width, height: 1,
      title: width >= NAMED ? title : "",
    });
  }
  if (marks.ceiling) {
    const top = heightOf(marks.ceiling);
    const bottom = heightOf(-marks.ceiling);
    const add = (y: number, height: number) =>
      found.push({ kind: "ceiling", className: "", x: 0, y, width: 1, height, title: "" });
    if (top > 0) add(0, Math.min(top, 1));
    if (bottom < 1) add(Math.max(bottom, 0), 1 - Math.max(bottom, 0));
  }
  const inView = <T>(all: readonly T[] | undefined, time: (one: T) => number): T[] => {
    const seen = (all ?? []).filter((one) => time(one) >= range[0] && time(one) <= range[1]);
    const every = Math.ceil(seen.length / MOST);
    return every > 1 ? seen.filter((_, i) => i % every === 0) : seen;
  };
  const point = (kind: "tick" | "peak" | "manual", time: number, y: number) =>
    found.push({ kind, className: "", x: shareOf(time, range), y, width: 0, height: 0, title: "" });
  for (const time of inView(marks.ticks, (t) => t)) point("tick", time, 1);
  for (const [t, v] of inView(marks.peaks, ([t]) => t)) point("peak", t, clampShare(heightOf(v)));
  for (const [t, v] of inView(marks.manual, ([t]) => t)) point("manual", t, clampShare(heightOf(v)));
  return found;
}

function clampShare(share: number): number {
  return Math.min(Math.max(share, 0), 1);
}

const percent = (share: number) => `${(share * 100).toFixed(3)}%`;

/** Draws shapes as elements of `layer`, keeping those that are there. */
export function draw(layer: HTMLElement, found: readonly Shape[]): void {
  while (layer.childElementCount > found.length) layer.lastElementChild!.remove();
  while (layer.childElementCount < found.length) layer.append(document.createElement("div"));
  found.forEach((shape, i) => {
    const el = layer.children[i] as HTMLElement;
    el.className = `cs-mark cs-mark-${shape.kind} ${shape.className}`.trim();
    el.style.left = percent(shape.x);
    el.style.top = percent(shape.y);
    el.style.width = shape.width ? percent(shape.width) : "";
    el.style.height = shape.height ? percent(shape.height) : "";
    if (el.textContent !== shape.title) el.textContent = shape.title;
  });
}

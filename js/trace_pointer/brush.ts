/** A stretch of time selected on a trace: by dragging, or by an end at a time. */
import type { Range } from "./range";

export type Brush = Range | null;

/** From the first to the last of two times, inside the recording; nothing if they are one. */
export function between(a: number, b: number, full: Range): Brush {
  const inside = (time: number) => Math.min(Math.max(time, full[0]), full[1]);
  const [from, to] = [inside(Math.min(a, b)), inside(Math.max(a, b))];
  return to > from ? [from, to] : null;
}

/** The stretch with its begin or end at a time; what is open reaches to the edge of the view. */
export function withEnd(brush: Brush, end: "begin" | "end", time: number, view: Range, full: Range): Brush {
  if (end === "begin") {
    const stop = brush && brush[1] > time ? brush[1] : view[1];
    return between(time, Math.max(stop, time), full);
  }
  const start = brush && brush[0] < time ? brush[0] : view[0];
  return between(Math.min(start, time), time, full);
}

/** Whether the brush of a model is a stretch. */
export function isBrush(value: unknown): value is Range {
  return (
    Array.isArray(value) && value.length === 2 && value.every(Number.isFinite) && value[1] > value[0]
  );
}

/** A stretch of the time axis, in its own unit: first and last visible time. */
export type Range = readonly [number, number];

/** `range` moved, then cut, to lie inside `full`. */
export function clamp(range: Range, full: Range): Range {
  const length = Math.min(range[1] - range[0], full[1] - full[0]);
  const start = Math.min(Math.max(range[0], full[0]), full[1] - length);
  return [start, start + length];
}

/** `range` zoomed by `factor` (below 1: closer) about the time at `share` of its length. */
export function zoom(range: Range, factor: number, share: number, full: Range): Range {
  const length = range[1] - range[0];
  // Closer than a 20,000th of the recording there is nothing to see, and numbers get coarse.
  const least = (full[1] - full[0]) / 20_000;
  const wanted = Math.min(Math.max(length * factor, least), full[1] - full[0]);
  const start = range[0] + (length - wanted) * share;
  return clamp([start, start + wanted], full);
}

/** `range` moved by `share` of its length. */
export function pan(range: Range, share: number, full: Range): Range {
  const step = (range[1] - range[0]) * share;
  return clamp([range[0] + step, range[1] + step], full);
}

/** Where `time` stands between the ends of `range`: 0 at the start, 1 at the end. */
export function shareOf(time: number, range: Range): number {
  return (time - range[0]) / (range[1] - range[0]);
}

/** What a key does to the visible range, or null where it does nothing. */
export function byKey(key: string, range: Range, full: Range): Range | null {
  switch (key) {
    case "ArrowLeft":
      return pan(range, -0.1, full);
    case "ArrowRight":
      return pan(range, 0.1, full);
    case "PageUp":
      return pan(range, -0.9, full);
    case "PageDown":
      return pan(range, 0.9, full);
    case "Home":
      return clamp([full[0], full[0] + (range[1] - range[0])], full);
    case "End":
      return clamp([full[1] - (range[1] - range[0]), full[1]], full);
    case "+":
    case "=":
      return zoom(range, 1 / 1.5, 0.5, full);
    case "-":
      return zoom(range, 1.5, 0.5, full);
    case "0":
      return full;
    default:
      return null;
  }
}

/** Where a key puts the cursor, or null: a pixel or so, ten with Shift, from the middle at first. */
export function cursorByKey(key: string, cursor: number | null, range: Range): number | null {
  const steps: Record<string, number> = { ",": -1, ".": 1, "<": -10, ">": 10, ";": -10, ":": 10 };
  const step = steps[key];
  if (step === undefined) return null;
  const length = range[1] - range[0];
  const inView = cursor !== null && cursor >= range[0] && cursor <= range[1];
  const from = inView ? cursor : (range[0] + range[1]) / 2;
  return Math.min(Math.max(from + (inView ? (step * length) / 500 : 0), range[0]), range[1]);
}

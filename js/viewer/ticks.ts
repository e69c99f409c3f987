// Round numbers for axes, scale bars and readouts; no DOM.

/** The largest of 1, 2, 5 × 10ⁿ that is not above `limit`. */
export function roundBelow(limit: number): number {
  const power = 10 ** Math.floor(Math.log10(limit) + 1e-12);
  const share = limit / power;
  const step = share >= 5 - 1e-9 ? 5 : share >= 2 - 1e-9 ? 2 : 1;
  return step * power;
}

/** The smallest of 1, 2, 5 × 10ⁿ that is not below `limit`. */
export function roundAbove(limit: number): number {
  const below = roundBelow(limit);
  if (below >= limit * (1 - 1e-9)) return below;
  const power = 10 ** Math.floor(Math.log10(below) + 1e-9);
  return Math.round(below / power) === 2 ? 5 * power : 2 * below;
}

/** Digits after the point that tell steps of `step` apart. */
export const decimalsFor = (step: number): number =>
  Math.min(12, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));

export interface Tick {
  value: number;
  text: string;
}

/** Ticks on round values with at least `spacing` of `pixels` between them. */
export function ticks(
  start: number,
  stop: number,
  pixels: number,
  spacing: number,
  whole = false,
): Tick[] {
  const reach = stop - start;
  if (!(reach > 0) || !(pixels > 0)) return [];
  const least = (reach * spacing) / pixels;
  const step = Math.max(roundAbove(least), whole ? 1 : 0);
  const decimals = decimalsFor(step);
  const found: Tick[] = [];
  const first = Math.ceil(start / step - 1e-9);
  const last = Math.floor(stop / step + 1e-9);
  for (let i = first; i <= last; i++) {
    found.push({ value: i * step, text: format(i * step, decimals) });
  }
  return found;
}

const formats = new Map<number, Intl.NumberFormat>(); // to make one takes longer than a frame may

function formatOf(decimals: number): Intl.NumberFormat {
  let known = formats.get(decimals);
  if (!known) {
    known = new Intl.NumberFormat("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    formats.set(decimals, known);
  }
  return known;
}

/** A number with a true minus and groups of thousands. */
export function format(value: number, decimals: number): string {
  const text = formatOf(decimals).format(Math.abs(value));
  return Number(text.replaceAll(",", "")) !== 0 && value < 0 ? `−${text}` : text;
}

/** Length of a scale bar: a round number of units, at most `share` of the axis. */
export function scaleBar(
  reach: number,
  unit: string,
  share = 0.2,
): { length: number; text: string } {
  const length = roundBelow(reach * share);
  if (unit === "s" && length < 1) {
    const milli = length * 1000;
    return milli < 1
      ? { length, text: `${Number((milli * 1000).toPrecision(3))} µs` }
      : { length, text: `${Number(milli.toPrecision(3))} ms` };
  }
  return { length, text: `${format(length, decimalsFor(length))} ${unit}` };
}

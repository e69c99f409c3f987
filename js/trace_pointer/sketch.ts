/**
 * The trace of a preview, drawn the moment it is here.
 *
 * bqplot takes a message for each mark and starts to draw one or two frames after the last: too
 * late for a line that follows a hand. What is kept is drawn by bqplot, as ever.
 */
import { shareOf, type Range } from "./range";

/** As Python sends it; numbers are float64, little-endian. */
export interface Sketch {
  bounds?: string;
  color?: string;
  aside?: string;
  time?: DataView;
  lines?: DataView[];
  opacities?: number[];
  dots?: boolean;
  band?: DataView[]; // time, lower edge, upper edge
  strokes?: DataView[]; // time, value
}

type Points = readonly [x: Float64Array, y: Float64Array];

const SVG = "http://www.w3.org/2000/svg";
const SIDE = 1000; // of the picture in its own units, whatever its size on the screen

export function numbers(view: DataView): Float64Array {
  return new Float64Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

type Place = (x: number, y: number) => string;

export function placing(range: Range, values: Range): Place {
  const [low, high] = values;
  const tall = high - low || 1;
  return (x, y) =>
    `${(SIDE * shareOf(x, range)).toFixed(1)},${(SIDE * (1 - (y - low) / tall)).toFixed(1)}`;
}

/** A line that breaks where a number is missing. */
export function lineOf([x, y]: Points, place: Place): string {
  let path = "";
  let pen = "M";
  for (let i = 0; i < x.length; i++) {
    const there = Number.isFinite(x[i]) && Number.isFinite(y[i]);
    if (there) path += pen + place(x[i]!, y[i]!);
    pen = there ? "L" : "M";
  }
  return path;
}

/** A stroke without length for each point: its round ends are the dot. */
export function dotsOf([x, y]: Points, place: Place): string {
  let path = "";
  for (let i = 0; i < x.length; i++) {
    if (Number.isFinite(x[i]) && Number.isFinite(y[i])) path += `M${place(x[i]!, y[i]!)}h0`;
  }
  return path;
}

/** What lies between two edges, in pieces where a number is missing. */
export function bandOf(
  x: Float64Array,
  low: Float64Array,
  high: Float64Array,
  place: Place,
): string {
  let path = "";
  let from = -1;
  for (let i = 0; i <= x.length; i++) {
    const there = i < x.length && Number.isFinite(low[i]) && Number.isFinite(high[i]);
    if (there && from < 0) from = i;
    if (there || from < 0) continue;
    for (let k = from; k < i; k++) path += (k === from ? "M" : "L") + place(x[k]!, high[k]!);
    for (let k = i - 1; k >= from; k--) path += "L" + place(x[k]!, low[k]!);
    path += "Z";
    from = -1;
  }
  return path;
}

interface Stroke {
  className: string;
  path: (place: Place) => string;
  color: string;
  opacity: number;
}

function strokesOf(sketch: Sketch): Stroke[] {
  const { time, lines, opacities, band, strokes, color = "", aside = "" } = sketch;
  const found: Stroke[] = [];
  if (band) {
    const [x, low, high] = band.map(numbers) as [Float64Array, Float64Array, Float64Array];
    const path = (place: Place) => bandOf(x, low, high, place);
    found.push({ className: "cs-sketch-band", path, color, opacity: 0.16 });
  }
  if (strokes) {
    const points = strokes.map(numbers) as unknown as Points;
    const path = (place: Place) => lineOf(points, place);
    found.push({ className: "cs-sketch-aside", path, color: aside, opacity: 0.5 });
  }
  const x = time && numbers(time);
  for (const [k, line] of (x ? (lines ?? []) : []).entries()) {
    const points: Points = [x!, numbers(line)];
    const opacity = opacities?.[k] ?? 1;
    const path = (place: Place) => lineOf(points, place);
    found.push({ className: "cs-sketch-line", path, color, opacity });
    if (!sketch.dots) continue;
    const dots = (place: Place) => dotsOf(points, place);
    found.push({ className: "cs-sketch-dots", path: dots, color, opacity });
  }
  return found;
}

/** Draws sketches over the plot area of a figure, whose own marks are hidden meanwhile. */
export class SketchLayer {
  readonly root = document.createElementNS(SVG, "svg");
  private strokes: Stroke[] = [];
  private hiding: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly plot: () => Element | null) {
    this.root.setAttribute("class", "cs-sketch");
    this.root.setAttribute("viewBox", `0 0 ${SIDE} ${SIDE}`);
    this.root.setAttribute("preserveAspectRatio", "none");
    this.root.setAttribute("aria-hidden", "true");
  }

  show(sketch: Sketch, range: Range, values: Range): void {
    clearTimeout(this.hiding);
    if (!sketch.time) {
      // bqplot draws what is kept a frame or two from now.
      this.hiding = setTimeout(() => this.hide(), this.strokes.length ? 50 : 0);
      return;
    }
    this.strokes = strokesOf(sketch);
    this.root.dataset["bounds"] = sketch.bounds ?? "";
    this.plot()?.classList.add("cs-sketched");
    this.redraw(range, values);
  }

  /** The same numbers over another range. */
  redraw(range: Range, values: Range): void {
    const place = placing(range, values);
    while (this.root.childElementCount > this.strokes.length) this.root.lastElementChild!.remove();
    while (this.root.childElementCount < this.strokes.length) {
      this.root.append(document.createElementNS(SVG, "path"));
    }
    this.strokes.forEach(({ className, path, color, opacity }, i) => {
      const el = this.root.children[i] as SVGPathElement;
      if (el.getAttribute("class") !== className) el.setAttribute("class", className);
      el.style.setProperty("--cs-sketch-color", color);
      el.style.opacity = String(opacity);
      el.setAttribute("d", path(place));
    });
  }

  dispose(): void {
    clearTimeout(this.hiding);
    this.plot()?.classList.remove("cs-sketched");
  }

  private hide(): void {
    this.strokes = [];
    this.root.replaceChildren();
    delete this.root.dataset["bounds"];
    this.plot()?.classList.remove("cs-sketched");
  }
}

// Visible parts of the two axes of an image, in (fractional) pixels; no DOM.

export interface Span {
  start: number;
  stop: number;
}

export interface View {
  rows: Span;
  cols: Span;
}

export const length = (span: Span): number => span.stop - span.start;

const clamp = (value: number, low: number, high: number): number =>
  Math.min(Math.max(value, low), high);

/** The nearest span inside `size` pixels: moved first, then cut. Never under a pixel. */
export function inside(span: Span, size: number): Span {
  const wanted = clamp(length(span), Math.min(1, size), size);
  const start = clamp(span.start, 0, size - wanted);
  return { start, stop: start + wanted };
}

/** Scale a span by `factor` (under 1 is closer) so that `anchor` stays where it is on screen. */
export function zoomAbout(span: Span, anchor: number, factor: number, size: number): Span {
  const wanted = clamp(length(span) * factor, Math.min(2, size), size);
  const share = (anchor - span.start) / length(span);
  const start = anchor - share * wanted;
  return inside({ start, stop: start + wanted }, size);
}

export function pan(span: Span, by: number, size: number): Span {
  const start = clamp(span.start + by, 0, Math.max(size - length(span), 0)); // by may be infinite
  return inside({ start, stop: start + length(span) }, size);
}

/** `wanted` pixels around the middle of `span`. */
export function around(span: Span, wanted: number, size: number): Span {
  const middle = (span.start + span.stop) / 2;
  return inside({ start: middle - wanted / 2, stop: middle + wanted / 2 }, size);
}

export function widened(span: Span, share: number, size: number): Span {
  const margin = length(span) * share;
  const start = Math.max(0, span.start - margin);
  return { start, stop: Math.min(size, span.stop + margin) };
}

export const sameView = (a: View, b: View, tolerance = 1e-6): boolean =>
  Math.abs(a.rows.start - b.rows.start) < tolerance &&
  Math.abs(a.rows.stop - b.rows.stop) < tolerance &&
  Math.abs(a.cols.start - b.cols.start) < tolerance &&
  Math.abs(a.cols.stop - b.cols.stop) < tolerance;

export interface Point {
  x: number;
  y: number;
}

export interface Rect extends Point {
  width: number;
  height: number;
}

/**
 * Between pixels of the image and pixels of the screen.
 *
 * A line scan lies on its side: rows (time) run to the right, columns (position) upwards.
 * Frames stand as stored: columns to the right, rows downwards.
 */
export class Projection {
  constructor(
    readonly view: View,
    readonly width: number,
    readonly height: number,
    readonly lineScan: boolean,
  ) {}

  get rowsPerPixel(): number {
    return length(this.view.rows) / (this.lineScan ? this.width : this.height);
  }

  get colsPerPixel(): number {
    return length(this.view.cols) / (this.lineScan ? this.height : this.width);
  }

  toScreen(row: number, col: number): Point {
    const alongRows = (row - this.view.rows.start) / this.rowsPerPixel;
    const alongCols = (col - this.view.cols.start) / this.colsPerPixel;
    return this.lineScan
      ? { x: alongRows, y: this.height - alongCols }
      : { x: alongCols, y: alongRows };
  }

  toImage(point: Point): { row: number; col: number } {
    const alongRows = this.lineScan ? point.x : point.y;
    const alongCols = this.lineScan ? this.height - point.y : point.x;
    return {
      row: this.view.rows.start + alongRows * this.rowsPerPixel,
      col: this.view.cols.start + alongCols * this.colsPerPixel,
    };
  }

  /** Image pixels that a move on the screen stands for. */
  distance(dx: number, dy: number): { rows: number; cols: number } {
    return this.lineScan
      ? { rows: dx * this.rowsPerPixel, cols: -dy * this.colsPerPixel }
      : { rows: dy * this.rowsPerPixel, cols: dx * this.colsPerPixel };
  }

  toRect(rows: Span, cols: Span): Rect {
    const a = this.toScreen(rows.start, cols.start);
    const b = this.toScreen(rows.stop, cols.stop);
    return {
      x: Math.min(a.x, b.x),
      y: Math.min(a.y, b.y),
      width: Math.abs(a.x - b.x),
      height: Math.abs(a.y - b.y),
    };
  }
}

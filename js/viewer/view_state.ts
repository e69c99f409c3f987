// The part of the image on show, how it moves, and how it is kept in step with the traits.

import type { Model, Plane } from "./protocol";
import {
  Projection, type Point, type Span, type View, around, inside, length, pan, sameView, widened, zoomAbout,
} from "./spans";
import type { TraitWriter } from "./trait_writer";
import { ViewHistory } from "./view_history";

const OWN_MS = 300; // so long after a step of a gesture, its own echo may still arrive

export class ViewState {
  view: View = { rows: { start: 0, stop: 1 }, cols: { start: 0, stop: 1 } };
  width = 0; // CSS pixels
  height = 0;
  readonly history = new ViewHistory();
  private lastOwn = -Infinity;
  private later: ReturnType<typeof setTimeout> | undefined;
  private settled: View | undefined; // the view before a run of wheel steps

  constructor(
    private readonly model: Model,
    private readonly writer: TraitWriter,
    private readonly plane: () => Plane,
    private readonly changed: () => void,
  ) {}

  get screen(): Projection | undefined {
    if (!(this.width > 0 && this.height > 0)) return undefined;
    return new Projection(this.view, this.width, this.height, this.plane().line_scan);
  }

  /** Take the view from the traits; while a gesture lasts, when it is over. */
  follow(force = false): void {
    const view = this.fromTraits();
    if (!force && sameView(view, this.view)) return;
    const since = performance.now() - this.lastOwn;
    if (!force && since < OWN_MS) {
      clearTimeout(this.later);
      this.later = setTimeout(() => this.follow(), OWN_MS - since + 1);
      return;
    }
    this.view = view;
    this.changed();
  }

  dispose(): void {
    clearTimeout(this.later);
  }

  show(view: Partial<View>): void {
    const { rows, cols } = this.plane();
    const next = {
      rows: inside(view.rows ?? this.view.rows, rows.size),
      cols: inside(view.cols ?? this.view.cols, cols.size),
    };
    if (sameView(next, this.view)) return;
    this.view = next;
    this.lastOwn = performance.now();
    const time = this.toUnits(next.rows, rows.size, rows.scale);
    const position = this.toUnits(next.cols, cols.size, cols.scale);
    if (!same(time, this.model.get("time_range"))) this.writer.set("time_range", time);
    if (!same(position, this.model.get("position_range"))) {
      this.writer.set("position_range", position);
    }
    this.changed();
  }

  /** Remember the view as it is, before it is left. */
  leave(): void {
    this.history.leave(this.view);
  }

  jump(view: Partial<View>): void {
    this.leave();
    this.show(view);
  }

  fit(): void {
    const { rows, cols } = this.plane();
    this.jump({ rows: { start: 0, stop: rows.size }, cols: { start: 0, stop: cols.size } });
  }

  oneToOne(): void {
    const { rows, cols, line_scan } = this.plane();
    const view: Partial<View> = { rows: around(this.view.rows, line_scan ? this.width : this.height, rows.size) };
    if (!line_scan) view.cols = around(this.view.cols, this.width, cols.size);
    this.jump(view);
  }

  zoomToBox(rows: Span, cols: Span, margin = 0): void {
    const plane = this.plane();
    this.jump({
      rows: widened(rows, margin, plane.rows.size),
      cols: widened(cols, margin, plane.cols.size),
    });
  }

  goBack(): void {
    const view = this.history.goBack(this.view);
    if (view) this.show(view);
  }

  goForward(): void {
    const view = this.history.goForward(this.view);
    if (view) this.show(view);
  }

  /** Zoom about a place on the picture; frames zoom both ways, line scans along time. */
  zoomAt(point: Point, factor: number, axis: "main" | "other"): boolean {
    const { rows, cols, line_scan } = this.plane();
    const at = this.screen?.toImage(point);
    if (!at) return false;
    const before = this.view;
    this.leaveOnce();
    const next: Partial<View> = {};
    if (!line_scan || axis === "main") next.rows = zoomAbout(before.rows, at.row, factor, rows.size);
    if (!line_scan || axis === "other") next.cols = zoomAbout(before.cols, at.col, factor, cols.size);
    this.show(next);
    return !sameView(before, this.view);
  }

  panBy(rows: number, cols: number): boolean {
    const plane = this.plane();
    const before = this.view;
    this.show({
      rows: pan(before.rows, rows, plane.rows.size),
      cols: pan(before.cols, cols, plane.cols.size),
    });
    return !sameView(before, this.view);
  }

  panByPixels(dx: number, dy: number): boolean {
    const by = this.screen?.distance(dx, dy);
    if (!by) return false;
    this.leaveOnce();
    return this.panBy(by.rows, by.cols);
  }

  /** By a share of the screen. */
  page(share: number): void {
    this.panBy(length(this.view.rows) * share, 0);
  }

  private fromTraits(): View {
    const { rows, cols } = this.plane();
    const span = ([start, stop]: [number, number], scale: number, size: number): Span =>
      inside({ start: start / scale, stop: stop / scale }, size);
    return {
      rows: span(this.model.get("time_range"), rows.scale, rows.size),
      cols: span(this.model.get("position_range"), cols.scale, cols.size),
    };
  }

  private toUnits(span: Span, size: number, scale: number): [number, number] {
    // exactly the ends Python computes, so that it has nothing to correct
    return [span.start * scale, Math.min(span.stop * scale, size * scale)];
  }

  /** One step back undoes a whole run of wheel steps. */
  private leaveOnce(): void {
    const now = performance.now();
    if (now - this.lastOwn > 600 || !this.settled) {
      this.settled = this.view;
      this.leave();
    }
    this.lastOwn = now;
  }
}

const same = (a: readonly number[], b: readonly number[]): boolean => a[0] === b[0] && a[1] === b[1];

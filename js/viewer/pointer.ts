// What the pointer does on the picture: select, move, resize, draw, pan, zoom to a box.

import { listen } from "./dom";
import type { Roi, Tool } from "./protocol";
import {
  type Bounds, type Hit, type Size, boundsOf, cursorFor, dragged, drawn, hitTest, sameBounds,
} from "./roi_geometry";
import { type Point, type Projection, type Span } from "./spans";

/** What the gestures act on. */
export interface Stage {
  readonly root: HTMLElement;
  readonly plot: HTMLElement;
  readonly screen: Projection | undefined;
  readonly size: Size;
  readonly rois: readonly Roi[];
  readonly selected: number | null;
  readonly tool: Tool;
  readonly panKey: boolean; // the space bar is down
  select(roiId: number | null): void;
  preview(roiId: number | null, bounds: Bounds | undefined): void;
  add(bounds: Bounds): void;
  change(roiId: number, from: Bounds, to: Bounds): void;
  rename(roiId: number): void;
  panBy(rows: number, cols: number): void;
  leaveView(): void; // remember the view before it changes
  zoomTo(rows: Span, cols: Span): void;
  zoomBox(from: Point | undefined, to?: Point): void;
  hover(point: Point | undefined): void;
  toolDone(): void;
}

interface Gesture {
  move(point: Point, event: PointerEvent): void;
  end(): void;
  cancel(): void;
}

const THRESHOLD_PX = 3;
const BOX_MS = 200; // so long the plot is taken to be where it was

export class Pointer {
  private gesture: Gesture | undefined;
  private captured: number | undefined;
  private box: DOMRect | undefined; // of the plot
  private boxAt = 0;
  private readonly stops: (() => void)[];

  constructor(private readonly stage: Stage) {
    const { plot } = stage;
    this.stops = [
      listen<PointerEvent>(plot, "pointerdown", (event) => this.down(event)),
      listen<PointerEvent>(plot, "pointermove", (event) => this.move(event)),
      listen<PointerEvent>(plot, "pointerup", (event) => this.up(event)),
      listen(plot, "pointercancel", () => this.cancel()),
      listen(plot, "lostpointercapture", () => this.cancel()),
      listen(plot, "pointerleave", () => !this.gesture && stage.hover(undefined)),
      listen<MouseEvent>(plot, "dblclick", (event) => this.doubleClick(event)),
      listen(window, "scroll", () => (this.box = undefined), { capture: true, passive: true }),
      // the middle button would start the browser's own scrolling
      listen<MouseEvent>(plot, "mousedown", (event) => event.button === 1 && event.preventDefault()),
    ];
  }

  get active(): boolean {
    return this.gesture !== undefined;
  }

  /** Give up the gesture; everything is as before it. */
  cancel(): void {
    const gesture = this.gesture;
    this.finish();
    gesture?.cancel();
  }

  dispose(): void {
    this.cancel();
    for (const stop of this.stops) stop();
  }

  /** Shape of the pointer where nothing is pressed. */
  refreshCursor(point: Point): void {
    const { stage } = this;
    if (this.gesture || !stage.screen) return;
    let cursor = "crosshair";
    if (stage.tool === "pan" || stage.panKey) cursor = "grab";
    else if (stage.tool === "select") {
      const hit = hitTest(stage.rois, stage.selected, point, stage.screen);
      if (hit) cursor = hit.roi.locked ? "pointer" : cursorFor(hit.part, stage.screen.lineScan);
    }
    stage.plot.style.cursor = cursor;
  }

  private pointOf(event: MouseEvent): Point {
    // to ask where it is makes the browser lay the page out, which has time between frames only
    if (!this.box || event.timeStamp - this.boxAt > BOX_MS) {
      this.box = this.stage.plot.getBoundingClientRect();
      this.boxAt = event.timeStamp;
    }
    return { x: event.clientX - this.box.left, y: event.clientY - this.box.top };
  }

  private down(event: PointerEvent): void {
    const { stage } = this;
    if (this.gesture || !stage.screen || event.button > 1) return;
    stage.root.classList.add("cs-by-mouse"); // no focus ring for a click
    stage.root.focus({ preventScroll: true });
    event.preventDefault();
    this.box = undefined;
    const point = this.pointOf(event);
    const panning = event.button === 1 || stage.tool === "pan" || stage.panKey;
    if (panning) this.gesture = this.panning(point);
    else if (event.shiftKey) this.gesture = this.boxing(point);
    else {
      const hit =
        stage.tool === "select"
          ? hitTest(stage.rois, stage.selected, point, stage.screen)
          : undefined;
      this.gesture = hit ? this.editing(hit, point) : this.drawing(point);
    }
    this.captured = event.pointerId;
    stage.plot.setPointerCapture?.(event.pointerId);
  }

  private move(event: PointerEvent): void {
    const point = this.pointOf(event);
    this.gesture?.move(point, event);
    this.stage.hover(point);
    this.refreshCursor(point);
  }

  private up(event: PointerEvent): void {
    if (event.pointerId !== this.captured) return;
    this.gesture?.move(this.pointOf(event), event);
    const gesture = this.gesture;
    this.finish();
    gesture?.end();
    this.refreshCursor(this.pointOf(event));
  }

  private finish(): void {
    const id = this.captured;
    this.gesture = this.captured = undefined;
    const { plot } = this.stage;
    if (id !== undefined && plot.hasPointerCapture?.(id)) plot.releasePointerCapture(id);
  }

  private doubleClick(event: MouseEvent): void {
    const { stage } = this;
    if (!stage.screen || stage.tool === "pan") return;
    const hit = hitTest(stage.rois, stage.selected, this.pointOf(event), stage.screen);
    if (hit) stage.rename(hit.roi.roi_id);
  }

  private panning(from: Point): Gesture {
    const { stage } = this;
    const start = stage.screen!;
    let last = from;
    stage.leaveView();
    stage.plot.style.cursor = "grabbing";
    return {
      move: (point) => {
        const by = start.distance(point.x - last.x, point.y - last.y);
        last = point;
        stage.panBy(-by.rows, -by.cols);
      },
      end: () => {},
      cancel: () => {
        const by = start.distance(last.x - from.x, last.y - from.y);
        stage.panBy(by.rows, by.cols);
      },
    };
  }

  private boxing(from: Point): Gesture {
    const { stage } = this;
    const screen = stage.screen!;
    let to = from;
    return {
      move: (point) => {
        to = {
          x: Math.min(Math.max(point.x, 0), screen.width),
          y: Math.min(Math.max(point.y, 0), screen.height),
        };
        stage.zoomBox(from, to);
      },
      end: () => {
        stage.zoomBox(undefined);
        const wide = Math.abs(to.x - from.x) > THRESHOLD_PX;
        const high = Math.abs(to.y - from.y) > THRESHOLD_PX;
        if (!wide && !high) return;
        const [a, b] = [screen.toImage(from), screen.toImage(to)];
        const span = (p: number, q: number): Span => ({ start: Math.min(p, q), stop: Math.max(p, q) });
        stage.leaveView();
        const { rows, cols } = screen.view;
        const [rowsMove, colsMove] = screen.lineScan ? [wide, high] : [high, wide];
        stage.zoomTo(
          rowsMove ? span(a.row, b.row) : rows,
          colsMove ? span(a.col, b.col) : cols,
        );
      },
      cancel: () => stage.zoomBox(undefined),
    };
  }

  private drawing(from: Point): Gesture {
    const { stage } = this;
    const screen = stage.screen!;
    const start = screen.toImage(from);
    let bounds: Bounds | undefined;
    return {
      move: (point) => {
        const far = Math.max(Math.abs(point.x - from.x), Math.abs(point.y - from.y));
        if (!bounds && far < THRESHOLD_PX) return;
        bounds = drawn(start, screen.toImage(point), stage.size);
        stage.preview(null, bounds);
      },
      end: () => {
        stage.preview(null, undefined);
        if (bounds) stage.add(bounds);
        else stage.select(null);
        if (bounds) stage.toolDone();
      },
      cancel: () => stage.preview(null, undefined),
    };
  }

  private editing(hit: Hit, from: Point): Gesture {
    const { stage } = this;
    const screen = stage.screen!;
    const { roi, part } = hit;
    const start = boundsOf(roi);
    let now = start;
    let moved = false;
    if (stage.selected !== roi.roi_id) stage.select(roi.roi_id);
    return {
      move: (point) => {
        const [dx, dy] = [point.x - from.x, point.y - from.y];
        if (roi.locked || (!moved && Math.max(Math.abs(dx), Math.abs(dy)) < THRESHOLD_PX)) return;
        moved = true;
        now = dragged(start, part, screen.distance(dx, dy), stage.size);
        stage.preview(roi.roi_id, now);
      },
      end: () => {
        stage.preview(roi.roi_id, undefined);
        if (!sameBounds(start, now)) stage.change(roi.roi_id, start, now);
      },
      cancel: () => stage.preview(roi.roi_id, undefined),
    };
  }
}

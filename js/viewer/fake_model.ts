// A widget model without a kernel, for tests.

import type { Message, Model, Plane, Roi, Traits } from "./protocol";

type Handler = (...args: never[]) => void;

export function plane(lines = 8, pixels = 4, more: Partial<Plane> = {}): Plane {
  return {
    key: 1,
    generation: 1,
    name: "test.tif",
    rows: { title: "time", unit: "s", scale: 0.01, size: lines },
    cols: { title: "position", unit: "µm", scale: 0.5, size: pixels },
    line_scan: true,
    lines,
    pixels,
    channels: ["0"],
    frames: 1,
    row_levels: levels(lines, 2048),
    col_levels: levels(pixels, 512),
    tile_rows: 2048,
    tile_cols: 512,
    factor: 4,
    whole: true,
    range: [0, 255],
    auto: [0, 255],
    histogram: [4, 3, 2, 1],
    bin_width: 64,
    ...more,
  };
}

function levels(size: number, tile: number): number {
  let count = 1;
  while (Math.ceil(size / 4 ** (count - 1)) > tile) count += 1;
  return count;
}

export const roi = (roi_id: number, bounds: [number, number, number, number], more: Partial<Roi> = {}): Roi => ({
  roi_id,
  row_start: bounds[0],
  row_stop: bounds[1],
  col_start: bounds[2],
  col_stop: bounds[3],
  name: "",
  note: "",
  color: "",
  locked: false,
  ...more,
});

export class FakeModel implements Model {
  readonly sent: { kind: string; request: string; [key: string]: unknown }[] = [];
  saves = 0;
  private readonly handlers = new Map<string, Set<Handler>>();
  private readonly state: Traits;

  constructor(state: Partial<Traits> = {}) {
    const shown = state._plane ?? plane();
    this.state = {
      channel: 0,
      frame: 0,
      lut: "gray",
      contrast: null,
      gamma: 1,
      automatic: "percentiles",
      composite: false,
      background_removed: false,
      show_reference: false,
      selected_roi_id: null,
      time_range: [0, shown.rows.size * shown.rows.scale],
      position_range: [0, shown.cols.size * shown.cols.scale],
      cursor_s: null,
      tool: "select",
      scale_bar: true,
      show_marks: true,
      height_px: 200,
      renderer: "canvas",
      problem: "",
      _rois: [],
      _undo: [null, null],
      _marks: {},
      _preview_marks: {},
      _streak: {},
      _layers: [],
      _moving: {},
      _reference: {},
      ...state,
      _plane: shown,
    };
  }

  get<K extends keyof Traits>(name: K): Traits[K] {
    return this.state[name];
  }

  set<K extends keyof Traits>(name: K, value: Traits[K]): void {
    if (JSON.stringify(this.state[name]) === JSON.stringify(value)) return;
    this.state[name] = value;
    this.emit(`change:${name}`);
  }

  /** Several traits in one message, as Python's `hold_sync` sends them. */
  update(changes: Partial<Traits>): void {
    Object.assign(this.state, changes);
    for (const name of Object.keys(changes)) this.emit(`change:${name}`);
  }

  save_changes(): void {
    this.saves += 1;
  }

  send(content: unknown): void {
    this.sent.push(content as (typeof this.sent)[number]);
  }

  on(event: string, callback: Handler): void {
    const known = this.handlers.get(event) ?? new Set();
    this.handlers.set(event, known.add(callback));
  }

  off(event?: string | null, callback?: Handler | null): void {
    if (event && callback) this.handlers.get(event)?.delete(callback);
  }

  answer(message: Message, buffer?: ArrayBufferView): void {
    const view = buffer && new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    this.emit("msg:custom", message, view ? [view] : []);
  }

  /** Answer the last request. */
  done(more: object = {}): void {
    this.answer({ kind: "done", request: this.sent.at(-1)!.request, ...more });
  }

  get listeners(): number {
    return [...this.handlers.values()].reduce((count, set) => count + set.size, 0);
  }

  private emit(event: string, ...values: unknown[]): void {
    for (const handler of [...(this.handlers.get(event) ?? [])]) {
      (handler as (...all: unknown[]) => void)(...values);
    }
  }
}

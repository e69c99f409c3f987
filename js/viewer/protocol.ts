// What the Python side and the browser say to each other: traits, requests and answers.

export interface AxisInfo {
  title: string;
  unit: string;
  scale: number; // units per pixel
  size: number; // pixels
}

/** The plane on show, as `KymographViewer._plane` describes it. */
export interface Plane {
  key: number; // of the pixels of the channel and frame chosen
  coming?: boolean; // its overview, unasked
  generation: number; // keys of another one mean other pixels
  name: string;
  rows: AxisInfo;
  cols: AxisInfo;
  line_scan: boolean;
  // absent where there are no pixels to show
  lines?: number;
  pixels?: number;
  channels?: string[];
  frames?: number;
  row_levels?: number;
  col_levels?: number;
  tile_rows?: number;
  tile_cols?: number;
  factor?: number;
  whole?: boolean;
  range?: [number, number];
  auto?: [number, number];
  histogram?: number[]; // counts of bins from range[0] on
  bin_width?: number;
}

export interface Roi {
  roi_id: number;
  row_start: number;
  row_stop: number;
  col_start: number;
  col_stop: number;
  name: string;
  note: string;
  color: string;
  locked: boolean;
}

export type RoiBounds = Pick<Roi, "row_start" | "row_stop" | "col_start" | "col_stop">;

/** The walls of a vessel: line, column, line, column, … as float32. */
export interface Wall {
  roi_id: number;
  left: DataView;
  right: DataView;
}

export interface EventMark {
  roi_id: number;
  start: number; // lines
  stop: number;
  kind: string;
  title: string;
}

/** What is drawn over lines `start` to `stop`; nothing of it before it first arrives. */
export interface MarksMessage {
  start?: number;
  stop?: number;
  walls?: Wall[];
  events?: EventMark[];
}

/** A window of lines to light up, with the slope of what moves in it, columns a line. */
export interface Streak {
  window?: [rowStart: number, rowStop: number, colStart: number, colStop: number];
  slope?: number | null;
  ceiling?: number | null; // steepest slope that can be told
  velocity?: [unit: number, sweep: number] | null; // µm/s = unit × slope / (1 + sweep × slope)
  draggable?: boolean; // by hand, to overrule it
}

/** Pixels under a key, and how bright they are. */
export interface Brightness {
  key: number;
  whole: boolean;
  range: [number, number];
  auto: [number, number];
}

export type Automatic = "percentiles" | "full range" | "view";

/** A channel among others; with a key where it is seen. */
export interface LayerInfo extends Partial<Brightness> {
  channel: number;
  title: string;
  color: string;
  visible: boolean;
  contrast: Contrast;
  gamma: number;
  automatic: Automatic;
}

/** Pixels without their background, as `background_removed` asks for them, or why there are none. */
export interface Moving extends Partial<Brightness> {
  histogram?: number[];
  bin_width?: number;
  problem?: string;
}

/** The frame that the line was drawn on; only `possible` until it is asked for. */
export interface Reference {
  possible?: boolean; // such files can hold one
  problem?: string;
  png?: DataView;
  rows?: number;
  columns?: number;
  pixel_size_um?: number | null;
  line?: [x: number, y: number][];
  length_um?: number | null;
  source?: string;
}

export type Tool = "select" | "draw" | "pan";

export type Contrast = [number, number] | null;

export interface Traits {
  channel: number;
  frame: number;
  lut: string;
  contrast: Contrast;
  gamma: number;
  automatic: Automatic;
  composite: boolean;
  background_removed: boolean;
  show_reference: boolean;
  selected_roi_id: number | null;
  time_range: [number, number];
  position_range: [number, number];
  cursor_s: number | null;
  tool: Tool;
  scale_bar: boolean;
  show_marks: boolean;
  height_px: number;
  renderer: "auto" | "canvas";
  problem: string;
  _plane: Plane;
  _rois: Roi[];
  _undo: [string | null, string | null];
  _marks: MarksMessage;
  _preview_marks: MarksMessage;
  _streak: Streak;
  _layers: LayerInfo[];
  _moving: Moving;
  _reference: Reference;
}

/** Traits whose change is drawn; the visible ranges are followed apart. */
export const FOLLOWED = [
  "lut", "contrast", "gamma", "tool", "scale_bar", "channel", "frame", "selected_roi_id", "cursor_s",
  "_rois", "_undo", "_marks", "_preview_marks", "show_marks", "_streak", "problem", "height_px", "renderer", "automatic",
  "composite", "background_removed", "_layers", "_moving", "show_reference", "_reference",
] as const;

export type TilePlace = [rowLevel: number, colLevel: number, row: number, col: number];

export type Request =
  | { kind: "tiles"; key: number; tiles: TilePlace[] }
  | { kind: "probe"; key: number; row: number; col: number }
  | { kind: "edit"; action: "add"; changes: Partial<Roi> }
  | { kind: "edit"; action: "change"; roi_id: number; changes: Partial<Roi> }
  | { kind: "edit"; action: "delete"; roi_id: number }
  | { kind: "slope"; slope: number }
  | { kind: "channel"; channel: number; visible?: boolean; color?: string }
  | { kind: "drag"; roi_id: number | null; bounds: RoiBounds | null }
  | { kind: "history"; action: "undo" | "redo" };

export interface TileMessage {
  kind: "tile";
  key: number;
  tile: TilePlace;
  shape: [number, number];
  dtype: "uint8" | "uint16" | "float32";
  offset?: number; // a pixel stands for offset + scale × what is sent
  scale?: number;
}

export interface Done {
  kind: "done" | "refused";
  request: string;
  text?: string;
  roi_id?: number;
  row?: number;
  col?: number;
  value?: number | null;
}

export type Message = TileMessage | Done;

/** The part of a Jupyter widget model that the viewer uses. */
export interface Model {
  get<K extends keyof Traits>(name: K): Traits[K];
  set<K extends keyof Traits>(name: K, value: Traits[K]): void;
  save_changes(): void;
  send(content: unknown): void;
  on(event: string, callback: (...args: never[]) => void): void;
  off(event?: string | null, callback?: ((...args: never[]) => void) | null): void;
}

// The pixels of one model: tiles asked of Python one batch at a time, shared by all its views.

import { Latest } from "./latest";
import { type PixelPlane, hasPixels, overviewOf, tileName } from "./levels";
import { Lru } from "./lru";
import type { Done, Message, Model, Plane, Request, TilePlace } from "./protocol";

export type Pixels = Uint8Array | Uint16Array | Float32Array;

export interface Tile {
  place: TilePlace;
  name: string;
  rows: number;
  cols: number;
  pixels: Pixels;
}

const BUDGET_BYTES = 96 * 2 ** 20;
const BATCH = 3; // tiles in flight: few enough that a new view does not wait behind an old one

let requests = 0;

export class ImageSource {
  private tiles = new Lru<string, Tile>(BUDGET_BYTES);
  private overviewTile: Tile | undefined;
  private before: Tile | undefined; // overview of the channel or frame shown before
  private readonly wanted = new Map<object, TilePlace[]>();
  private readonly listeners = new Set<() => void>();
  private readonly waiting = new Map<string, (done: Done) => void>();
  private readonly fetch: Latest<TilePlace[]>;
  private readonly page = Math.random().toString(36).slice(2, 8);
  private fetching = "";
  private key: number;

  constructor(private readonly model: Model) {
    this.key = this.plane.key;
    this.fetch = new Latest((places) => this.ask(places));
    model.on("change:_plane", this.planeChanged);
    model.on("msg:custom", this.received);
    this.pump();
  }

  get plane(): Plane {
    return this.model.get("_plane");
  }

  get overview(): Tile | undefined {
    return this.overviewTile;
  }

  /** What to draw where nothing better is here: a flash of nothing between frames hurts. */
  get underlay(): Tile | undefined {
    return this.overviewTile ?? this.before;
  }

  get count(): number {
    return this.tiles.size + (this.overviewTile ? 1 : 0);
  }

  get(place: TilePlace): Tile | undefined {
    const name = tileName(place);
    return this.overviewTile?.name === name ? this.overviewTile : this.tiles.get(name);
  }

  /** All tiles held, in no order. */
  held(places: Iterable<TilePlace>): Tile[] {
    return [...places].flatMap((place) => this.get(place) ?? []);
  }

  /** Say what `view` would like to draw; what is missing is fetched, and listeners are told. */
  want(view: object, places: TilePlace[]): void {
    this.wanted.set(view, places);
    this.pump();
  }

  listen(view: object, changed: () => void): () => void {
    this.listeners.add(changed);
    return () => {
      this.listeners.delete(changed);
      this.wanted.delete(view);
    };
  }

  /** Send a request; the promise gives the last answer, or undefined if none came. */
  request(content: Request, patience_ms = 15_000): Promise<Done | undefined> {
    requests += 1;
    const request = `${this.page}-${requests}`;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.waiting.delete(request);
        resolve(undefined);
      }, patience_ms);
      this.waiting.set(request, (done) => {
        clearTimeout(timer);
        resolve(done);
      });
      this.model.send({ ...content, request });
    });
  }

  dispose(): void {
    this.model.off("change:_plane", this.planeChanged);
    this.model.off("msg:custom", this.received);
    this.fetch.clear();
    this.tiles.clear();
    this.listeners.clear();
    this.waiting.clear();
  }

  private readonly planeChanged = (): void => {
    if (this.plane.key !== this.key) {
      this.key = this.plane.key;
      this.tiles.clear();
      this.before = this.fits(this.overviewTile) ? this.overviewTile : undefined;
      this.overviewTile = undefined;
      this.wanted.clear();
      this.fetch.clear();
    }
    this.pump();
    this.tell();
  };

  private readonly received = (message: Message, buffers: DataView[] = []): void => {
    if (message.kind === "tile") {
      const buffer = buffers[0];
      const { plane } = this;
      if (buffer && message.key === this.key && hasPixels(plane)) {
        this.keep(plane, message.tile, message.shape, toPixels(message.dtype, buffer));
        this.tell();
      }
      return;
    }
    if (message.request === this.fetching) {
      this.fetch.ack();
      this.pump();
    }
    const resolve = this.waiting.get(message.request);
    this.waiting.delete(message.request);
    resolve?.(message);
  };

  private keep(plane: PixelPlane, place: TilePlace, shape: [number, number], pixels: Pixels): void {
    const name = tileName(place);
    const tile = { place, name, rows: shape[0], cols: shape[1], pixels };
    if (name === tileName(overviewOf(plane))) {
      this.overviewTile = tile;
      this.before = undefined;
    } else this.tiles.set(name, tile, pixels.byteLength);
  }

  private fits(tile: Tile | undefined): boolean {
    const { plane } = this;
    if (!tile || !hasPixels(plane) || tile.name !== tileName(overviewOf(plane))) return false;
    const size = (pixels: number, level: number): number => Math.ceil(pixels / plane.factor ** level);
    return (
      tile.rows === size(plane.lines, plane.row_levels - 1) &&
      tile.cols === size(plane.pixels, plane.col_levels - 1)
    );
  }

  private pump(): void {
    const { plane } = this;
    if (!hasPixels(plane)) return;
    const missing: TilePlace[] = this.overviewTile ? [] : [overviewOf(plane)];
    for (const places of this.wanted.values()) {
      for (const place of places) if (!this.get(place)) missing.push(place);
    }
    const names = new Set<string>();
    const unique = missing.filter((place) => {
      const name = tileName(place);
      return !names.has(name) && names.add(name);
    });
    // the overview comes alone, so that the first picture waits for nothing
    const batch = unique.slice(0, this.overviewTile ? BATCH : 1);
    if (batch.length && !this.fetch.busy) this.fetch.push(batch);
  }

  private ask(places: TilePlace[]): void {
    requests += 1;
    this.fetching = `${this.page}-${requests}`;
    const content: Request = { kind: "tiles", key: this.key, tiles: places };
    this.model.send({ ...content, request: this.fetching });
  }

  private tell(): void {
    for (const changed of this.listeners) changed();
  }
}

function toPixels(dtype: "uint8" | "uint16" | "float32", buffer: DataView): Pixels {
  // copied: the message may start at any byte, typed arrays may not
  const bytes = buffer.buffer.slice(
    buffer.byteOffset,
    buffer.byteOffset + buffer.byteLength,
  ) as ArrayBuffer;
  if (dtype === "uint8") return new Uint8Array(bytes);
  if (dtype === "uint16") return new Uint16Array(bytes);
  return new Float32Array(bytes);
}

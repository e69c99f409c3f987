// The pixels of one model: tiles asked of Python one batch at a time, shared by all its views.

import { shownLayers } from "./layers";
import { Latest } from "./latest";
import { type PixelPlane, hasPixels, overviewOf, tileName } from "./levels";
import { Lru } from "./lru";
import type { Done, Message, Model, Plane, Request, TileMessage, TilePlace } from "./protocol";

export type Pixels = Uint8Array | Uint16Array | Float32Array;

export interface Tile {
  key: number; // whose pixels
  place: TilePlace;
  name: string; // of the key and the place
  rows: number;
  cols: number;
  pixels: Pixels;
  offset: number; // a pixel stands for offset + scale × what is here
  scale: number;
}

export interface Wanted {
  key: number;
  place: TilePlace;
}

interface Batch {
  key: number;
  places: TilePlace[];
}

const BUDGET_BYTES = 96 * 2 ** 20;
const OVERVIEWS_BYTES = 32 * 2 ** 20;
const BATCH = 3; // tiles in flight: few enough that a new view does not wait behind an old one
const COMING_MS = 1500; // then an overview that was to come unasked is asked for
const FOLLOWED = ["_plane", "_layers", "_moving", "composite", "background_removed"];

let requests = 0;

const nameOf = (key: number, place: TilePlace): string => `${key}:${tileName(place)}`;

export class ImageSource {
  private readonly tiles = new Lru<string, Tile>(BUDGET_BYTES);
  private readonly overviews = new Lru<number, Tile>(OVERVIEWS_BYTES);
  private before: Tile | undefined; // overview of the channel or frame shown before
  private readonly wanted = new Map<object, Wanted[]>();
  private readonly listeners = new Set<() => void>();
  private readonly waiting = new Map<string, (done: Done) => void>();
  private readonly fetch: Latest<Batch>;
  private readonly page = Math.random().toString(36).slice(2, 8);
  private fetching = "";
  private awaited: number | undefined; // key of an overview that comes unasked
  private since = 0;
  private later: ReturnType<typeof setTimeout> | undefined;
  private generation: number;
  private keys: number[]; // of what is shown now
  private readonly known = new Set<number>(); // keys of this generation

  constructor(private readonly model: Model) {
    this.generation = this.plane.generation;
    this.keys = shownLayers(model).map(({ key }) => key);
    for (const key of this.keys) this.known.add(key);
    this.fetch = new Latest((batch) => this.ask(batch));
    for (const name of FOLLOWED) model.on(`change:${name}`, this.shownChanged);
    model.on("msg:custom", this.received);
    this.pump();
  }

  get plane(): Plane {
    return this.model.get("_plane");
  }

  /** The whole plane in one tile. */
  overview(key: number): Tile | undefined {
    return this.overviews.get(key);
  }

  /** What to draw where nothing better is here: a flash of nothing between frames hurts. */
  underlay(key: number): Tile | undefined {
    return this.overview(key) ?? (this.keys.length === 1 ? this.before : undefined);
  }

  get count(): number {
    return this.tiles.size + this.overviews.size;
  }

  get(key: number, place: TilePlace): Tile | undefined {
    const name = nameOf(key, place);
    const overview = this.overviews.get(key);
    return overview?.name === name ? overview : this.tiles.get(name);
  }

  /** All tiles held, in no order. */
  held(key: number, places: Iterable<TilePlace>): Tile[] {
    return [...places].flatMap((place) => this.get(key, place) ?? []);
  }

  /** Say what `view` would like to draw; what is missing is fetched, and listeners are told. */
  want(view: object, tiles: Wanted[]): void {
    this.wanted.set(view, tiles);
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
    for (const name of FOLLOWED) this.model.off(`change:${name}`, this.shownChanged);
    this.model.off("msg:custom", this.received);
    this.fetch.clear();
    clearTimeout(this.later);
    this.tiles.clear();
    this.overviews.clear();
    this.listeners.clear();
    this.waiting.clear();
  }

  private readonly shownChanged = (): void => {
    const keys = shownLayers(this.model).map(({ key }) => key);
    if (this.plane.generation !== this.generation) {
      this.generation = this.plane.generation;
      this.tiles.clear();
      this.before = this.overviews.get(this.keys[0] ?? 0);
      this.overviews.clear();
      this.known.clear();
      this.renew(keys);
    } else if (keys.join() !== this.keys.join()) {
      this.before = this.overviews.get(this.keys[0] ?? 0);
      this.renew(keys);
    }
    this.pump();
    this.tell();
  };

  private renew(keys: number[]): void {
    if (!this.fits(this.before)) this.before = undefined;
    this.keys = keys;
    for (const key of keys) this.known.add(key);
    this.wanted.clear();
    this.fetch.clear();
  }

  private readonly received = (message: Message, buffers: DataView[] = []): void => {
    if (message.kind === "tile") {
      const buffer = buffers[0];
      const { plane } = this;
      if (buffer && this.known.has(message.key) && hasPixels(plane)) {
        this.keep(plane, message, toPixels(message.dtype, buffer));
        this.pump();
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

  private keep(plane: PixelPlane, message: TileMessage, pixels: Pixels): void {
    const { key, tile: place, shape, offset = 0, scale = 1 } = message;
    const tile = { key, place, name: nameOf(key, place), rows: shape[0], cols: shape[1], pixels, offset, scale };
    if (tileName(place) === tileName(overviewOf(plane))) {
      this.overviews.set(key, tile, pixels.byteLength);
      if (this.keys.includes(key)) this.before = undefined;
    } else this.tiles.set(tile.name, tile, pixels.byteLength);
  }

  private fits(tile: Tile | undefined): boolean {
    const { plane } = this;
    if (!tile || !hasPixels(plane) || tileName(tile.place) !== tileName(overviewOf(plane))) return false;
    const size = (pixels: number, level: number): number => Math.ceil(pixels / plane.factor ** level);
    return (
      tile.rows === size(plane.lines, plane.row_levels - 1) &&
      tile.cols === size(plane.pixels, plane.col_levels - 1)
    );
  }

  private pump(): void {
    const { plane } = this;
    if (!hasPixels(plane)) return;
    // the overviews come first and alone, so that the first picture waits for nothing
    const blank = this.keys.find((key) => !this.overviews.has(key));
    if (this.fetch.busy || (blank !== undefined && this.isComing(blank))) return;
    if (blank !== undefined) this.fetch.push({ key: blank, places: [overviewOf(plane)] });
    else {
      const batch = this.missing();
      if (batch) this.fetch.push(batch);
    }
  }

  /** Whether an overview is on its way unasked; after a while it is asked for. */
  private isComing(key: number): boolean {
    const { plane } = this;
    if (!plane.coming || plane.key !== key) return false;
    if (this.awaited !== key) {
      this.awaited = key;
      this.since = performance.now();
      clearTimeout(this.later);
      this.later = setTimeout(() => this.pump(), COMING_MS + 10);
    }
    return performance.now() - this.since < COMING_MS;
  }

  /** Some of the tiles that are wanted and not here, of one key. */
  private missing(): Batch | undefined {
    const found = new Map<string, TilePlace>();
    let of: number | undefined;
    for (const tiles of this.wanted.values()) {
      for (const { key, place } of tiles) {
        if (this.get(key, place) || !this.keys.includes(key)) continue;
        of ??= key;
        if (key === of) found.set(tileName(place), place);
      }
    }
    if (of === undefined) return undefined;
    return { key: of, places: [...found.values()].slice(0, BATCH) };
  }

  private ask({ key, places }: Batch): void {
    requests += 1;
    this.fetching = `${this.page}-${requests}`;
    const content: Request = { kind: "tiles", key, tiles: places };
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

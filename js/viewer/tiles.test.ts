import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeModel, plane } from "./fake_model";
import { ImageSource } from "./image_source";
import { Latest } from "./latest";
import { type PixelPlane, levelFor, overviewOf, tileSpans, tilesFor } from "./levels";
import { Lru } from "./lru";
import type { LayerInfo, TilePlace } from "./protocol";
import { pictureTiles } from "./renderer";
import { Projection } from "./spans";

describe("levels", () => {
  const long = plane(100_000, 512) as PixelPlane;

  it("picks the coarsest level that is not coarser than the screen", () => {
    expect([0.3, 1, 3.9, 4, 15, 16, 500].map((lines) => levelFor(lines, 4, 4))).toEqual([0, 0, 0, 1, 1, 2, 3]);
  });

  it("asks for the overview alone when all is in view", () => {
    const view = { rows: { start: 0, stop: 100_000 }, cols: { start: 0, stop: 512 } };
    expect(tilesFor(long, new Projection(view, 900, 260, true))).toEqual([overviewOf(long)]);
  });

  it("asks for the tiles in view and no others, the middle first", () => {
    const view = { rows: { start: 4000, stop: 6500 }, cols: { start: 0, stop: 512 } };
    const places = tilesFor(long, new Projection(view, 900, 260, true));
    expect(places.map((place) => place[2])).toEqual([2, 3, 1]);
    expect(places.every((place) => place[0] === 0)).toBe(true);
  });

  it("knows what a tile at the end covers", () => {
    expect(tileSpans(long, [2, 0, 3, 0]).rows).toEqual({ start: 98_304, stop: 100_000 });
  });
});

describe("least recently used", () => {
  it("keeps within its weight and tells what it dropped", () => {
    const dropped: string[] = [];
    const lru = new Lru<string, string>(10, (value) => dropped.push(value));
    lru.set("a", "A", 4);
    lru.set("b", "B", 4);
    lru.get("a");
    lru.set("c", "C", 4);
    expect(dropped).toEqual(["B"]);
    expect([lru.has("a"), lru.has("b"), lru.weight]).toEqual([true, false, 8]);
  });

  it("keeps a single value that is too heavy", () => {
    const lru = new Lru<string, string>(10);
    lru.set("a", "A", 99);
    expect(lru.get("a")).toBe("A");
  });
});

describe("latest", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("has one request out and keeps only the newest wish", () => {
    const sent: number[] = [];
    const latest = new Latest<number>((value) => sent.push(value));
    [1, 2, 3, 4].forEach((value) => latest.push(value));
    expect(sent).toEqual([1]);
    latest.ack();
    expect(sent).toEqual([1, 4]);
    latest.ack();
    expect(latest.busy).toBe(false);
  });

  it("has as many out as it may, and waits for the oldest", () => {
    const sent: number[] = [];
    const latest = new Latest<number>((value) => sent.push(value), 500, 2);
    [1, 2, 3, 4].forEach((value) => latest.push(value));
    expect(sent).toEqual([1, 2]);
    latest.ack();
    expect(sent).toEqual([1, 2, 4]);
    latest.ack();
    expect(latest.busy).toBe(false);
    latest.clear();
    vi.advanceTimersByTime(501);
    expect(sent).toEqual([1, 2, 4]);
  });

  it("does not wait for ever", () => {
    const sent: number[] = [];
    const latest = new Latest<number>((value) => sent.push(value), 500);
    latest.push(1);
    latest.push(2);
    vi.advanceTimersByTime(501);
    expect(sent).toEqual([1, 2]);
  });
});

describe("image source", () => {
  const tile = (model: FakeModel, place: number[], shape: [number, number]) =>
    model.answer(
      { kind: "tile", key: 1, tile: place as never, shape, dtype: "uint16" },
      new Uint16Array(shape[0] * shape[1]).fill(7),
    );

  const wanted = (...places: TilePlace[]) => places.map((place) => ({ key: 1, place }));

  it("asks for the overview first, then for what a view wants, once", () => {
    const model = new FakeModel({ _plane: plane(100_000, 512) });
    const source = new ImageSource(model);
    expect(model.sent).toMatchObject([{ kind: "tiles", tiles: [[3, 0, 0, 0]] }]);
    source.want(source, wanted([0, 0, 4, 0], [0, 0, 5, 0]));
    expect(model.sent).toHaveLength(1);
    tile(model, [3, 0, 0, 0], [1563, 512]);
    model.done();
    expect(model.sent[1]).toMatchObject({ tiles: [[0, 0, 4, 0], [0, 0, 5, 0]] });
    tile(model, [0, 0, 4, 0], [2048, 512]);
    tile(model, [0, 0, 5, 0], [2048, 512]);
    model.done();
    expect(model.sent).toHaveLength(2);
    expect(source.count).toBe(3);
  });

  it("skips a wish that went out of view while another was fetched", () => {
    const model = new FakeModel({ _plane: plane(100_000, 512) });
    const source = new ImageSource(model);
    tile(model, [3, 0, 0, 0], [1563, 512]);
    model.done();
    source.want(source, wanted([0, 0, 1, 0]));
    source.want(source, wanted([0, 0, 20, 0]));
    source.want(source, wanted([0, 0, 40, 0]));
    model.done();
    expect(model.sent.map((message) => message["tiles"])).toEqual([
      [[3, 0, 0, 0]], [[0, 0, 1, 0]], [[0, 0, 40, 0]],
    ]);
  });

  it("drops tiles of a plane that is no longer shown", () => {
    const model = new FakeModel({ _plane: plane(8, 4) });
    const source = new ImageSource(model);
    tile(model, [0, 0, 0, 0], [8, 4]);
    expect(source.overview(1)).toBeDefined();
    model.set("_plane", plane(8, 4, { key: 2, generation: 2 }));
    expect(source.overview(1)).toBeUndefined();
    tile(model, [0, 0, 0, 0], [8, 4]); // late, of key 1
    expect(source.count).toBe(0);
    expect(model.sent.at(-1)).toMatchObject({ kind: "tiles", key: 2 });
  });

  it("keeps tiles of a channel that is looked at again", () => {
    const model = new FakeModel({ _plane: plane(8, 4) });
    const source = new ImageSource(model);
    tile(model, [0, 0, 0, 0], [8, 4]);
    model.done();
    model.set("_plane", plane(8, 4, { key: 2 }));
    expect(source.underlay(2)).toBe(source.overview(1)); // until it is here
    model.set("_plane", plane(8, 4, { key: 1 }));
    const sent = model.sent.length;
    source.want(source, wanted([0, 0, 0, 0]));
    expect(model.sent).toHaveLength(sent);
  });

  it("asks for channels that are seen, one after the other, and for no others", () => {
    const seen = { whole: true, range: [0, 9], auto: [0, 9] };
    const layer = (channel: number, more: object) => ({
      channel, title: "", color: "green", visible: true, contrast: null, gamma: 1, automatic: "percentiles", ...more,
    });
    const layers = [layer(0, { key: 1, ...seen }), layer(1, { visible: false }), layer(2, { key: 3, ...seen })];
    const model = new FakeModel({
      _plane: plane(8, 4, { channels: ["a", "b", "c"] }), composite: true, _layers: layers as LayerInfo[],
    });
    new ImageSource(model);
    expect(model.sent).toMatchObject([{ key: 1 }]);
    tile(model, [0, 0, 0, 0], [8, 4]);
    model.done();
    expect(model.sent.map((message) => message["key"])).toEqual([1, 3]);
    model.done();
  });

  it("waits for an overview that comes unasked, and asks for it if it does not come", () => {
    vi.useFakeTimers();
    const model = new FakeModel({ _plane: plane(8, 4) });
    const source = new ImageSource(model);
    tile(model, [0, 0, 0, 0], [8, 4]);
    model.done();
    model.set("_plane", plane(8, 4, { key: 2, generation: 2, coming: true }));
    expect(model.sent.filter(({ kind }) => kind === "tiles")).toHaveLength(1);
    vi.advanceTimersByTime(2000);
    expect(model.sent.at(-1)).toMatchObject({ kind: "tiles", key: 2 });
    expect(source.overview(2)).toBeUndefined();
    vi.useRealTimers();
  });

  it("copies pixels that start at an odd byte", () => {
    const model = new FakeModel({ _plane: plane(1, 2) });
    const source = new ImageSource(model);
    const bytes = new Uint8Array([0, 1, 2, 3, 4]);
    model.answer(
      { kind: "tile", key: 1, tile: [0, 0, 0, 0], shape: [1, 2], dtype: "uint16" },
      new DataView(bytes.buffer, 1, 4),
    );
    expect([...source.overview(1)!.pixels]).toEqual([0x0201, 0x0403]);
  });

  it("draws coarser tiles under the gaps", () => {
    const shown = plane(100_000, 512) as PixelPlane;
    const model = new FakeModel({ _plane: shown });
    const source = new ImageSource(model);
    tile(model, [3, 0, 0, 0], [1563, 512]);
    tile(model, [0, 0, 2, 0], [2048, 512]);
    const view = { rows: { start: 4000, stop: 6500 }, cols: { start: 0, stop: 512 } };
    const { tiles, missing } = pictureTiles(shown, new Projection(view, 900, 260, true), source, 1);
    expect(missing).toBe(true);
    expect(tiles.map(({ name }) => name)).toEqual(["1:3/0/0/0", "1:0/0/2/0"]);
  });

  it("gives a request its answer, and nothing if there is none", async () => {
    vi.useFakeTimers();
    const model = new FakeModel();
    const source = new ImageSource(model);
    const answered = source.request({ kind: "history", action: "undo" });
    model.done({ text: "Undone" });
    expect(await answered).toMatchObject({ text: "Undone" });
    const ignored = source.request({ kind: "history", action: "undo" }, 100);
    vi.advanceTimersByTime(101);
    expect(await ignored).toBeUndefined();
    vi.useRealTimers();
  });
});

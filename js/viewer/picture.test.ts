import { describe, expect, it } from "vitest";
import { paintPicture, paintTile, shade, taps } from "./canvas_renderer";
import { COLORMAPS, colormap } from "./colormaps";
import { plane } from "./fake_model";
import type { Pixels, Tile } from "./image_source";
import type { PixelPlane } from "./levels";
import type { Look } from "./renderer";
import { rangeIn } from "./seen_range";
import { Projection } from "./spans";

const look: Look = { contrast: [0, 255], gamma: 1, lut: "gray" };

function paint(pixels: Pixels, lines: number, cols: number, width: number, height: number, lineScan = true, rows = { start: 0, stop: lines }): number[][] {
  const shown = plane(lines, cols, { line_scan: lineScan }) as PixelPlane;
  const view = { rows, cols: { start: 0, stop: cols } };
  const screen = new Projection(view, width, height, lineScan);
  const tile: Tile = { key: 1, place: [0, 0, 0, 0], name: "1:0/0/0/0", rows: lines, cols, pixels, offset: 0, scale: 1 };
  const data = new Uint8ClampedArray(width * height * 4);
  paintTile(data, width, height, { plane: shown, screen, look }, tile);
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => (data[(y * width + x) * 4 + 3] ? data[(y * width + x) * 4]! : -1)),
  );
}

describe("painting", () => {
  // 4 lines of 4 pixels: value = 10 × line + pixel
  const four = Uint8Array.from({ length: 16 }, (_, i) => Math.floor(i / 4) * 10 + (i % 4));

  it("puts each pixel exactly once where it belongs at 1:1", () => {
    expect(paint(four, 4, 4, 4, 4)).toEqual([
      [3, 13, 23, 33],
      [2, 12, 22, 32],
      [1, 11, 21, 31],
      [0, 10, 20, 30],
    ]);
    expect(paint(four, 4, 4, 4, 4, false)).toEqual([
      [0, 1, 2, 3],
      [10, 11, 12, 13],
      [20, 21, 22, 23],
      [30, 31, 32, 33],
    ]);
  });

  it("repeats pixels above 1:1 and shifts by no half pixel", () => {
    const wide = paint(four, 4, 4, 8, 4);
    expect(wide[3]).toEqual([0, 0, 10, 10, 20, 20, 30, 30]);
    const part = paint(four, 4, 4, 4, 4, true, { start: 1, stop: 3 });
    expect(part[3]).toEqual([10, 10, 20, 20]);
  });

  it("averages below 1:1, so that no line is skipped", () => {
    const pixels = new Uint16Array(1000);
    pixels[501] = 250;
    const row = paint(pixels, 1000, 1, 100, 1)[0]!;
    expect(row[50]).toBe(25);
    expect(row.filter((value) => value > 0)).toHaveLength(1);
  });

  it("leaves pixels without a value open", () => {
    expect(paint(Float32Array.from([NaN, 100]), 2, 1, 2, 1)).toEqual([[-1, 100]]);
  });

  it("covers every pixel of the screen between its tiles", () => {
    const { first, last } = taps(7, 0, 100 / 7, 100, [0, 7]);
    expect(first[0]).toBe(0);
    expect(last[6]).toBe(99);
    for (let i = 1; i < 7; i++) expect(first[i]).toBe(last[i - 1]! + 1);
  });
});

describe("channels together", () => {
  const shown = plane(2, 1) as PixelPlane;
  const screen = new Projection({ rows: { start: 0, stop: 2 }, cols: { start: 0, stop: 1 } }, 2, 1, true);
  const tile = (...pixels: number[]): Tile => ({
    key: 1, place: [0, 0, 0, 0], name: "1:0/0/0/0", rows: 2, cols: 1, pixels: Float32Array.from(pixels), offset: 0, scale: 1,
  });
  const layer = (lut: string, ...pixels: number[]) => ({ look: { ...look, lut }, tiles: [tile(...pixels)] });
  const paintAll = (...layers: ReturnType<typeof layer>[]) => {
    const data = new Uint8ClampedArray(8);
    paintPicture(data, 2, 1, { plane: shown, screen, layers });
    return [...data];
  };

  it("adds their colours up, and cuts at white", () => {
    expect(paintAll(layer("green", 100, 255), layer("magenta", 50, 255))).toEqual([50, 100, 50, 255, 255, 255, 255, 255]);
    expect(paintAll(layer("yellow", 200, 0), layer("#ff8000", 200, 0))).toEqual([255, 255, 0, 255, 0, 0, 0, 255]);
  });

  it("shows one channel where another has no value", () => {
    expect(paintAll(layer("red", 10, 20), layer("blue", NaN, 7))).toEqual([10, 0, 0, 255, 20, 0, 7, 255]);
  });

  it("unpacks means that were sent as whole numbers", () => {
    const packed = { ...tile(0, 100), offset: 50, scale: 0.5 };
    const data = new Uint8ClampedArray(8);
    paintPicture(data, 2, 1, { plane: shown, screen, layers: [{ look, tiles: [packed] }] });
    expect([data[0], data[4]]).toEqual([50, 100]);
    const view = { rows: { start: 0, stop: 2 }, cols: { start: 0, stop: 1 } };
    expect(rangeIn(shown, [packed], view)).toEqual([50, 100]);
  });

  it("draws a finer tile over a coarser one, and never adds the two", () => {
    const both = { look, tiles: [tile(200, 200), tile(10, NaN)] };
    expect(paintAll(both)[0]).toBe(10);
  });
});

describe("what is in view", () => {
  const shown = plane(4, 2) as PixelPlane;
  const tile: Tile = {
    key: 1, place: [0, 0, 0, 0], name: "1:0/0/0/0", rows: 4, cols: 2, pixels: Float32Array.from([9, 8, 1, NaN, 3, 4, 99, 98]), offset: 0, scale: 1,
  };

  it("has the range of its own pixels", () => {
    expect(rangeIn(shown, [tile], { rows: { start: 1, stop: 3 }, cols: { start: 0, stop: 2 } })).toEqual([1, 4]);
    expect(rangeIn(shown, [tile], { rows: { start: 1.2, stop: 1.8 }, cols: { start: 0, stop: 1 } })).toEqual([1, 2]);
    expect(rangeIn(shown, [tile], { rows: { start: 1, stop: 2 }, cols: { start: 1, stop: 2 } })).toBeUndefined();
  });
});

describe("contrast", () => {
  it("runs from the darkest to the brightest value and is cut beyond", () => {
    const at = { ...look, contrast: [100, 200] as [number, number] };
    expect([50, 100, 150, 200, 999].map((value) => shade(value, at))).toEqual([0, 0, 128, 255, 255]);
    expect(shade(125, { ...at, gamma: 0.5 })).toBe(128);
  });
});

describe("colour maps", () => {
  it("has 256 opaque colours for every name", () => {
    for (const name of COLORMAPS) {
      const table = colormap(name);
      expect(table).toHaveLength(1024);
      expect(table[3]).toBe(255);
    }
  });

  it("matches the published ends of the maps", () => {
    expect([...colormap("viridis").slice(0, 3)]).toEqual([68, 1, 84]);
    expect([...colormap("magma").slice(1020, 1023)]).toEqual([252, 253, 191]);
    expect([...colormap("inverted gray").slice(0, 3)]).toEqual([255, 255, 255]);
    expect([...colormap("cyan").slice(1020, 1023)]).toEqual([0, 255, 255]);
  });
});

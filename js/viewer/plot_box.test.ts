import { describe, expect, it } from "vitest";
import { plotBox } from "./plot_box";
import type { Plane } from "./protocol";

const axis = (size: number, unit = "px", scale = 1) =>
  ({ size, unit, scale, label: "" }) as unknown as Plane["rows"];
const plane = (rows: Plane["rows"], cols: Plane["cols"], line_scan = false): Plane =>
  ({ key: 1, name: "", rows, cols, line_scan, row_levels: 1, col_levels: 1 }) as Plane;

describe("the room of the picture", () => {
  it("is all of the width for a line scan", () => {
    expect(plotBox(plane(axis(30000, "s"), axis(38, "µm"), true), 240, 700)).toEqual({
      height: 240,
      maxWidth: "",
    });
  });

  it("keeps the pixels of a frame square", () => {
    expect(plotBox(plane(axis(64), axis(128)), 240, 700)).toEqual({ height: 240, maxWidth: "480px" });
    const physical = plane(axis(64, "µm", 0.5), axis(64, "µm", 1));
    expect(plotBox(physical, 240, 700)).toEqual({ height: 240, maxWidth: "480px" });
  });

  it("lowers a frame that is wider than its place, instead of squeezing it", () => {
    expect(plotBox(plane(axis(100), axis(1000)), 240, 576)).toEqual({ height: 50, maxWidth: "500px" });
  });
});

// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { Projection } from "./spans";
import { StreakLayer, slopeLines } from "./streak_layer";

const screen = new Projection({ rows: { start: 0, stop: 100 }, cols: { start: 0, stop: 20 } }, 400, 100, true);

describe("streak", () => {
  it("draws lines of the slope, inside the window, the middle one first", () => {
    const lines = slopeLines([10, 50, 0, 20], 2);
    expect(lines.length).toBeGreaterThan(1);
    for (const [row0, col0, row1, col1] of lines) {
      expect((col1 - col0) / (row1 - row0)).toBeCloseTo(2);
      expect(Math.min(row0, row1)).toBeGreaterThanOrEqual(10);
      expect(Math.max(row0, row1)).toBeLessThanOrEqual(50);
      expect(Math.min(col0, col1)).toBeGreaterThanOrEqual(-1e-9);
      expect(Math.max(col0, col1)).toBeLessThanOrEqual(20 + 1e-9);
    }
    expect(lines[0]).toEqual([25, 0, 35, 20]);
  });

  it("draws a stall along the lines", () => {
    for (const [row0, col0, row1, col1] of slopeLines([10, 50, 0, 20], 0)) {
      expect([row0, row1]).toEqual([10, 50]);
      expect(col0).toBe(col1);
    }
  });

  it("shows the window alone where nothing was measured, and nothing for none", () => {
    const layer = new StreakLayer();
    layer.draw({ window: [10, 50, 0, 20], slope: null }, screen);
    expect(layer.root.querySelectorAll("rect")).toHaveLength(1);
    expect(layer.root.querySelectorAll("line")).toHaveLength(0);
    layer.draw({ window: [10, 50, 0, 20], slope: 1 }, screen);
    expect(layer.root.querySelectorAll(".cs-streak-slope")).toHaveLength(1);
    layer.draw({}, screen);
    expect(layer.root.childElementCount).toBe(0);
  });
});

import { describe, expect, it } from "vitest";
import { between, withEnd } from "./brush";
import { shapes } from "./marks";
import { cursorByKey, type Range } from "./range";

const VIEW: Range = [10, 20];
const FULL: Range = [0, 100];

describe("marks on a trace", () => {
  it("are where their time is in view, cut at its edges, and nowhere else", () => {
    const bands = [
      { start: 0, stop: 5, kind: "drop", title: "before" },
      { start: 8, stop: 12, kind: "stall", title: "stall" },
      { start: 19.99, stop: 20, kind: "rise", title: "narrow" },
    ];
    const found = shapes({ bands }, VIEW);
    expect(found).toHaveLength(2);
    expect(found[0]).toMatchObject({ x: 0, width: 0.2, className: "cs-kind-stall", title: "stall" });
    expect(found[1]!.title).toBe(""); // no room for its name
  });

  it("stand at their value, at the edge if it is beyond the axis", () => {
    const found = shapes({ peaks: [[15, 3], [16, 99]], manual: [[5, 1]], values: [2, 4] }, VIEW);
    expect(found).toMatchObject([
      { kind: "peak", x: 0.5, y: 0.5 },
      { kind: "peak", y: 0 },
    ]);
  });

  it("shade what is beyond the ceiling, either way, and nothing where it is out of view", () => {
    expect(shapes({ ceiling: 10, values: [-20, 20] }, VIEW)).toMatchObject([
      { y: 0, height: 0.25 },
      { y: 0.75, height: 0.25 },
    ]);
    expect(shapes({ ceiling: 100, values: [-20, 20] }, VIEW)).toEqual([]);
    expect(shapes({ ceiling: 5, values: [10, 20] }, VIEW)).toMatchObject([{ y: 0, height: 1 }]);
  });

  it("are thinned where they would be a smear", () => {
    const ticks = Array.from({ length: 10_000 }, (_, i) => 10 + i / 1000);
    expect(shapes({ ticks }, VIEW).length).toBeLessThanOrEqual(800);
  });
});

describe("a selected stretch", () => {
  it("goes from the first to the last of two times, inside the recording", () => {
    expect(between(30, 20, FULL)).toEqual([20, 30]);
    expect(between(-5, 20, FULL)).toEqual([0, 20]);
    expect(between(20, 20, FULL)).toBeNull();
  });

  it("is set one end at a time by keys", () => {
    expect(withEnd(null, "begin", 12, VIEW, FULL)).toEqual([12, 20]);
    expect(withEnd([12, 20], "end", 15, VIEW, FULL)).toEqual([12, 15]);
    expect(withEnd([12, 15], "begin", 18, VIEW, FULL)).toEqual([18, 20]);
    expect(withEnd(null, "end", 15, VIEW, FULL)).toEqual([10, 15]);
  });
});

describe("the cursor by keys", () => {
  it("starts in the middle, steps finely and, with Shift, in tens, and stays in view", () => {
    expect(cursorByKey(".", null, VIEW)).toBe(15);
    expect(cursorByKey(".", 15, VIEW)).toBeCloseTo(15.02);
    expect(cursorByKey("<", 15, VIEW)).toBeCloseTo(14.8);
    expect(cursorByKey(">", 19.99, VIEW)).toBe(20);
    expect(cursorByKey("x", 15, VIEW)).toBeNull();
  });
});

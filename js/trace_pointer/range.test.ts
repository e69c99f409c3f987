import { describe, expect, it } from "vitest";
import { byKey, clamp, pan, shareOf, zoom, type Range } from "./range";

const FULL: Range = [0, 100];

describe("the visible time", () => {
  it("never leaves the recording", () => {
    expect(clamp([-5, 15], FULL)).toEqual([0, 20]);
    expect(clamp([90, 120], FULL)).toEqual([70, 100]);
    expect(clamp([-50, 500], FULL)).toEqual([0, 100]);
    expect(pan([80, 90], 5, FULL)).toEqual([90, 100]);
  });

  it("zooms about the time under the pointer", () => {
    const range = zoom([20, 60], 0.5, 0.25, FULL);
    expect(range[1] - range[0]).toBeCloseTo(20);
    expect(range[0] + 0.25 * 20).toBeCloseTo(20 + 0.25 * 40);
    expect(shareOf(30, range)).toBeCloseTo(0.25);
  });

  it("stops at the whole recording and before numbers get coarse", () => {
    expect(zoom([20, 60], 100, 0.5, FULL)).toEqual([0, 100]);
    const closest = zoom([20, 60], 1e-9, 0.5, FULL);
    expect(closest[1] - closest[0]).toBeCloseTo(100 / 20_000);
  });

  it("follows the keys", () => {
    expect(byKey("ArrowRight", [10, 20], FULL)).toEqual([11, 21]);
    expect(byKey("PageUp", [10, 20], FULL)).toEqual([1, 11]);
    expect(byKey("Home", [10, 20], FULL)).toEqual([0, 10]);
    expect(byKey("End", [10, 20], FULL)).toEqual([90, 100]);
    expect(byKey("0", [10, 20], FULL)).toEqual([0, 100]);
    expect(byKey("+", [10, 20], FULL)![0]).toBeGreaterThan(10);
    expect(byKey("q", [10, 20], FULL)).toBeNull();
  });
});

import { describe, expect, it } from "vitest";
import { readout, readoutSpan } from "./axes";
import { decimalsFor, format, roundAbove, roundBelow, scaleBar, ticks } from "./ticks";

describe("ticks", () => {
  it("stands on 1, 2, 5 steps", () => {
    expect([0.3, 1, 1.1, 2, 3, 7, 0.0012].map(roundAbove)).toEqual([0.5, 1, 2, 2, 5, 10, 0.002]);
    expect([0.3, 1, 1.9, 4, 7].map(roundBelow).map((v) => Number(v.toPrecision(3)))).toEqual([0.2, 1, 1, 2, 5]);
  });

  it("includes both ends and writes only digits that differ", () => {
    expect(ticks(0, 35.1, 900, 84).map(({ text }) => text)).toEqual(["0", "5", "10", "15", "20", "25", "30", "35"]);
    expect(ticks(4.7, 5.1, 400, 84).map(({ text }) => text)).toEqual(["4.7", "4.8", "4.9", "5.0", "5.1"]);
  });

  it("counts lines in whole numbers", () => {
    expect(ticks(10, 12.5, 900, 84, true).map(({ text }) => text)).toEqual(["10", "11", "12"]);
  });

  it("is never crowded, at any zoom", () => {
    for (const reach of [0.00037, 0.02, 1, 17, 35.1, 4000, 123456]) {
      const found = ticks(3, 3 + reach, 700, 84);
      expect(found.length).toBeGreaterThan(1);
      expect(found.length).toBeLessThanOrEqual(10);
    }
  });
});

describe("numbers", () => {
  it("has a true minus, groups, and no minus zero", () => {
    expect(format(-1234.5, 1)).toBe("−1,234.5");
    expect(format(-0.001, 1)).toBe("0.0");
  });

  it("is as precise as the scale", () => {
    expect([1, 0.5, 0.284, 0.00117, 20].map(decimalsFor)).toEqual([0, 1, 1, 3, 0]);
  });

  it("reads out units, or lines and pixels", () => {
    const time = { title: "time", unit: "s", scale: 0.00117, size: 30000 };
    expect(readout(time, 4943)).toBe("5.783 s");
    expect(readout({ title: "time", unit: "lines", scale: 1, size: 99 }, 12.9)).toBe("line 12");
    expect(readoutSpan(time, 0, 30000)).toBe("0.000–35.100 s");
  });

  it("makes scale bars of round lengths", () => {
    expect(scaleBar(2.6, "s")).toEqual({ length: 0.5, text: "500 ms" });
    expect(scaleBar(35, "s").text).toBe("5 s");
    expect(scaleBar(0.002, "s").text).toBe("200 µs");
    expect(scaleBar(10.8, "µm").text).toBe("2 µm");
  });
});

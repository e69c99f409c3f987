import { describe, expect, it } from "vitest";
import { compare } from "./order";
import type { ColumnSpec, Value } from "./schema";

const sorted = (column: ColumnSpec, values: Value[], direction: "asc" | "desc") =>
  [...values].sort((a, b) => compare(column, a, b, direction) * (direction === "asc" ? 1 : -1));

describe("sorting", () => {
  it("keeps what is not measured last, both ways", () => {
    const speed: ColumnSpec = { key: "v", title: "v", kind: "number" };
    expect(sorted(speed, [null, 3, -2, null, 10], "asc")).toEqual([-2, 3, 10, null, null]);
    expect(sorted(speed, [null, 3, -2, null, 10], "desc")).toEqual([10, 3, -2, null, null]);
  });

  it("orders names as people do", () => {
    const name: ColumnSpec = { key: "n", title: "n", kind: "text" };
    expect(sorted(name, ["a10", "a2", "A1", ""], "asc")).toEqual(["A1", "a2", "a10", ""]);
  });

  it("orders marks as they are declared", () => {
    const status: ColumnSpec = {
      key: "s",
      title: "s",
      kind: "glyph",
      glyphs: ["measured", "stale", "none"].map((value) => ({
        value,
        text: value,
        title: value,
        tone: "ok",
      })),
    };
    expect(sorted(status, ["none", "measured", "stale"], "asc")).toEqual([
      "measured",
      "stale",
      "none",
    ]);
  });
});

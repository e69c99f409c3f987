import { describe, expect, it } from "vitest";
import type { ColumnSpec, Row } from "./schema";
import { matcher, searchText } from "./search";

const columns: ColumnSpec[] = [
  { key: "name", title: "Recording", kind: "text", detail: "reason" },
  { key: "rois", title: "ROIs", kind: "number" },
  { key: "velocity", title: "Velocity", kind: "number" },
  {
    key: "status",
    title: "Status",
    kind: "glyph",
    glyphs: [
      { value: "stale", text: "◐", title: "stale", tone: "warn" },
      { value: "failed", text: "!", title: "not readable", tone: "bad" },
    ],
  },
  { key: "condition", title: "Condition", kind: "text" },
];
const row: Row = {
  id: 1,
  name: "A89_0002.tif",
  rois: 2,
  velocity: -826,
  status: "stale",
  condition: "28d AngII",
  reason: "",
};
const found = (filter: string, one: Row = row) => {
  const test = matcher(filter, columns);
  return test ? test(one, searchText(columns, one)) : undefined;
};

describe("the filter", () => {
  it("lets everything through when empty", () => expect(found("   ")).toBeUndefined());

  it("needs every word, in any column, whatever the case", () => {
    expect(found("a89 angii STALE")).toBe(true);
    expect(found("a89 sham")).toBe(false);
  });

  it("finds a failure by its reason", () => {
    const failed = { ...row, status: "failed", reason: "truncated after 12 bytes" };
    expect(found("truncated readable", failed)).toBe(true);
  });

  it("compares numbers by title or key", () => {
    expect(found("rois>1")).toBe(true);
    expect(found("ROIs>=3")).toBe(false);
    expect(found("velocity<-800 rois=2")).toBe(true);
    expect(found("velocity<−800")).toBe(true);
    expect(found("velocity>0", { ...row, velocity: null })).toBe(false);
  });

  it("takes a comparison of no known column as text", () => {
    expect(found("x>1")).toBe(false);
  });
});

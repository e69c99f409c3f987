import { describe, expect, it } from "vitest";
import { tsv } from "./copy";
import type { ColumnSpec, Row } from "./schema";

const columns: ColumnSpec[] = [
  { key: "name", title: "Recording", kind: "text" },
  { key: "v", title: "Velocity", unit: "µm/s", kind: "number", digits: 0 },
  {
    key: "ok",
    title: "Accepted",
    kind: "glyph",
    glyphs: [{ value: true, text: "✓", title: "accepted", tone: "ok" }],
  },
];

describe("copied rows", () => {
  it("are a line each with full numbers and words for marks", () => {
    const rows: Row[] = [
      { id: 0, name: "a.tif", v: -826.31, ok: true },
      { id: 1, name: "b\t1\n.tif", v: null, ok: null },
    ];
    expect(tsv(columns, rows)).toBe(
      "Recording\tVelocity (µm/s)\tAccepted\na.tif\t-826.31\taccepted\nb 1 .tif\t\t",
    );
  });

  it("hold no formula", () => {
    for (const evil of ["=1+1", "+1", "-1", "@x", "＝1"]) {
      expect(tsv(columns, [{ id: 0, name: evil, v: 1, ok: null }])).toContain(`\n'${evil}\t`);
    }
  });
});

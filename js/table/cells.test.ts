// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { cellNode, cellTitle, formatNumber, headerNode } from "./cells";
import { type ColumnSpec, nextGlyph, rowsOf } from "./schema";

const name: ColumnSpec = {
  key: "name",
  title: "Recording",
  kind: "text",
  badge: "dirty",
  badge_title: "unsaved changes",
  detail: "reason",
  keep_end: 8,
};
const verdict: ColumnSpec = {
  key: "accepted",
  title: "Accepted",
  kind: "glyph",
  glyphs: [
    { value: null, text: "", title: "", tone: "dim" },
    { value: true, text: "✓", title: "accepted", tone: "ok" },
    { value: false, text: "✗", title: "rejected", tone: "bad" },
  ],
};

describe("numbers", () => {
  it("have fixed decimals, a true minus, thousands and a dash for nothing", () => {
    expect(formatNumber(1.17, 3)).toBe("1.170");
    expect(formatNumber(-1226.4, 0)).toBe("−1,226");
    expect(formatNumber(30000)).toBe("30,000");
    expect(formatNumber(1234567.25, 1)).toBe("1,234,567.3");
    expect(formatNumber(null)).toBe("–");
    expect(formatNumber(Number.NaN, 2)).toBe("–");
    expect(formatNumber(-0.001, 1)).toBe("0.0");
  });
});

describe("numbers of no fixed precision", () => {
  it("have as many digits as they need", () => {
    expect(formatNumber(23.5, null)).toBe("23.5");
    expect(formatNumber(0.1 + 0.2, null)).toBe("0.3");
    expect(formatNumber(-1234567, null)).toBe("−1,234,567");
    expect(formatNumber(2, null)).toBe("2");
  });
});

describe("what only the file name says", () => {
  it("is marked in the cell and in words", () => {
    const row = { id: 1, name: "a", inferred: "name date", reason: "", dirty: false };
    expect(cellNode(name, row).classList.contains("cs-inferred")).toBe(true);
    expect(cellTitle(name, row)).toBe("a · from the file name, not entered");
    expect(cellNode(name, { ...row, inferred: "date" }).classList.contains("cs-inferred")).toBe(false);
  });
});

describe("cells", () => {
  it("never parse text from files as HTML", () => {
    const evil = "<img src=x onerror=alert(1)>";
    const node = cellNode(name, { id: 1, name: evil, reason: "<b>bold</b>", dirty: false });
    expect(node.querySelector("img, b")).toBeNull();
    expect(node.textContent).toContain(evil);
  });

  it("keep the end of a long name in a part of its own", () => {
    const node = cellNode(name, { id: 1, name: "20250722_A89_0002.tif", reason: "", dirty: false });
    expect(node.querySelector(".cs-tail")?.textContent).toBe("0002.tif");
    expect(node.textContent).toBe("20250722_A89_0002.tif");
  });

  it("say marks in words", () => {
    const row = { id: 1, name: "a", accepted: true, dirty: true, reason: "" };
    expect(cellNode(verdict, row).getAttribute("aria-label")).toBe("accepted");
    expect(cellNode(name, row).querySelector("[role=img]")?.getAttribute("aria-label")).toBe(
      "unsaved changes",
    );
    expect(cellTitle(name, row)).toBe("a · unsaved changes");
    expect(cellTitle(verdict, row)).toBe("accepted");
  });

  it("head a mark's column with words that only screen readers get", () => {
    expect(headerNode(verdict).textContent).toBe("Accepted");
    expect(headerNode(verdict).querySelector(".cs-visually-hidden")).not.toBeNull();
  });
});

describe("rows", () => {
  it("come column-wise", () => {
    expect(rowsOf({ id: [3, 4], name: ["a", "b"], x: [1] })).toEqual([
      { id: 3, name: "a", x: 1 },
      { id: 4, name: "b", x: null },
    ]);
    expect(rowsOf({})).toEqual([]);
    expect(rowsOf({ id: [3, 4], same: "x", none: null })).toEqual([
      { id: 3, same: "x", none: null },
      { id: 4, same: "x", none: null },
    ]);
  });

  it("go through the glyphs on a click and round again", () => {
    expect(nextGlyph(verdict, null)).toBe(true);
    expect(nextGlyph(verdict, true)).toBe(false);
    expect(nextGlyph(verdict, false)).toBe(null);
  });
});

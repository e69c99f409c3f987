import { describe, expect, it } from "vitest";
import { inOrder } from "./model";
import type { ColumnSpec } from "./schema";

const column = (key: string): ColumnSpec => ({ key, title: key, kind: "text" });
const columns = ["a", "b", "c", "d"].map(column);
const keys = (order: string[]) => inOrder(columns, order).map((one) => one.key).join("");

describe("the order of columns", () => {
  it("is as declared, or as chosen", () => {
    expect(keys([])).toBe("abcd");
    expect(keys(["d", "c", "b", "a"])).toBe("dcba");
  });

  it("keeps a column that the order does not know beside its neighbour", () => {
    expect(keys(["d", "b", "a"])).toBe("dbca");
    expect(keys(["c", "b"])).toBe("acdb");
  });

  it("forgets columns that are gone", () => expect(keys(["z", "d", "a", "b", "c"])).toBe("dabc"));
});

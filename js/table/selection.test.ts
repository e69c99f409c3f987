import { describe, expect, it } from "vitest";
import { all, extend, extendBy, nothing, one, sameRows, toggle } from "./selection";

const order = [5, 3, 9, 1];

describe("a selection of several rows", () => {
  it("begins as one", () => {
    expect(one(3)).toEqual({ current: 3, rows: [3], anchor: 3, lead: 3 });
    expect(extend(nothing, order, 9).rows).toEqual([9]);
    expect(toggle(nothing, 9).current).toBe(9);
  });

  it("reaches from the anchor to a row in the order shown, either way", () => {
    const down = extend(one(3), order, 1);
    expect(down.rows).toEqual([3, 9, 1]);
    expect(down.current).toBe(3);
    expect(extend(down, order, 5).rows).toEqual([5, 3]);
  });

  it("grows and shrinks by keys", () => {
    let now = extendBy(one(5), order, { step: 1 }, 10);
    now = extendBy(now, order, { step: 1 }, 10);
    expect(now.rows).toEqual([5, 3, 9]);
    expect(extendBy(now, order, { step: -1 }, 10).rows).toEqual([5, 3]);
    expect(extendBy(now, order, { edge: "last" }, 10).rows).toEqual(order);
  });

  it("adds and takes away single rows", () => {
    const two = toggle(one(5), 9);
    expect(two.rows).toEqual([5, 9]);
    expect(two.current).toBe(5);
    expect(toggle(two, 9).rows).toEqual([5]);
    const other = toggle(two, 5);
    expect(other.current).toBe(9);
    expect(toggle(other, 9)).toMatchObject({ current: 9, rows: [9] });
  });

  it("takes all that are shown, and what is looked at with them", () => {
    expect(all(one(3), order).rows).toEqual(order);
    expect(all(one(77), order)).toMatchObject({ current: 77, rows: [77, ...order] });
    expect(all(nothing, order).current).toBe(5);
    expect(all(one(3), []).rows).toEqual([3]);
  });

  it("is compared as a set", () => {
    expect(sameRows([1, 2], [2, 1])).toBe(true);
    expect(sameRows([1, 2], [1, 3])).toBe(false);
  });
});

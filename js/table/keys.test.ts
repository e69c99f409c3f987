import { describe, expect, it } from "vitest";
import { moveOf, target } from "./keys";

const press = (key: string, more: Partial<KeyboardEvent> = {}) =>
  moveOf({ key, ctrlKey: false, metaKey: false, altKey: false, ...more });
const go = (selected: number | null, key: string) => {
  const move = press(key);
  if (!move) throw new Error(`${key} does not move`);
  return target([5, 3, 9], selected, move, 2);
};

describe("keys", () => {
  it("step in the order shown and stop at the ends", () => {
    expect(go(5, "ArrowDown")).toBe(3);
    expect(go(3, "j")).toBe(9);
    expect(go(9, "J")).toBe(9);
    expect(go(5, "k")).toBe(5);
    expect(go(9, "ArrowUp")).toBe(3);
    expect(go(9, "Home")).toBe(5);
    expect(go(5, "End")).toBe(9);
    expect(go(5, "PageDown")).toBe(3);
  });

  it("begin at an end where nothing shown is selected", () => {
    expect(go(null, "ArrowDown")).toBe(5);
    expect(go(77, "ArrowUp")).toBe(9);
    expect(target([], null, { step: 1 })).toBeNull();
  });

  it("leave the host's own keys alone", () => {
    expect(press("j", { ctrlKey: true })).toBeUndefined();
    expect(press("a")).toBeUndefined();
  });
});

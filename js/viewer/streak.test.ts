// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import type { Streak } from "./protocol";
import { Projection } from "./spans";
import { slopeAt, slopeText, turned } from "./streak_handle";
import { StreakLayer, beyond, slopeLines } from "./streak_layer";

const screen = new Projection({ rows: { start: 0, stop: 100 }, cols: { start: 0, stop: 20 } }, 400, 100, true);

describe("streak", () => {
  it("draws lines of the slope, inside the window, the middle one first", () => {
    const lines = slopeLines([10, 50, 0, 20], 2);
    expect(lines.length).toBeGreaterThan(1);
    for (const [row0, col0, row1, col1] of lines) {
      expect((col1 - col0) / (row1 - row0)).toBeCloseTo(2);
      expect(Math.min(row0, row1)).toBeGreaterThanOrEqual(10);
      expect(Math.max(row0, row1)).toBeLessThanOrEqual(50);
      expect(Math.min(col0, col1)).toBeGreaterThanOrEqual(-1e-9);
      expect(Math.max(col0, col1)).toBeLessThanOrEqual(20 + 1e-9);
    }
    expect(lines[0]).toEqual([25, 0, 35, 20]);
  });

  it("draws a stall along the lines", () => {
    for (const [row0, col0, row1, col1] of slopeLines([10, 50, 0, 20], 0)) {
      expect([row0, row1]).toEqual([10, 50]);
      expect(col0).toBe(col1);
    }
  });

  it("shows the window alone where nothing was measured, and nothing for none", () => {
    const layer = new StreakLayer(stage());
    layer.draw({ window: [10, 50, 0, 20], slope: null }, screen);
    expect(layer.root.querySelectorAll("rect")).toHaveLength(1);
    expect(layer.root.querySelectorAll("line:not(.cs-streak-reach)")).toHaveLength(0);
    layer.draw({ window: [10, 50, 0, 20], slope: 1 }, screen);
    expect(layer.root.querySelectorAll(".cs-streak-slope")).toHaveLength(1);
    layer.draw({}, screen);
    expect(layer.root.firstElementChild!.childElementCount).toBe(0);
  });

  it("shades what is too fast to tell, as steep as it is", () => {
    expect(beyond([10, 50, 0, 20], 5)).toEqual([
      [[30, 10], [28, 20], [32, 20]],
      [[30, 10], [28, 0], [32, 0]],
    ]);
  });
});

const stage = () => ({
  invalidate: vi.fn(), keepSlope: vi.fn(() => Promise.resolve<unknown>(undefined)), leaveHandle: vi.fn(),
});

describe("overruling a streak", () => {
  const streak: Streak = { window: [10, 50, 0, 20], slope: 0.5, ceiling: 4, velocity: [500, 0], draggable: true };

  it("takes the slope from the middle of the window to the hand", () => {
    expect(slopeAt(streak, screen, screen.toScreen(40, 15))).toBeCloseTo(0.5);
    expect(slopeAt(streak, screen, screen.toScreen(20, 15))).toBeCloseTo(-0.5);
    expect(slopeAt(streak, screen, screen.toScreen(30, 20))).toBe(16); // never endless
  });

  it("turns by degrees of the screen, both ways alike", () => {
    const steeper = turned(streak, screen, 0.5, 5);
    expect(steeper).toBeGreaterThan(0.5);
    expect(turned(streak, screen, steeper, -5)).toBeCloseTo(0.5);
  });

  it("says the velocity, and when it is beyond the ceiling", () => {
    expect(slopeText(streak, -0.5)).toBe("−250 µm/s");
    expect(slopeText(streak, 5)).toContain("too fast to tell");
    expect(slopeText({ ...streak, velocity: [500, 0.1] }, 2)).toBe("833 µm/s");
    expect(slopeText({ ...streak, velocity: null }, 0.5)).toBe("0.50 px/line");
  });

  const press = (handle: Element, key: string, shiftKey = false) =>
    handle.dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey, bubbles: true, cancelable: true }));

  it("previews by keys, keeps with Enter and gives up with Escape", async () => {
    const held = stage();
    const layer = new StreakLayer(held);
    document.body.append(layer.root as unknown as Node);
    layer.draw(streak, screen);
    const handle = layer.root.querySelector("[role=slider]")!;
    expect(handle.getAttribute("aria-valuetext")).toBe("250 µm/s");
    press(handle, "ArrowUp", true);
    layer.draw(streak, screen);
    expect(Number(handle.getAttribute("aria-valuenow"))).toBeGreaterThan(0.5);
    press(handle, "Escape");
    layer.draw(streak, screen);
    expect(handle.getAttribute("aria-valuenow")).toBe("0.5");
    expect(held.keepSlope).not.toHaveBeenCalled();
    press(handle, "ArrowDown");
    press(handle, "Enter");
    expect(held.keepSlope).toHaveBeenCalledTimes(1);
    await Promise.resolve();
    await Promise.resolve();
    layer.draw({ ...streak, slope: 0.3 }, screen);
    expect(handle.getAttribute("aria-valuenow")).toBe("0.3"); // what Python says now
  });

  it("forgets the hand when another window is looked at", () => {
    const layer = new StreakLayer(stage());
    layer.draw(streak, screen);
    const handle = layer.root.querySelector("[role=slider]")!;
    press(handle, "ArrowUp");
    layer.draw({ ...streak, window: [20, 60, 0, 20], slope: 1 }, screen);
    expect(handle.getAttribute("aria-valuenow")).toBe("1");
  });

  it("cannot be dragged where nobody takes it", () => {
    const layer = new StreakLayer(stage());
    layer.draw({ ...streak, draggable: false }, screen);
    expect(layer.root.querySelector<SVGElement>("[role=slider]")!.style.display).toBe("none");
  });
});

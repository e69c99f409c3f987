// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import { plane } from "./fake_model";
import { Histogram } from "./histogram";
import type { PixelPlane } from "./levels";
import { Minimap } from "./minimap";
import type { Span } from "./spans";

/** A finger: pointer events at places across an element that starts at the left of the page. */
function hand(root: HTMLElement) {
  const send = (type: string, x: number, button = 0): void => {
    root.dispatchEvent(new PointerEvent(type, { clientX: x, button, pointerId: 1 }));
  };
  return {
    drag(...way: number[]): void {
      send("pointerdown", way[0]!);
      for (const x of way) send("pointermove", x);
      send("pointerup", way.at(-1)!);
    },
    send,
  };
}

describe("the whole recording in a strip", () => {
  const recording = plane(10_000, 20) as PixelPlane;
  let shown: Span;
  let left = 0;
  let map: Minimap;

  beforeEach(() => {
    shown = { start: 2000, stop: 4000 };
    left = 0;
    map = new Minimap({
      leaveView: () => void (left += 1),
      showRows: (span) => {
        shown = span;
        map.draw(recording, [], span, 500);
      },
    });
    map.draw(recording, [], shown, 500); // 20 lines a pixel: the window is from 100 to 200
  });

  it("has a window over the part on show", () => {
    const window = map.root.querySelector<HTMLElement>(".cs-minimap-window")!;
    expect([window.style.transform, window.style.width]).toEqual(["translateX(100px)", "100px"]);
    expect(window.hidden).toBe(false);
    map.draw(recording, [], { start: 0, stop: 10_000 }, 500);
    expect(window.hidden).toBe(true);
  });

  it("is moved by its middle, with one step back for the whole drag", () => {
    hand(map.root).drag(150, 170, 250);
    expect(shown).toEqual({ start: 4000, stop: 6000 });
    expect(left).toBe(1);
    expect(map.active).toBe(false);
  });

  it("gets longer or shorter by its ends, and never empty", () => {
    hand(map.root).drag(199, 249);
    expect(shown).toEqual({ start: 2000, stop: 5000 });
    hand(map.root).drag(101, 151);
    expect(shown).toEqual({ start: 3000, stop: 5000 });
    hand(map.root).drag(151, 499);
    expect(shown).toEqual({ start: 4998, stop: 5000 });
  });

  it("goes to where one presses beside it, and on from there", () => {
    hand(map.root).drag(400);
    expect(shown).toEqual({ start: 7000, stop: 9000 });
    hand(map.root).drag(250, 260);
    expect(shown).toEqual({ start: 4200, stop: 6200 });
  });

  it("leaves other buttons alone", () => {
    hand(map.root).send("pointerdown", 400, 2);
    expect([shown.start, map.active]).toEqual([2000, false]);
  });
});

describe("the histogram", () => {
  const look = (contrast: [number, number]) => ({ contrast, gamma: 1, lut: "gray" });
  let contrast: [number, number];
  let histogram: Histogram;

  const draw = (fixed = false): void =>
    histogram.draw({ range: [0, 100], counts: [5, 4, 3, 2, 1], binWidth: 20, look: look(contrast), fixed });

  beforeEach(() => {
    contrast = [0, 100];
    histogram = new Histogram(106, 24, (now) => {
      contrast = now;
      draw();
    });
    draw(); // 3 pixels of margin on either side: a pixel is one count
  });

  it("has two ends to drag, and a middle for both", () => {
    hand(histogram.root).drag(4, 24);
    expect(contrast).toEqual([20, 100]);
    hand(histogram.root).drag(103, 83);
    expect(contrast).toEqual([20, 80]);
    hand(histogram.root).drag(53, 63);
    expect(contrast).toEqual([30, 90]);
  });

  it("keeps the ends apart and in order", () => {
    hand(histogram.root).drag(103, 3);
    expect(contrast[0]).toBe(0);
    expect(contrast[1]).toBeGreaterThan(0);
    expect(contrast[1]).toBeLessThan(1);
  });

  it("cannot be dragged where contrast is fixed, or before there is one", () => {
    draw(true);
    hand(histogram.root).drag(4, 24);
    expect(contrast).toEqual([0, 100]);
    histogram.draw(undefined);
    hand(histogram.root).drag(4, 24);
    expect(contrast).toEqual([0, 100]);
  });
});

import { describe, expect, it } from "vitest";
import { roi } from "./fake_model";
import { BODY, HANDLES, cursorFor, dragged, drawn, handlePoint, hitTest } from "./roi_geometry";
import { Projection, around, inside, pan, zoomAbout } from "./spans";
import { ViewHistory } from "./view_history";

const whole = { rows: { start: 0, stop: 1000 }, cols: { start: 0, stop: 100 } };
const screen = new Projection(whole, 500, 200, true);
const size = { lines: 1000, pixels: 100 };

describe("projection", () => {
  it("lays a line scan on its side: time to the right, position upwards", () => {
    expect(screen.toScreen(0, 0)).toEqual({ x: 0, y: 200 });
    expect(screen.toScreen(1000, 100)).toEqual({ x: 500, y: 0 });
  });

  it("shows frames as they are stored", () => {
    const frames = new Projection(whole, 100, 1000, false);
    expect(frames.toScreen(10, 20)).toEqual({ x: 20, y: 10 });
    expect(frames.distance(3, 4)).toEqual({ rows: 4, cols: 3 });
  });

  it("goes there and back", () => {
    const zoomed = new Projection({ rows: { start: 33, stop: 77 }, cols: { start: 4, stop: 9 } }, 640, 333, true);
    const at = zoomed.toScreen(50.25, 7.5);
    const back = zoomed.toImage(at);
    expect(back.row).toBeCloseTo(50.25, 9);
    expect(back.col).toBeCloseTo(7.5, 9);
  });
});

describe("spans", () => {
  it("keeps what is under the pointer there when zooming", () => {
    const next = zoomAbout({ start: 100, stop: 300 }, 150, 0.5, 1000);
    expect(next).toEqual({ start: 125, stop: 225 });
  });

  it("never leaves the image, and never gets longer than it", () => {
    expect(zoomAbout({ start: 0, stop: 900 }, 10, 4, 1000)).toEqual({ start: 0, stop: 1000 });
    expect(pan({ start: 10, stop: 20 }, -50, 100)).toEqual({ start: 0, stop: 10 });
    expect(pan({ start: 10, stop: 20 }, Infinity, 100)).toEqual({ start: 90, stop: 100 });
    expect(inside({ start: 95, stop: 130 }, 100)).toEqual({ start: 65, stop: 100 });
    expect(around({ start: 0, stop: 10 }, 40, 100)).toEqual({ start: 0, stop: 40 });
  });
});

describe("view history", () => {
  const view = (start: number) => ({ rows: { start, stop: start + 10 }, cols: { start: 0, stop: 1 } });

  it("goes back and forward and forgets what was ahead on a new step", () => {
    const history = new ViewHistory();
    history.leave(view(0));
    history.leave(view(10));
    expect(history.goBack(view(20))).toEqual(view(10));
    expect(history.goBack(view(10))).toEqual(view(0));
    expect(history.goBack(view(0))).toBeUndefined();
    expect(history.goForward(view(0))).toEqual(view(10));
    history.leave(view(10));
    expect(history.canGoForward).toBe(false);
  });
});

describe("hit test", () => {
  const one = roi(1, [200, 600, 20, 80]);
  const inner = roi(2, [300, 400, 40, 60]);

  it("finds all eight handles of the selected ROI", () => {
    for (const part of HANDLES) {
      const at = handlePoint(one, part, screen)!;
      expect(hitTest([one], 1, at, screen)?.part).toEqual(part);
    }
  });

  it("finds no handles where nothing is selected", () => {
    const at = handlePoint(one, HANDLES[0]!, screen)!;
    expect(hitTest([one], null, at, screen)?.part).toEqual(BODY);
  });

  it("reaches a small ROI inside a large one, and keeps to the selected one", () => {
    const point = screen.toScreen(350, 50);
    expect(hitTest([inner, one], null, point, screen)?.roi.roi_id).toBe(2);
    expect(hitTest([one, inner], null, point, screen)?.roi.roi_id).toBe(2);
    expect(hitTest([one, inner], 1, point, screen)?.roi.roi_id).toBe(1);
  });

  it("reaches body and handles of a ROI of one pixel", () => {
    const tiny = roi(3, [500, 501, 50, 51]);
    expect(hitTest([tiny], 3, screen.toScreen(500.5, 50.5), screen)?.part).toEqual(BODY);
    for (const part of HANDLES) {
      const at = handlePoint(tiny, part, screen)!;
      expect(hitTest([tiny], 3, at, screen)?.part).toEqual(part);
    }
  });

  it("keeps edge handles in sight while the ROI reaches beyond the view", () => {
    const close = new Projection({ rows: { start: 300, stop: 400 }, cols: whole.cols }, 500, 200, true);
    const top = handlePoint(one, { rows: 0, cols: 1 }, close)!;
    expect(top.x).toBe(250);
    expect(handlePoint(one, { rows: -1, cols: 0 }, close)).toBeUndefined();
  });

  it("offers no handles on a locked ROI", () => {
    const locked = { ...one, locked: true };
    const at = handlePoint(one, HANDLES[0]!, screen)!;
    expect(hitTest([locked], 1, at, screen)?.part).toEqual(BODY);
  });
});

describe("dragging", () => {
  const bounds = { row_start: 10, row_stop: 20, col_start: 5, col_stop: 15 };

  it("moves by whole pixels and stops at the border with its size kept", () => {
    expect(dragged(bounds, BODY, { rows: 3.4, cols: -2.6 }, size)).toEqual({
      row_start: 13, row_stop: 23, col_start: 2, col_stop: 12,
    });
    expect(dragged(bounds, BODY, { rows: -99, cols: 999 }, size)).toEqual({
      row_start: 0, row_stop: 10, col_start: 90, col_stop: 100,
    });
  });

  it("resizes one edge, never to nothing", () => {
    expect(dragged(bounds, { rows: 1, cols: 0 }, { rows: -50, cols: 9 }, size)).toEqual({
      ...bounds, row_stop: 11,
    });
    expect(dragged(bounds, { rows: -1, cols: 1 }, { rows: -50, cols: 500 }, size)).toEqual({
      row_start: 0, row_stop: 20, col_start: 5, col_stop: 100,
    });
  });

  it("draws at least a pixel, in any direction, inside the image", () => {
    expect(drawn({ row: 7.2, col: 3.1 }, { row: 7.3, col: 3.2 }, size)).toEqual({
      row_start: 7, row_stop: 8, col_start: 3, col_stop: 4,
    });
    expect(drawn({ row: 50, col: 50 }, { row: -20, col: 500 }, size)).toEqual({
      row_start: 0, row_stop: 50, col_start: 50, col_stop: 100,
    });
  });

  it("shows cursors along the way the edge will go", () => {
    expect(cursorFor({ rows: 1, cols: 0 }, true)).toBe("ew-resize");
    expect(cursorFor({ rows: 1, cols: 0 }, false)).toBe("ns-resize");
    expect(cursorFor({ rows: 1, cols: 1 }, true)).toBe("nesw-resize");
    expect(cursorFor({ rows: 1, cols: 1 }, false)).toBe("nwse-resize");
  });
});

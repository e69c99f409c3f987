// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { MarksLayer, eventColor, points, within } from "./marks_layer";
import { Projection } from "./spans";

const screen = (start: number, stop: number, lineScan = true) =>
  new Projection({ rows: { start, stop }, cols: { start: 0, stop: 20 } }, 400, 100, lineScan);

const event = (start: number, stop: number) => ({ roi_id: 1, start, stop, kind: "stall", title: "stall" });

const wall = (values: number[]) => {
  const data = new DataView(new Float32Array(values).buffer);
  return { roi_id: 1, left: data, right: data };
};

describe("marks", () => {
  it("unpacks points that begin anywhere in their message", () => {
    const bytes = new Uint8Array(2 + 8);
    new DataView(bytes.buffer).setFloat32(2, 7.5, true);
    new DataView(bytes.buffer).setFloat32(6, 3.25, true);
    expect([...points(new DataView(bytes.buffer, 2, 8))]).toEqual([7.5, 3.25]);
  });

  it("counts what is in view", () => {
    const layer = new MarksLayer();
    const marks = { events: [event(10, 20), event(500, 600)], walls: [wall([0, 4, 100, 5])] };
    expect(layer.draw(marks, screen(0, 100), () => "red")).toBe(2);
    expect(layer.draw(marks, screen(0, 1000), () => "red")).toBe(3);
    expect(layer.canvas.hidden).toBe(false);
  });

  it("has the walls of a preview in place of those measured in their ROI", () => {
    const layer = new MarksLayer();
    const other = { ...wall([0, 9, 100, 9]), roi_id: 2 };
    const marks = { walls: [wall([0, 4, 100, 5]), other] };
    const colors: number[] = [];
    const colorOf = (id: number) => (colors.push(id), "red");
    expect(layer.draw(marks, screen(0, 100), colorOf, [wall([0, 6, 50, 7])])).toBe(2);
    expect(layer.draw(marks, screen(0, 100), colorOf)).toBe(2);
    expect(layer.draw(undefined, screen(0, 100), colorOf, [{ ...other, roi_id: -1 }])).toBe(1);
  });

  it("is out of the way where there is nothing to draw", () => {
    const layer = new MarksLayer();
    for (const marks of [undefined, {}, { events: [event(500, 600)] }]) {
      expect(layer.draw(marks, screen(0, 100), () => "red")).toBe(0);
      expect(layer.canvas.hidden).toBe(true);
    }
    expect(layer.draw({ walls: [wall([0, 4])] }, screen(0, 100, false), () => "red")).toBe(0); // a frame
  });

  it("has a colour for kinds it does not know", () => {
    expect(eventColor("stall")).not.toBe(eventColor("made up"));
    expect(eventColor("made up")).toMatch(/^#/);
  });
});

describe("points of a wall in view", () => {
  const wall = new Float32Array([0, 5, 10, 5, 20, NaN, 30, 5, 40, 5]);

  it("are those in it and one beyond on either side, so that no line ends inside", () => {
    expect(within(wall, { start: 12, stop: 28 })).toEqual([1, 4]);
    expect(within(wall, { start: -5, stop: 100 })).toEqual([0, 5]);
    expect(within(new Float32Array(0), { start: 0, stop: 1 })).toEqual([0, 0]);
  });
});

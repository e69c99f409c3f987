// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import { SketchLayer, bandOf, dotsOf, lineOf, placing } from "./sketch";

const place = placing([0, 10], [0, 100]);
const bytes = (...values: number[]) => new DataView(new Float64Array(values).buffer);

describe("a sketch of a trace", () => {
  it("breaks its line where a number is missing", () => {
    const x = Float64Array.of(0, 5, 6, 10);
    expect(lineOf([x, Float64Array.of(0, 50, NaN, 100)], place)).toBe(
      "M0.0,1000.0L500.0,500.0M1000.0,0.0",
    );
    expect(dotsOf([x, Float64Array.of(0, NaN, NaN, 100)], place)).toBe(
      "M0.0,1000.0h0M1000.0,0.0h0",
    );
  });

  it("closes its band around each piece", () => {
    const x = Float64Array.of(0, 5, 6, 10);
    const low = Float64Array.of(0, 10, NaN, 20);
    const high = Float64Array.of(100, 90, NaN, 80);
    expect(bandOf(x, low, high, place)).toBe(
      "M0.0,0.0L500.0,100.0L500.0,900.0L0.0,1000.0ZM1000.0,200.0L1000.0,800.0Z",
    );
  });

  it("takes the place of the marks of the figure, and gives it back", () => {
    vi.useFakeTimers();
    const plot = document.createElement("div");
    const layer = new SketchLayer(() => plot);
    const time = bytes(0, 10);
    layer.show(
      { time, lines: [bytes(0, 100)], opacities: [0.4], dots: true, color: "red", bounds: "1,2" },
      [0, 10],
      [0, 100],
    );
    expect(plot.classList.contains("cs-sketched")).toBe(true);
    expect(layer.root.dataset["bounds"]).toBe("1,2");
    const classes = [...layer.root.children].map((el) => el.getAttribute("class"));
    expect(classes).toEqual(["cs-sketch-line", "cs-sketch-dots"]);
    expect((layer.root.children[0] as SVGElement).style.opacity).toBe("0.4");
    layer.redraw([0, 20], [0, 100]);
    expect(layer.root.children[0]!.getAttribute("d")).toBe("M0.0,1000.0L500.0,0.0");
    layer.show({}, [0, 20], [0, 100]);
    expect(plot.classList.contains("cs-sketched")).toBe(true); // bqplot is not there yet
    vi.runAllTimers();
    expect(plot.classList.contains("cs-sketched")).toBe(false);
    expect(layer.root.childElementCount).toBe(0);
    vi.useRealTimers();
  });

  it("reads numbers wherever they begin in a message", () => {
    const buffer = new ArrayBuffer(4 + 16);
    const view = new DataView(buffer, 4, 16);
    [1, 2].forEach((value, i) => view.setFloat64(8 * i, value, true));
    const layer = new SketchLayer(() => null);
    layer.show({ time: view, lines: [view] }, [0, 2], [0, 2]);
    expect(layer.root.children[0]!.getAttribute("d")).toBe("M500.0,500.0L1000.0,0.0");
  });
});

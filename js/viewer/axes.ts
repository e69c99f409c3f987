// Ticks, units and the scale bar around the picture.

import { element, svg } from "./dom";
import type { AxisInfo, Plane } from "./protocol";
import { type Projection, type Span } from "./spans";
import { format, decimalsFor, scaleBar, ticks } from "./ticks";

export const LEFT_MARGIN_PX = 64;
export const RIGHT_MARGIN_PX = 12;

export class Axes {
  readonly left = svg("svg", { class: "cs-axis cs-axis-left", "aria-hidden": "true" });
  readonly bottom = svg("svg", { class: "cs-axis cs-axis-bottom", "aria-hidden": "true" });
  readonly scale = element("div", { class: "cs-scale", "aria-hidden": "true" });
  readonly across = element("div", { class: "cs-scale cs-scale-across", "aria-hidden": "true" });
  private readonly scaleText = element("span");
  private readonly scaleLine = element("b");
  private readonly acrossText = element("span");
  private readonly acrossLine = element("b");

  constructor() {
    this.scale.append(this.scaleText, this.scaleLine);
    this.across.append(this.acrossText, this.acrossLine);
  }

  draw(plane: Plane, screen: Projection, showScale: boolean): void {
    const { rows, cols } = screen.view;
    const [alongX, xSpan] = screen.lineScan ? [plane.rows, rows] : [plane.cols, cols];
    const [alongY, ySpan] = screen.lineScan ? [plane.cols, cols] : [plane.rows, rows];
    this.drawBottom(alongX, xSpan, screen.width);
    this.drawLeft(alongY, ySpan, screen.height, screen.lineScan);
    const reach = (xSpan.stop - xSpan.start) * alongX.scale;
    const bar = scaleBar(reach, alongX.unit);
    this.scale.hidden = !showScale;
    // a frame has one scale along both axes
    this.across.hidden = !showScale || !screen.lineScan;
    const high = (ySpan.stop - ySpan.start) * alongY.scale;
    const upright = scaleBar(high, alongY.unit, 0.3);
    this.acrossText.textContent = upright.text;
    this.acrossLine.style.height = `${(upright.length / high) * screen.height}px`;
    this.scaleText.textContent = bar.text;
    this.scaleLine.style.width = `${(bar.length / reach) * screen.width}px`;
  }

  private drawBottom(axis: AxisInfo, span: Span, width: number): void {
    const [start, stop] = [span.start * axis.scale, span.stop * axis.scale];
    const made: Node[] = [];
    let free = -Infinity;
    for (const tick of ticks(start, stop, width, 84, isCount(axis))) {
      const x = LEFT_MARGIN_PX + ((tick.value - start) / (stop - start)) * width;
      made.push(svg("line", { x1: x, x2: x, y1: 0, y2: 4 }));
      made.push(svg("text", { x, y: 15, "text-anchor": "middle" }, tick.text));
      free = x + tick.text.length * 3.5;
    }
    // the unit stands at the right end, and gives way to a number that is there
    const end = LEFT_MARGIN_PX + width + RIGHT_MARGIN_PX - 2;
    const room = end - axis.unit.length * 7 > free + 4;
    if (room) made.push(svg("text", { x: end, y: 15, "text-anchor": "end", class: "cs-unit" }, axis.unit));
    else {
      const last = made.at(-1);
      if (last?.textContent) last.textContent += ` ${axis.unit}`;
      if (last instanceof SVGTextElement && free + axis.unit.length * 7 > end) {
        last.setAttribute("x", String(end));
        last.setAttribute("text-anchor", "end");
      }
    }
    this.bottom.replaceChildren(...made);
  }

  private drawLeft(axis: AxisInfo, span: Span, height: number, up: boolean): void {
    const [start, stop] = [span.start * axis.scale, span.stop * axis.scale];
    const made: Node[] = [
      svg("text", { x: 0, y: 0, class: "cs-unit", transform: `translate(13 ${height / 2}) rotate(-90)`, "text-anchor": "middle" },
        `${axis.title} (${axis.unit})`),
    ];
    for (const tick of ticks(start, stop, height, 42, isCount(axis))) {
      const share = (tick.value - start) / (stop - start);
      const y = (up ? 1 - share : share) * height;
      made.push(svg("line", { x1: LEFT_MARGIN_PX - 5, x2: LEFT_MARGIN_PX - 1, y1: y, y2: y }));
      const text = { x: LEFT_MARGIN_PX - 8, y: Math.min(Math.max(y + 4, 9), height - 1) };
      made.push(svg("text", { ...text, "text-anchor": "end" }, tick.text));
    }
    this.left.replaceChildren(...made);
  }
}

const isCount = (axis: AxisInfo): boolean => axis.unit === "lines" || axis.unit === "px";

/** A place on an axis for people, as precise as a pixel. */
export function readout(axis: AxisInfo, pixel: number): string {
  if (isCount(axis)) {
    const name = axis.unit === "px" ? (axis.title === "rows" ? "row" : "px") : "line";
    return `${name} ${format(Math.floor(pixel), 0)}`;
  }
  return `${format(pixel * axis.scale, decimalsFor(axis.scale))} ${axis.unit}`;
}

/** A stretch of an axis for people. */
export function readoutSpan(axis: AxisInfo, start: number, stop: number): string {
  if (isCount(axis)) return `${format(start, 0)}–${format(stop, 0)} ${axis.unit}`;
  const decimals = decimalsFor(axis.scale);
  const [a, b] = [format(start * axis.scale, decimals), format(stop * axis.scale, decimals)];
  return `${a}–${b} ${axis.unit}`;
}

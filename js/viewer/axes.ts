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
  private readonly alongTicks = svg("g");
  private readonly acrossTicks = svg("g");
  private readonly alongUnit = svg("text", { y: 15, class: "cs-unit" });
  private readonly acrossTitle = svg("text", { class: "cs-unit", "text-anchor": "middle" });
  private along: Along | undefined;
  private acrossNow = "";
  private bars = "";

  constructor() {
    this.scale.append(this.scaleText, this.scaleLine);
    this.across.append(this.acrossText, this.acrossLine);
    this.bottom.append(this.alongTicks, this.alongUnit);
    this.left.append(this.acrossTitle, this.acrossTicks);
  }

  draw(plane: Plane, screen: Projection, showScale: boolean): void {
    const { rows, cols } = screen.view;
    const [alongX, xSpan] = screen.lineScan ? [plane.rows, rows] : [plane.cols, cols];
    const [alongY, ySpan] = screen.lineScan ? [plane.cols, cols] : [plane.rows, rows];
    this.drawBottom(alongX, xSpan, screen.width);
    this.drawLeft(alongY, ySpan, screen.height, screen.lineScan);
    const reach = (xSpan.stop - xSpan.start) * alongX.scale;
    const bar = scaleBar(reach, alongX.unit);
    const high = (ySpan.stop - ySpan.start) * alongY.scale;
    const upright = scaleBar(high, alongY.unit, 0.3);
    const now = JSON.stringify([bar, reach, upright, high, screen.width, screen.height, screen.lineScan, showScale]);
    if (now === this.bars) return;
    this.bars = now;
    this.scale.hidden = !showScale;
    // a frame has one scale along both axes
    this.across.hidden = !showScale || !screen.lineScan;
    this.acrossText.textContent = upright.text;
    this.acrossLine.style.height = `${(upright.length / high) * screen.height}px`;
    this.scaleText.textContent = bar.text;
    this.scaleLine.style.width = `${(bar.length / reach) * screen.width}px`;
  }

  private drawBottom(axis: AxisInfo, span: Span, width: number): void {
    const [start, stop] = [span.start * axis.scale, span.stop * axis.scale];
    const perUnit = width / (stop - start);
    const found = ticks(start, stop, width, 84, isCount(axis));
    const end = LEFT_MARGIN_PX + width + RIGHT_MARGIN_PX - 2;
    // the unit stands at the right end, and gives way to a number that is there
    const last = found.at(-1);
    const free = last ? LEFT_MARGIN_PX + (last.value - start) * perUnit + last.text.length * 3.5 : -Infinity;
    const room = end - axis.unit.length * 7 > free + 4;
    const shift = room ? 0 : end - (free + axis.unit.length * 7); // below 0: it would be cut off
    const names = `${found.map(({ text }) => text).join("|")} ${axis.unit} ${perUnit.toPrecision(9)} ${room} ${width}`;
    // a step of a pan moves all of it, as long as no number comes or goes
    if (!this.along || names !== this.along.names || shift < 0) {
      const origin = found[0]?.value ?? start;
      this.along = { names: shift < 0 ? "" : names, origin };
      const made: Node[] = [];
      for (const tick of found) {
        const x = (tick.value - origin) * perUnit;
        made.push(svg("line", { x1: x, x2: x, y1: 0, y2: 4 }));
        made.push(svg("text", { x, y: 15, "text-anchor": "middle" }, tick.text));
      }
      const text = made.at(-1);
      if (!room && text instanceof SVGTextElement) {
        text.textContent += ` ${axis.unit}`;
        if (shift < 0) {
          text.setAttribute("x", String(end - LEFT_MARGIN_PX - (origin - start) * perUnit));
          text.setAttribute("text-anchor", "end");
        }
      }
      this.alongTicks.replaceChildren(...made);
      this.alongUnit.textContent = room ? axis.unit : "";
      this.alongUnit.setAttribute("x", String(end));
      this.alongUnit.setAttribute("text-anchor", "end");
    }
    const x = LEFT_MARGIN_PX + (this.along.origin - start) * perUnit;
    this.alongTicks.setAttribute("transform", `translate(${x.toFixed(2)} 0)`);
  }

  private drawLeft(axis: AxisInfo, span: Span, height: number, up: boolean): void {
    const now = JSON.stringify([axis, span, height, up]);
    if (now === this.acrossNow) return;
    this.acrossNow = now;
    const [start, stop] = [span.start * axis.scale, span.stop * axis.scale];
    this.acrossTitle.textContent = `${axis.title} (${axis.unit})`;
    this.acrossTitle.setAttribute("transform", `translate(13 ${height / 2}) rotate(-90)`);
    const made: Node[] = [];
    for (const tick of ticks(start, stop, height, 42, isCount(axis))) {
      const share = (tick.value - start) / (stop - start);
      const y = (up ? 1 - share : share) * height;
      made.push(svg("line", { x1: LEFT_MARGIN_PX - 5, x2: LEFT_MARGIN_PX - 1, y1: y, y2: y }));
      const text = { x: LEFT_MARGIN_PX - 8, y: Math.min(Math.max(y + 4, 9), height - 1) };
      made.push(svg("text", { ...text, "text-anchor": "end" }, tick.text));
    }
    this.acrossTicks.replaceChildren(...made);
  }
}

/** The numbers along the bottom as they were made; only their group moves while they stay. */
interface Along {
  names: string;
  origin: number; // of the group, in units of the axis
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

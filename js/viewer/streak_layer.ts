// One window of a measurement lit up: its frame, lines of the slope found through it, a handle.

import { svg } from "./dom";
import type { Streak } from "./protocol";
import type { Point, Projection } from "./spans";
import { StreakHandle, type StreakStage } from "./streak_handle";

const LINES = 5; // one through the middle, and some beside it to compare the streaks with

type Window = NonNullable<Streak["window"]>;

/** Ends (row, column) of lines of a slope inside a window, the middle one first. */
export function slopeLines(
  [rowStart, rowStop, colStart, colStop]: Window,
  slope: number,
): [number, number, number, number][] {
  const row = (rowStart + rowStop) / 2;
  const col = (colStart + colStop) / 2;
  // spread over all the lines of this slope that cross the window
  const reach = (colStop - colStart + Math.abs(slope) * (rowStop - rowStart)) / 2;
  const found: [number, number, number, number][] = [];
  for (let i = 0; i < LINES; i++) {
    const rank = Math.ceil(i / 2) * (i % 2 ? 1 : -1);
    const middle = col + (rank * 2 * reach) / LINES;
    let [from, to] = [rowStart, rowStop];
    if (slope !== 0) {
      const enters = row + (colStart - middle) / slope;
      const leaves = row + (colStop - middle) / slope;
      from = Math.max(from, Math.min(enters, leaves));
      to = Math.min(to, Math.max(enters, leaves));
    }
    if (to > from) found.push([from, middle + slope * (from - row), to, middle + slope * (to - row)]);
  }
  return found;
}

/** Two wedges about the middle of a window: directions steeper than a slope. */
export function beyond([rowStart, rowStop, colStart, colStop]: Window, ceiling: number): [number, number][][] {
  const row = (rowStart + rowStop) / 2;
  const col = (colStart + colStop) / 2;
  const wide = Math.min((colStop - colStart) / 2 / ceiling, (rowStop - rowStart) / 2);
  return [colStop, colStart].map((edge) => [[row, col], [row - wide, edge], [row + wide, edge]]);
}

export class StreakLayer {
  readonly root = svg("svg", { class: "cs-streak", "aria-label": "Streak" });
  private readonly drawing = svg("g", { "aria-hidden": "true" });
  private readonly handle: StreakHandle;
  private drawn = true;

  constructor(stage: StreakStage) {
    this.handle = new StreakHandle(stage);
    this.root.append(this.drawing, this.handle.root);
  }

  draw(streak: Streak, screen: Projection): void {
    if (!streak.window && !this.drawn) return; // most of the time
    const { window } = streak;
    this.drawn = window !== undefined;
    this.drawing.replaceChildren();
    const shown = window && screen.lineScan;
    const slope = shown ? this.handle.slopeOf(streak) : undefined;
    const line = shown && slope !== undefined ? slopeLines(window, slope)[0] : undefined;
    const ends = line && ([screen.toScreen(line[0], line[1]), screen.toScreen(line[2], line[3])] as const);
    this.handle.draw(streak, screen, ends);
    if (!shown) return;
    const [rowStart, rowStop, colStart, colStop] = window;
    const frame = screen.toRect({ start: rowStart, stop: rowStop }, { start: colStart, stop: colStop });
    this.drawing.append(
      svg("rect", { x: frame.x, y: frame.y, width: Math.max(frame.width, 1), height: frame.height }),
    );
    if (streak.ceiling) {
      for (const wedge of beyond(window, streak.ceiling)) {
        const points = wedge.map(([row, col]) => screen.toScreen(row, col));
        this.drawing.append(svg("polygon", { class: "cs-streak-beyond", points: text(points) }));
      }
    }
    if (slope === undefined) return;
    for (const [i, [row0, col0, row1, col1]] of slopeLines(window, slope).entries()) {
      const a = screen.toScreen(row0, col0);
      const b = screen.toScreen(row1, col1);
      const along = { x1: a.x, y1: a.y, x2: b.x, y2: b.y };
      this.drawing.append(
        svg("line", { class: "cs-streak-halo", ...along }),
        svg("line", { class: i ? "cs-streak-beside" : "cs-streak-slope", ...along }),
      );
    }
  }

  dispose(): void {
    this.handle.dispose();
  }
}

const text = (points: Point[]): string => points.map(({ x, y }) => `${x},${y}`).join(" ");

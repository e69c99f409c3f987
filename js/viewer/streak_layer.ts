// One window of a measurement lit up: its frame, and lines of the slope found through it.

import { svg } from "./dom";
import type { Streak } from "./protocol";
import type { Projection } from "./spans";

const LINES = 5; // one through the middle, and some beside it to compare the streaks with

/** Ends (row, column) of lines of a slope inside a window, the middle one first. */
export function slopeLines(
  [rowStart, rowStop, colStart, colStop]: NonNullable<Streak["window"]>,
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

export class StreakLayer {
  readonly root = svg("svg", { class: "cs-streak", "aria-hidden": "true" });

  draw(streak: Streak, screen: Projection): void {
    this.root.replaceChildren();
    const { window, slope } = streak;
    if (!window || !screen.lineScan) return;
    const [rowStart, rowStop, colStart, colStop] = window;
    const frame = screen.toRect({ start: rowStart, stop: rowStop }, { start: colStart, stop: colStop });
    this.root.append(
      svg("rect", { x: frame.x, y: frame.y, width: Math.max(frame.width, 1), height: frame.height }),
    );
    if (slope === null || slope === undefined) return;
    for (const [i, [row0, col0, row1, col1]] of slopeLines(window, slope).entries()) {
      const a = screen.toScreen(row0, col0);
      const b = screen.toScreen(row1, col1);
      const ends = { x1: a.x, y1: a.y, x2: b.x, y2: b.y };
      this.root.append(
        svg("line", { class: "cs-streak-halo", ...ends }),
        svg("line", { class: i ? "cs-streak-beside" : "cs-streak-slope", ...ends }),
      );
    }
  }
}

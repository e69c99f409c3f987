// The handles that turn the line of a streak, by pointer and by keys, and what it then says.

import { listen, svg } from "./dom";
import type { Streak } from "./protocol";
import type { Point, Projection } from "./spans";
import { format } from "./ticks";

export interface StreakStage {
  /** Draw again. */
  invalidate(): void;
  /** Keep a slope (columns a line); resolves once Python has taken or refused it. */
  keepSlope(slope: number): Promise<unknown>;
  /** The keys go back to the picture. */
  leaveHandle(): void;
}

const STEP_DEG = 0.5; // on the screen, by an arrow key; with Shift ten times that
const KNOB_IN = 0.08; // share of the line that lies beyond a handle
const STEEPEST = 4; // times the ceiling, or widths a line where there is none

type Ends = readonly [Point, Point];

/** The slope of a line from the middle of a window to a place on the screen. */
export function slopeAt(streak: Streak, screen: Projection, point: Point): number {
  const [rowStart, rowStop, colStart, colStop] = streak.window!;
  const { row, col } = screen.toImage(point);
  const rows = row - (rowStart + rowStop) / 2;
  const cols = col - (colStart + colStop) / 2;
  return kept(streak, cols / (rows || 1e-9));
}

/** A slope turned on the screen by some degrees, against the clock. */
export function turned(streak: Streak, screen: Projection, slope: number, degrees: number): number {
  const steepness = screen.rowsPerPixel / screen.colsPerPixel;
  const angle = Math.atan(slope * steepness) + (degrees * Math.PI) / 180;
  return kept(streak, Math.tan(Math.min(Math.max(angle, -1.57), 1.57)) / steepness);
}

function kept({ window, ceiling }: Streak, slope: number): number {
  const most = ceiling ? STEEPEST * ceiling : window![3] - window![2];
  return Math.min(Math.max(slope, -most), most);
}

/** The velocity that a slope stands for, for people. */
export function slopeText({ velocity, ceiling }: Streak, slope: number): string {
  const said = velocity
    ? `${format((velocity[0] * slope) / (1 + slope * velocity[1]), 0)} µm/s`
    : `${format(slope, 2)} px/line`;
  return ceiling && Math.abs(slope) > ceiling ? `${said}, too fast to tell` : said;
}

export class StreakHandle {
  readonly root = svg("g", {
    class: "cs-streak-handle", role: "slider", tabindex: 0, "aria-label": "Slope of the streaks: arrows turn it, Enter keeps it",
  });
  private readonly reach = svg("line", { class: "cs-streak-reach" });
  private readonly knobs = [svg("circle", { r: 6 }), svg("circle", { r: 6 })] as const;
  private readonly label = svg("text", { class: "cs-streak-text" });
  private readonly stops: (() => void)[];
  private mine: { slope: number; window: string } | undefined; // not yet Python's
  private grip: { pointer: number; moved: boolean } | undefined;
  private asking = false;
  private streak: Streak = {};
  private screen: Projection | undefined;

  constructor(private readonly stage: StreakStage) {
    this.root.append(this.reach, ...this.knobs, this.label);
    this.stops = [
      listen<PointerEvent>(this.root, "pointerdown", (event) => this.down(event)),
      listen<PointerEvent>(this.root, "pointermove", (event) => this.move(event)),
      listen<PointerEvent>(this.root, "pointerup", (event) => this.up(event)),
      listen(this.root, "pointercancel", () => this.giveUp()),
      listen<KeyboardEvent>(this.root, "keydown", (event) => this.key(event)),
      listen(this.root, "blur", () => !this.grip && this.commit()),
    ];
  }

  /** The slope to draw: what the hand makes of it, or what was measured. */
  slopeOf(streak: Streak): number | undefined {
    // another window is looked at
    if (this.mine && this.mine.window !== String(streak.window)) this.mine = this.grip = undefined;
    return this.mine?.slope ?? streak.slope ?? undefined;
  }

  draw(streak: Streak, screen: Projection, ends: Ends | undefined): void {
    this.streak = streak;
    this.screen = screen;
    const hidden = !ends || !streak.draggable;
    this.root.style.display = hidden ? "none" : "";
    if (hidden) return;
    const slope = this.slopeOf(streak)!;
    const [a, b] = ends;
    for (const [i, knob] of this.knobs.entries()) {
      // a little inside, where the line ends at the border of the picture
      const [near, far] = [ends[i]!, ends[1 - i]!];
      knob.setAttribute("cx", String(near.x + KNOB_IN * (far.x - near.x)));
      knob.setAttribute("cy", String(near.y + KNOB_IN * (far.y - near.y)));
    }
    for (const [name, value] of Object.entries({ x1: a.x, y1: a.y, x2: b.x, y2: b.y })) {
      this.reach.setAttribute(name, String(value));
    }
    const said = slopeText(streak, slope);
    this.root.setAttribute("aria-valuenow", String(slope));
    this.root.setAttribute("aria-valuetext", said);
    this.root.classList.toggle("cs-beyond", Boolean(streak.ceiling && Math.abs(slope) > streak.ceiling));
    this.label.textContent = this.mine ? said : "";
    const right = b.x > screen.width - 150;
    this.label.setAttribute("text-anchor", right ? "end" : "start");
    this.label.setAttribute("x", String(b.x + (right ? -12 : 12)));
    this.label.setAttribute("y", String(Math.min(Math.max(b.y, 14), screen.height - 6)));
  }

  dispose(): void {
    for (const stop of this.stops) stop();
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0 || this.asking) return;
    event.stopPropagation(); // no ROI is drawn
    event.preventDefault();
    this.root.focus({ preventScroll: true });
    this.root.setPointerCapture?.(event.pointerId);
    this.grip = { pointer: event.pointerId, moved: false };
  }

  private move(event: PointerEvent): void {
    if (!this.grip || event.pointerId !== this.grip.pointer || !this.screen) return;
    event.stopPropagation();
    this.grip.moved = true;
    const box = this.root.ownerSVGElement!.getBoundingClientRect();
    this.preview(slopeAt(this.streak, this.screen, { x: event.clientX - box.left, y: event.clientY - box.top }));
  }

  private up(event: PointerEvent): void {
    if (!this.grip) return;
    event.stopPropagation();
    this.grip = undefined;
    this.commit();
  }

  private key(event: KeyboardEvent): void {
    const turn = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 }[event.key];
    const now = this.slopeOf(this.streak);
    if (turn && now !== undefined && this.screen && !this.asking) {
      const degrees = turn * STEP_DEG * (event.shiftKey ? 10 : 1);
      this.preview(turned(this.streak, this.screen, now, degrees));
    } else if (event.key === "Enter" && this.mine) this.commit();
    else if (event.key === "Escape" && this.mine) this.giveUp();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private preview(slope: number): void {
    this.mine = { slope, window: String(this.streak.window) };
    this.stage.invalidate();
  }

  private giveUp(): void {
    this.mine = this.grip = undefined;
    this.stage.invalidate();
    this.stage.leaveHandle();
  }

  private commit(): void {
    const { mine } = this;
    if (!mine || this.asking) return;
    this.asking = true;
    void this.stage.keepSlope(mine.slope).then(() => {
      this.asking = false;
      if (this.mine === mine) this.mine = undefined; // Python says what holds
      this.stage.invalidate();
    });
  }
}

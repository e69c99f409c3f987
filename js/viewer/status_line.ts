// The line under the picture: what is shown or selected, and what just happened.

import { readoutSpan } from "./axes";
import { element } from "./dom";
import type { Command } from "./keyboard";
import { hasPixels } from "./levels";
import type { Plane, Roi } from "./protocol";
import { roiTitle } from "./roi_layer";
import { format } from "./ticks";

const NEWS_MS = 6000;
const BAD_NEWS_MS = 12_000;

export class StatusLine {
  readonly root = element("div", { class: "cs-status" });
  private readonly facts = element("span", { class: "cs-facts", "aria-live": "polite" });
  private readonly news = element("span", {
    class: "cs-news", role: "status", "aria-live": "polite",
  });
  private readonly actions = element("span", { class: "cs-actions", hidden: true });
  private readonly lock: HTMLButtonElement;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(run: (command: Command) => void) {
    const action = (text: string, command: Command, title: string): HTMLButtonElement => {
      const button = element("button", { type: "button", class: "cs-link", title }, text);
      button.addEventListener("click", () => run(command));
      this.actions.append(button);
      return button;
    };
    action("Rename", "rename", "Rename the ROI (Enter)");
    action("Edit", "edit", "Name, note, colour and bounds in numbers (Shift Enter)");
    this.lock = action("Lock", "lock", "Keep the ROI from being moved (L)");
    action("Delete", "delete", "Delete the ROI (Delete)");
    this.root.append(this.facts, this.actions, this.news);
  }

  /** A sentence for a while, with something to do about it. */
  say(text: string, bad = false, action?: { text: string; run: () => void }): void {
    clearTimeout(this.timer);
    this.news.classList.toggle("cs-bad", bad);
    this.news.replaceChildren(text);
    if (action) {
      const button = element("button", { type: "button", class: "cs-link" }, action.text);
      button.addEventListener("click", action.run);
      this.news.append(" ", button);
    }
    this.timer = setTimeout(() => this.news.replaceChildren(), bad ? BAD_NEWS_MS : NEWS_MS);
  }

  draw(plane: Plane, selected: Roi | undefined): void {
    const text = factsOf(plane, selected);
    if (this.facts.textContent !== text) {
      this.facts.textContent = text;
      this.facts.title = text; // a long name is cut
    }
    if (this.actions.hidden !== !selected) this.actions.hidden = !selected;
    const lock = selected?.locked ? "Unlock" : "Lock";
    if (this.lock.textContent !== lock) this.lock.textContent = lock;
  }

  dispose(): void {
    clearTimeout(this.timer);
  }
}

/** A ROI in the units of the axes. */
export function describeRoi(plane: Plane, roi: Roi): string {
  const time = readoutSpan(plane.rows, roi.row_start, roi.row_stop);
  const position = readoutSpan(plane.cols, roi.col_start, roi.col_stop);
  return `ROI ${roiTitle(roi)}: ${time}, ${position}`;
}

function factsOf(plane: Plane, roi: Roi | undefined): string {
  if (!hasPixels(plane)) return "";
  if (!roi) return `${plane.name} · ${format(plane.lines, 0)} × ${format(plane.pixels, 0)}`;
  const unit = plane.line_scan ? "lines" : "rows";
  const size = `${format(roi.row_stop - roi.row_start, 0)} ${unit} × ${roi.col_stop - roi.col_start} px`;
  return `${describeRoi(plane, roi)} · ${size}${roi.locked ? " · locked" : ""}`;
}

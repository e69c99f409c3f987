// What stands in place of the picture where there is none.

import { element } from "./dom";
import { hasPixels } from "./levels";
import type { Plane } from "./protocol";

const PATIENCE_MS = 5000; // then a missing picture means that there is no kernel

export class Message {
  readonly root = element("div", { class: "cs-message", hidden: true });
  private since = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly changed: () => void) {}

  /** Another plane is waited for from now on. */
  wait(): void {
    this.since = performance.now();
    clearTimeout(this.timer);
    this.timer = setTimeout(this.changed, PATIENCE_MS + 50);
  }

  draw(plane: Plane, here: boolean, problem: string): void {
    const shown = hasPixels(plane);
    const silent = shown && !here && performance.now() - this.since > PATIENCE_MS;
    this.root.hidden = shown && !silent;
    const text = silent
      ? "The picture comes from Python: run the notebook to see it."
      : problem || "No recording";
    if (this.root.textContent !== text) this.root.textContent = text;
  }

  dispose(): void {
    clearTimeout(this.timer);
  }
}

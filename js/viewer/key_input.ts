// Keys pressed while the viewer has the focus; what they mean stands in the keyboard table.

import { runCommand } from "./commands";
import { listen } from "./dom";
import { commandFor } from "./keyboard";
import type { Viewer } from "./viewer";

const FAST = 10; // pixels an arrow moves by with Shift

export class KeyInput {
  /** The space bar is down: dragging pans. */
  panning = false;
  /** What was shown before S swapped it, while the key is held. */
  private swapped: boolean | undefined;
  private readonly stops: (() => void)[];

  constructor(private readonly viewer: Viewer) {
    const { root } = viewer;
    this.stops = [
      listen<KeyboardEvent>(root, "keydown", (event) => this.down(event)),
      listen<KeyboardEvent>(root, "keyup", (event) => this.up(event)),
      listen(root, "focusout", () => {
        this.panning = false;
        this.swapBack();
        viewer.edits.commitNudge();
      }),
    ];
  }

  dispose(): void {
    for (const stop of this.stops) stop();
  }

  private down(event: KeyboardEvent): void {
    const { root, plot } = this.viewer;
    root.classList.remove("cs-by-mouse");
    const target = event.target as HTMLElement;
    if (target.matches("input, select, textarea")) return;
    const onButton = target.matches("button");
    if (event.key === " " && !onButton) {
      this.panning = true;
      plot.style.cursor = "grab";
      used(event);
      return;
    }
    // Enter presses a button that has the focus
    const command = event.key === "Enter" && onButton ? undefined : commandFor(event);
    if (!command) return;
    used(event);
    if (command === "moving") {
      if (this.swapped !== undefined) return; // the key repeats
      this.swapped = this.viewer.model.get("background_removed");
    }
    runCommand(command, this.viewer, event.shiftKey ? FAST : 1);
  }

  private swapBack(): void {
    if (this.swapped === undefined) return;
    this.viewer.put("background_removed", this.swapped);
    this.swapped = undefined;
  }

  private up(event: KeyboardEvent): void {
    if (event.key === " ") this.panning = false;
    if (commandFor(event) === "moving") this.swapBack();
    if (event.key.startsWith("Arrow")) this.viewer.edits.commitNudge();
  }
}

/** The notebook has its own ideas about keys: it must not see this one. */
function used(event: KeyboardEvent): void {
  event.preventDefault();
  event.stopPropagation();
}

// The overlay that lists keys and mouse.

import { element, listen } from "./dom";
import { BINDINGS, keyLabel } from "./keyboard";

const MOUSE: readonly [string, string][] = [
  ["wheel", "Zoom time at the pointer; with Ctrl position, with Shift pan"],
  ["drag", "New ROI on empty space (Select), anywhere (Draw)"],
  ["Shift drag", "Zoom to a box"],
  ["middle drag", "Pan, as with the space bar held"],
  ["double click", "Rename a ROI"],
  ["drag a streak", "Overrule its velocity: turn the line of the streak probe"],
];

export class Help {
  readonly root = element("div", {
    class: "cs-help", role: "dialog", "aria-label": "Keys of the viewer", tabindex: -1, hidden: true,
  });

  constructor(private readonly closed: () => void) {
    const groups = [...new Set(BINDINGS.map((binding) => binding.group))];
    for (const group of groups) {
      const rows = BINDINGS.filter((b) => b.group === group && !b.hidden).map((binding) =>
        row(binding.keys.filter((key) => !key.includes("Shift+Arrow")).map(keyLabel), binding.text),
      );
      this.root.append(section(group, rows));
    }
    this.root.append(section("Mouse", MOUSE.map(([keys, text]) => row([keys], text))));
    listen(this.root, "click", () => this.toggle(false));
  }

  get open(): boolean {
    return !this.root.hidden;
  }

  toggle(open = !this.open): void {
    if (open === this.open) return;
    this.root.hidden = !open;
    if (open) this.root.focus({ preventScroll: true });
    else this.closed();
  }
}

const section = (title: string, rows: HTMLElement[]): HTMLElement =>
  element("section", {}, element("h4", {}, title), ...rows);

const row = (keys: string[], text: string): HTMLElement =>
  element("div", {}, element("span", {}, ...keys.map((key) => element("kbd", {}, key))), element("span", {}, text));

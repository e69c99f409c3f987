// The row of controls over the picture.

import { COLORMAPS } from "./colormaps";
import { element, listen } from "./dom";
import type { Command } from "./keyboard";
import type { Plane, Tool, Traits } from "./protocol";

export interface ToolbarStage {
  run(command: Command): void;
  put<K extends keyof Traits>(name: K, value: Traits[K]): void;
}

export interface ToolbarState {
  plane: Plane;
  tool: Tool;
  lut: string;
  channel: number;
  frame: number;
  canGoBack: boolean;
  canGoForward: boolean;
  selected: boolean;
  undo: [string | null, string | null];
}

const TOOLS: readonly [Tool, Command, string, string][] = [
  ["select", "tool-select", "Select", "Select, move and resize ROIs; drag on empty space draws one (V)"],
  ["draw", "tool-draw", "Draw ROI", "Drag out a new ROI, also on top of others (D)"],
  ["pan", "tool-pan", "Pan", "Drag the picture (H, or hold the space bar)"],
];

export class Toolbar {
  readonly root = element("div", { class: "cs-toolbar", role: "toolbar", "aria-label": "Viewer" });
  private readonly buttons = new Map<string, HTMLButtonElement>();
  private readonly lut = element("select", { "aria-label": "Colour map", title: "Colour map (M)" });
  private readonly channel = element("select", { "aria-label": "Channel", title: "Channel" });
  private readonly frame = element("input", { type: "range", min: 0, step: 1, "aria-label": "Frame" });
  private readonly frameBox = element("label", { class: "cs-frame" });
  private readonly frameText = element("output");
  private readonly stops: (() => void)[] = [];
  private channels = "";

  constructor(
    private readonly stage: ToolbarStage,
    contrast: HTMLElement,
  ) {
    for (const [tool, command, text, title] of TOOLS) {
      this.button(tool, command, text, title).setAttribute("aria-pressed", "false");
    }
    this.bar();
    this.button("fit", "fit", "Fit", "Whole recording (F)");
    this.button("one", "one-to-one", "1:1", "One line per pixel of the screen (1)");
    this.button("roi", "zoom-roi", "ROI", "Zoom to the selected ROI (R)");
    this.button("back", "back", "‹", "View before ([)");
    this.button("forward", "forward", "›", "View after (])");
    this.bar();
    for (const name of COLORMAPS) {
      const text = name[0]!.toUpperCase() + name.slice(1);
      this.lut.append(element("option", { value: name }, text));
    }
    this.frameBox.append("Frame", this.frame, this.frameText);
    this.root.append(this.channel, this.frameBox, this.lut, contrast, element("span", { class: "cs-space" }));
    this.button("undo", "undo", "↶", "Undo");
    this.button("redo", "redo", "↷", "Redo");
    this.button("help", "help", "?", "Keys and mouse (?)");
    this.stops.push(
      listen(this.lut, "change", () => stage.put("lut", this.lut.value)),
      listen(this.channel, "change", () => stage.put("channel", Number(this.channel.value))),
      listen(this.frame, "input", () => stage.put("frame", Number(this.frame.value))),
    );
  }

  draw(state: ToolbarState): void {
    const { plane } = state;
    const empty = plane.row_levels === undefined;
    for (const [tool] of TOOLS) {
      const button = this.buttons.get(tool)!;
      button.setAttribute("aria-pressed", String(tool === state.tool));
      button.disabled = empty;
    }
    this.enable("fit", !empty, "");
    this.enable("one", !empty, "");
    this.enable("roi", state.selected, "Select a ROI to zoom to it (R)", "Zoom to the selected ROI (R)");
    this.enable("back", state.canGoBack, "");
    this.enable("forward", state.canGoForward, "");
    const [undo, redo] = state.undo;
    this.enable("undo", undo !== null, "Nothing to undo", `Undo: ${undo} (Ctrl Z)`);
    this.enable("redo", redo !== null, "Nothing to redo", `Redo: ${redo} (Ctrl Y)`);
    this.lut.value = state.lut;
    this.drawChannels(plane.channels ?? [], state.channel);
    const frames = plane.frames ?? 1;
    this.frameBox.hidden = frames < 2;
    this.frame.max = String(frames - 1);
    this.frame.value = String(state.frame);
    this.frameText.textContent = `${state.frame} / ${frames - 1}`; // counted from 0, as in Python
  }

  dispose(): void {
    for (const stop of this.stops) stop();
  }

  private drawChannels(channels: readonly string[], channel: number): void {
    const names = JSON.stringify(channels);
    if (names !== this.channels) {
      this.channels = names;
      this.channel.replaceChildren(
        ...channels.map((title, i) => element("option", { value: i }, `Channel ${title}`)),
      );
    }
    this.channel.hidden = channels.length < 2;
    this.channel.value = String(channel);
  }

  private enable(name: string, on: boolean, why: string, title?: string): void {
    const button = this.buttons.get(name)!;
    button.disabled = !on;
    if (title === undefined) return;
    button.title = on ? title : why;
    if (button.hasAttribute("aria-label")) button.setAttribute("aria-label", button.title);
  }

  private button(name: string, command: Command, text: string, title: string): HTMLButtonElement {
    const button = element(
      "button",
      { type: "button", class: "cs-button cs-quiet", "data-command": command, title },
      text,
    );
    if (text.length === 1) button.setAttribute("aria-label", title);
    this.buttons.set(name, button);
    this.stops.push(listen(button, "click", () => this.stage.run(command)));
    this.root.append(button);
    return button;
  }

  private bar(): void {
    this.root.append(element("span", { class: "cs-bar", "aria-hidden": "true" }));
  }
}

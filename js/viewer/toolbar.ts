// The row of controls over the picture.

import { ChannelBar, type ChannelStage } from "./channels";
import { COLORMAPS, COLORS } from "./colormaps";
import { element, listen } from "./dom";
import type { Command } from "./keyboard";
import type { LayerInfo, Plane, Tool, Traits } from "./protocol";

export interface ToolbarStage extends ChannelStage {
  put<K extends keyof Traits>(name: K, value: Traits[K]): void;
  /** Give a channel another colour among the others. */
  colorChannel(color: string): void;
}

export interface ToolbarState {
  plane: Plane;
  tool: Tool;
  lut: string;
  channel: number;
  layers: readonly LayerInfo[]; // none where a channel is shown alone
  moving: boolean | "busy"; // without the background, or soon
  reference: boolean | undefined; // shown, or not; undefined where there can be none
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

const MOVING = "Pixels as the velocity sees them, without the background (hold S)";

export class Toolbar {
  readonly root = element("div", { class: "cs-toolbar", role: "toolbar", "aria-label": "Viewer" });
  private readonly buttons = new Map<string, HTMLButtonElement>();
  private readonly lut = element("select", { "aria-label": "Colour map", title: "Colour map (M)" });
  private readonly channels: ChannelBar;
  private readonly frame = element("input", { type: "range", min: 0, step: 1, "aria-label": "Frame" });
  private readonly frameBox = element("label", { class: "cs-frame" });
  private readonly frameText = element("output");
  private readonly stops: (() => void)[] = [];
  private maps = "";
  private drawn = "";
  private plane: Plane | undefined;

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
    this.channels = new ChannelBar(stage);
    this.frameBox.append("Frame", this.frame, this.frameText);
    this.root.append(this.channels.root, this.frameBox, this.lut, contrast);
    this.button("moving", "moving", "As measured", MOVING).setAttribute("aria-pressed", "false");
    this.button("reference", "reference", "Reference", "Where the line is: the reference image of the file (P)");
    this.root.append(element("span", { class: "cs-space" }));
    this.button("undo", "undo", "↶", "Undo");
    this.button("redo", "redo", "↷", "Redo");
    this.button("help", "help", "?", "Keys and mouse (?)");
    this.stops.push(
      listen(this.lut, "change", () => {
        if (this.together) stage.colorChannel(this.lut.value);
        else stage.put("lut", this.lut.value);
      }),
      listen(this.frame, "input", () => stage.put("frame", Number(this.frame.value))),
    );
  }

  draw(state: ToolbarState): void {
    const { plane } = state;
    const now = JSON.stringify({ ...state, plane: null });
    // a frame of a pan changes nothing here
    if (now === this.drawn && plane === this.plane) return;
    this.drawn = now;
    this.plane = plane;
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
    this.drawColors(state);
    this.channels.draw(plane, state.channel, state.layers);
    const moving = this.buttons.get("moving")!;
    const reference = this.buttons.get("reference")!;
    reference.hidden = state.reference === undefined;
    reference.setAttribute("aria-pressed", String(state.reference ?? false));
    moving.hidden = !plane.line_scan;
    moving.disabled = empty;
    moving.setAttribute("aria-pressed", String(state.moving !== false));
    moving.setAttribute("aria-busy", String(state.moving === "busy"));
    const frames = plane.frames ?? 1;
    this.frameBox.hidden = frames < 2;
    this.frame.max = String(frames - 1);
    this.frame.value = String(state.frame);
    this.frameText.textContent = `${state.frame} / ${frames - 1}`; // counted from 0, as in Python
  }

  dispose(): void {
    for (const stop of this.stops) stop();
    this.channels.dispose();
  }

  private get together(): boolean {
    return this.maps.startsWith("together");
  }

  /** Colour maps of a channel alone, or colours of the one at hand among others. */
  private drawColors({ layers, channel, lut }: ToolbarState): void {
    const own = layers.find((layer) => layer.channel === channel)?.color;
    const value = own ?? lut;
    const known: readonly string[] = own === undefined ? COLORMAPS : COLORS;
    const names = known.includes(value) ? known : [...known, value];
    const maps = `${own === undefined ? "alone" : "together"} ${names.join()}`;
    if (maps !== this.maps) {
      this.maps = maps;
      const title = own === undefined ? "Colour map" : "Colour of the channel";
      this.lut.setAttribute("aria-label", title);
      this.lut.title = `${title} (M)`;
      this.lut.replaceChildren(
        ...names.map((name) => element("option", { value: name }, name[0]!.toUpperCase() + name.slice(1))),
      );
    }
    this.lut.value = value;
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

// Which channel is at hand, and which are shown together: a menu, or a chip for each.

import { brightest } from "./colormaps";
import { element, listen } from "./dom";
import type { Command } from "./keyboard";
import type { LayerInfo, Plane, Traits } from "./protocol";

export interface ChannelStage {
  run(command: Command): void;
  put<K extends "channel">(name: K, value: Traits[K]): void;
  /** Show a channel among the others, or not. */
  showChannel(channel: number, visible: boolean): void;
}

interface Chip {
  box: HTMLElement;
  seen: HTMLButtonElement;
  chosen: HTMLButtonElement;
}

export class ChannelBar {
  readonly root = element("span", { class: "cs-channels", hidden: true });
  private readonly menu = element("select", { "aria-label": "Channel", title: "Channel (, and .)" });
  private readonly together = element("button", {
    type: "button", class: "cs-button cs-quiet", "data-command": "together", "aria-pressed": "false",
    title: "All channels in one picture, each in its own colour (G)",
  }, "Together");
  private readonly row = element("span", { class: "cs-chips", role: "group", "aria-label": "Seen together" });
  private readonly chips = new Map<number, Chip>();
  private readonly stops: (() => void)[] = [];
  private titles = "";

  constructor(private readonly stage: ChannelStage) {
    this.root.append(this.menu, this.row, this.together);
    this.stops.push(
      listen(this.menu, "change", () => stage.put("channel", Number(this.menu.value))),
      listen(this.together, "click", () => stage.run("together")),
    );
  }

  draw(plane: Plane, channel: number, layers: readonly LayerInfo[]): void {
    const titles = plane.channels ?? [];
    this.root.hidden = titles.length < 2;
    this.menu.hidden = layers.length > 0;
    this.row.hidden = !layers.length;
    this.together.setAttribute("aria-pressed", String(layers.length > 0));
    this.drawMenu(titles);
    this.menu.value = String(channel);
    for (const [number, { box }] of this.chips) {
      if (layers.some((layer) => layer.channel === number)) continue;
      box.remove();
      this.chips.delete(number);
    }
    for (const layer of layers) this.drawChip(layer, layer.channel === channel);
  }

  dispose(): void {
    for (const stop of this.stops) stop();
  }

  private drawMenu(titles: readonly string[]): void {
    const text = JSON.stringify(titles);
    if (text === this.titles) return;
    this.titles = text;
    this.menu.replaceChildren(
      ...titles.map((title, i) => element("option", { value: i }, `Channel ${title}`)),
    );
  }

  private drawChip({ channel, title, color, visible }: LayerInfo, chosen: boolean): void {
    let chip = this.chips.get(channel);
    if (!chip) {
      chip = this.makeChip(channel);
      this.chips.set(channel, chip);
      this.row.append(chip.box);
    }
    chip.seen.style.setProperty("--cs-channel", brightest(color));
    chip.seen.setAttribute("aria-checked", String(visible));
    chip.seen.setAttribute("aria-label", `Channel ${title} seen`);
    chip.seen.title = `${visible ? "Hide" : "Show"} channel ${title}`;
    chip.chosen.setAttribute("aria-pressed", String(chosen));
    chip.chosen.title = `Colour and contrast of channel ${title}`;
    if (chip.chosen.textContent !== title) chip.chosen.textContent = title;
  }

  private makeChip(channel: number): Chip {
    const seen = element("button", { type: "button", class: "cs-swatch", role: "switch" });
    const chosen = element("button", { type: "button", class: "cs-button cs-quiet" });
    seen.addEventListener("click", () =>
      this.stage.showChannel(channel, seen.getAttribute("aria-checked") !== "true"),
    );
    chosen.addEventListener("click", () => this.stage.put("channel", channel));
    return { box: element("span", { class: "cs-chip" }, seen, chosen), seen, chosen };
  }
}

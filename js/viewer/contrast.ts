// The contrast control: a small histogram in the toolbar, a large one with numbers on demand.

import { element, listen } from "./dom";
import { Histogram, type Levels } from "./histogram";
import type { Automatic, Traits } from "./protocol";

const POLICIES: readonly [Automatic, string, string][] = [
  ["percentiles", "0.5–99.5 %", "all but the darkest and brightest half percent"],
  ["full range", "Full range", "the darkest to the brightest pixel of the channel"],
  ["view", "Range in view", "the darkest to the brightest of what is in view"],
];

export interface ContrastStage {
  put<K extends "contrast" | "gamma" | "automatic">(name: K, value: Traits[K]): void;
}

export class ContrastControl {
  readonly root = element("div", { class: "cs-contrast" });
  private readonly auto = element("button", { type: "button", class: "cs-button cs-auto", title: "Automatic contrast (C)" }, "Auto");
  private readonly more = element("button", { type: "button", class: "cs-button cs-quiet", "aria-haspopup": "dialog", "aria-expanded": "false", title: "Contrast in numbers, gamma" }, "▾");
  private readonly popover = element("div", { class: "cs-popover", role: "dialog", "aria-label": "Contrast", hidden: true });
  private readonly small: Histogram;
  private readonly large: Histogram;
  private readonly low = number("Darkest");
  private readonly high = number("Brightest");
  private readonly gamma = element("input", { type: "range", min: -1, max: 1, step: 0.02, "aria-label": "Gamma" });
  private readonly policy = element("select", { "aria-label": "Automatic contrast" });
  private readonly gammaText = element("output");
  private readonly stops: (() => void)[];
  private levels: Levels | undefined;
  private policyNow: Automatic = "percentiles";
  private drawn = "";

  constructor(stage: ContrastStage) {
    const changed = (contrast: [number, number]): void => stage.put("contrast", this.tidy(contrast));
    this.small = new Histogram(96, 24, changed);
    this.large = new Histogram(264, 90, changed);
    this.small.root.title = "Drag an end: what is shown darkest and brightest";
    for (const [name, text] of POLICIES) this.policy.append(element("option", { value: name }, text));
    const reset = element("button", { type: "button", class: "cs-button" }, "Gamma 1");
    this.popover.append(
      this.large.root,
      element("div", { class: "cs-fields" }, field("Darkest", this.low), field("Brightest", this.high)),
      element("label", { class: "cs-gamma" }, element("span", {}, "Gamma"), this.gamma, this.gammaText),
      element("div", { class: "cs-fields cs-policy" }, element("label", {}, element("span", {}, "Automatic"), this.policy), reset),
    );
    this.root.append(this.auto, this.small.root, this.more, this.popover);
    const typed = (): void => {
      const contrast: [number, number] = [Number(this.low.value), Number(this.high.value)];
      if (this.low.value && this.high.value && contrast[1] > contrast[0]) stage.put("contrast", contrast);
      else this.draw(this.levels, this.policyNow, true);
    };
    this.stops = [
      listen(this.auto, "click", () => stage.put("contrast", null)),
      listen(this.more, "click", () => this.toggle()),
      listen(this.low, "change", typed),
      listen(this.high, "change", typed),
      listen(this.gamma, "input", () => stage.put("gamma", Number((10 ** Number(this.gamma.value)).toFixed(3)))),
      listen(this.policy, "change", () => {
        stage.put("automatic", this.policy.value as Automatic);
        stage.put("contrast", null);
      }),
      listen(reset, "click", () => stage.put("gamma", 1)),
      listen<KeyboardEvent>(this.popover, "keydown", (event) => {
        event.stopPropagation();
        if (event.key === "Escape") this.toggle(false);
      }),
      listen<PointerEvent>(document, "pointerdown", (event) => {
        const path = event.composedPath();
        if (!this.popover.hidden && !path.includes(this.root)) this.toggle(false);
      }),
    ];
  }

  /** `automatic` is how contrast is chosen; it is chosen so where `chosen` is false. */
  draw(levels: Levels | undefined, automatic: Automatic, chosen: boolean): void {
    this.levels = levels;
    this.policyNow = automatic;
    const now = `${automatic} ${chosen} ${levels?.fixed}`;
    if (now !== this.drawn) {
      this.drawn = now;
      this.auto.setAttribute("aria-pressed", String(!chosen));
      this.auto.title = `Automatic contrast: ${POLICIES.find(([name]) => name === automatic)![2]} (C)`;
      this.policy.value = automatic;
      this.root.classList.toggle("cs-fixed", levels?.fixed ?? false);
    }
    this.small.draw(levels);
    if (this.popover.hidden || !levels) return;
    this.large.draw(levels);
    const { look } = levels;
    if (document.activeElement !== this.low) this.low.value = plain(look.contrast[0]);
    if (document.activeElement !== this.high) this.high.value = plain(look.contrast[1]);
    this.gamma.value = String(Math.log10(look.gamma));
    this.gammaText.textContent = look.gamma.toFixed(2);
  }

  dispose(): void {
    for (const stop of this.stops) stop();
    this.small.dispose();
    this.large.dispose();
  }

  private toggle(open = this.popover.hidden): void {
    this.popover.hidden = !open;
    this.more.setAttribute("aria-expanded", String(open));
    if (open) {
      this.draw(this.levels, this.policyNow, this.auto.getAttribute("aria-pressed") !== "true");
      this.low.focus({ preventScroll: true });
    } else this.more.focus({ preventScroll: true });
  }

  /** Whole numbers where the range is wide: nobody wants 104.72 counts. */
  private tidy([low, high]: [number, number]): [number, number] {
    const range = this.levels?.range;
    if (!range || range[1] - range[0] < 64) return [low, high];
    const rounded: [number, number] = [Math.round(low), Math.round(high)];
    return rounded[1] > rounded[0] ? rounded : [rounded[0], rounded[0] + 1];
  }
}

const plain = (value: number): string => String(Number(value.toPrecision(6)));

const number = (label: string): HTMLInputElement =>
  element("input", { type: "number", step: "any", "aria-label": label });

const field = (label: string, input: HTMLElement): HTMLElement =>
  element("label", {}, element("span", {}, label), input);

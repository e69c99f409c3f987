// A ROI in words and numbers: name, note, colour, bounds in units or pixels, and what else it takes.

import { element, listen } from "./dom";
import type { Plane, Roi } from "./protocol";
import { type Bounds, boundsOf } from "./roi_geometry";
import { PALETTE, roiColor, roiTitle } from "./roi_layer";
import { decimalsFor } from "./ticks";

export interface RoiEditorStage {
  change(roiId: number, changes: Partial<Roi>): void;
  run(command: "full-time" | "full-position" | "duplicate" | "delete"): void;
  /** The keys go back to the picture. */
  leave(): void;
}

type Edge = keyof Bounds;

const EDGES: readonly [Edge, string][] = [
  ["row_start", "from"], ["row_stop", "to"], ["col_start", "from"], ["col_stop", "to"],
];

const isRow = (edge: Edge): boolean => edge.startsWith("row");

/** A bound as it is written in the units of an axis, or in pixels. */
export function boundText(plane: Plane, edge: Edge, pixel: number, units: boolean): string {
  const { scale } = isRow(edge) ? plane.rows : plane.cols;
  return units ? (pixel * scale).toFixed(Math.min(decimalsFor(scale) + 1, 9)) : String(pixel);
}

/** The pixel that a written bound means; undefined where it is no number. */
export function boundPixel(plane: Plane, edge: Edge, text: string, units: boolean): number | undefined {
  const { scale } = isRow(edge) ? plane.rows : plane.cols;
  const value = text.trim() === "" ? NaN : Number(text.replace(",", "."));
  return Number.isFinite(value) ? Math.round(units ? value / scale : value) : undefined;
}

export class RoiEditor {
  readonly root = element("div", { class: "cs-popover cs-roi-editor", role: "dialog", hidden: true });
  private readonly title = element("b");
  private readonly name = text("Name");
  private readonly note = text("Note");
  private readonly edges = new Map(EDGES.map(([edge]) => [edge, text(edge)] as const));
  private readonly axes = [element("span"), element("span")] as const;
  private readonly unit = element("button", { type: "button", class: "cs-button cs-quiet" });
  private readonly swatches: HTMLButtonElement[] = [];
  private readonly stops: (() => void)[];
  private roi: Roi | undefined;
  private plane: Plane | undefined;
  private units = true;

  constructor(private readonly stage: RoiEditorStage) {
    const shut = button("×", "Close", () => this.toggle(false));
    const colors = element("div", { class: "cs-swatches", role: "radiogroup", "aria-label": "Colour" });
    for (const color of ["", ...PALETTE]) {
      const swatch = element("button", {
        type: "button", role: "radio", class: "cs-color", title: color || "Colour by number", "aria-label": color || "Colour by number", style: color ? `background: ${color}` : undefined,
      }, color ? "" : "auto");
      swatch.addEventListener("click", () => this.change({ color }));
      this.swatches.push(swatch);
      colors.append(swatch);
    }
    const rows = [0, 2].map((first, i) =>
      element("div", { class: "cs-bounds" }, this.axes[i]!, this.edges.get(EDGES[first]![0])!, "–", this.edges.get(EDGES[first + 1]![0])!),
    );
    this.root.append(
      element("div", { class: "cs-editor-head" }, this.title, this.unit, shut),
      labelled("Name", this.name), labelled("Note", this.note), ...rows, colors,
      element("div", { class: "cs-fields" },
        button("Full width", "All lines: the whole time (T)", () => stage.run("full-time")),
        button("Full height", "All positions of the line (W)", () => stage.run("full-position")),
        button("Duplicate", "A copy of this ROI (Shift D)", () => stage.run("duplicate")),
        button("Delete", "Delete the ROI; Undo brings it back", () => stage.run("delete")),
      ),
    );
    this.stops = [
      listen(this.name, "change", () => this.change({ name: this.name.value.trim() })),
      listen(this.note, "change", () => this.change({ note: this.note.value.trim() })),
      listen(this.unit, "click", () => {
        this.units = !this.units;
        this.show(true);
      }),
      ...EDGES.map(([edge]) => listen(this.edges.get(edge)!, "change", () => this.typed(edge))),
      listen<KeyboardEvent>(this.root, "keydown", (event) => {
        event.stopPropagation();
        if (event.key === "Escape") this.toggle(false);
      }),
    ];
  }

  get open(): boolean {
    return !this.root.hidden;
  }

  toggle(open = !this.open): void {
    if (open === this.open || (open && !this.roi)) return;
    this.root.hidden = !open;
    if (open) {
      this.show(true);
      this.name.focus({ preventScroll: true });
    } else this.stage.leave();
  }

  draw(roi: Roi | undefined, plane: Plane): void {
    const other = roi?.roi_id !== this.roi?.roi_id;
    this.roi = roi;
    this.plane = plane;
    if (!roi && this.open) this.toggle(false);
    if (this.open) this.show(other);
  }

  dispose(): void {
    for (const stop of this.stops) stop();
  }

  private show(all: boolean): void {
    const { roi, plane } = this;
    if (!roi || !plane) return;
    const put = (input: HTMLInputElement, value: string): void => {
      // what is being typed is not pulled away
      if (all || document.activeElement !== input) input.value = value;
      input.disabled = roi.locked;
    };
    this.root.setAttribute("aria-label", `ROI ${roiTitle(roi)}`);
    this.title.textContent = `ROI ${roiTitle(roi)}${roi.locked ? " (locked)" : ""}`;
    put(this.name, roi.name);
    put(this.note, roi.note);
    this.name.disabled = this.note.disabled = false; // a lock is on the bounds
    for (const [edge, input] of this.edges) put(input, boundText(plane, edge, roi[edge], this.units));
    const named = [plane.rows, plane.cols];
    const plain = plane.line_scan ? ["lines", "px"] : ["px", "px"];
    for (const [i, { title, unit }] of named.entries()) {
      this.axes[i]!.textContent = `${title} (${this.units ? unit : plain[i]})`;
    }
    this.unit.textContent = this.units ? "in pixels" : "in units";
    for (const [i, swatch] of this.swatches.entries()) {
      const chosen = (["", ...PALETTE][i] ?? "") === roi.color;
      swatch.setAttribute("aria-checked", String(chosen));
    }
    this.root.style.setProperty("--cs-roi", roiColor(roi));
  }

  private typed(edge: Edge): void {
    const { roi, plane } = this;
    if (!roi || !plane) return;
    const pixel = boundPixel(plane, edge, this.edges.get(edge)!.value, this.units);
    if (pixel !== undefined && pixel !== boundsOf(roi)[edge]) this.stage.change(roi.roi_id, { [edge]: pixel });
    else this.show(true);
  }

  private change(changes: Partial<Roi>): void {
    if (this.roi) this.stage.change(this.roi.roi_id, changes);
  }
}

const text = (label: string): HTMLInputElement =>
  element("input", { type: "text", "aria-label": label.replace("_", " "), spellcheck: "false", autocomplete: "off" });

const labelled = (label: string, input: HTMLElement): HTMLElement =>
  element("label", { class: "cs-editor-line" }, element("span", {}, label), input);

function button(title: string, tooltip: string, act: () => void): HTMLButtonElement {
  const made = element("button", { type: "button", class: "cs-button", title: tooltip }, title);
  made.addEventListener("click", act);
  return made;
}

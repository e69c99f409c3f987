// ROIs as elements over the picture: outlines, labels, handles, and the field that renames one.

import { element, listen } from "./dom";
import type { Roi } from "./protocol";
import { HANDLES, handlePoint, roiRect } from "./roi_geometry";
import { type Projection } from "./spans";

export const PALETTE = ["#ffb000", "#3ddbd9", "#ff6f91", "#9be15d", "#b794ff", "#ff8f3f"];
const OUTSIDE = 4; // how far an outline that leaves the view is drawn beyond it

export const roiTitle = (roi: Roi): string => `${roi.roi_id} ${roi.name}`.trim();

/** The ROI's own colour where it is one, else one by its id. */
export function roiColor(roi: Roi): string {
  const own = roi.color && globalThis.CSS?.supports("color", roi.color);
  return own ? roi.color : PALETTE[(Math.max(roi.roi_id, 1) - 1) % PALETTE.length]!;
}

interface Drawn {
  box: HTMLElement;
  label: HTMLElement;
  place: string;
  look: string;
}

export class RoiLayer {
  readonly root = element("div", { class: "cs-rois", role: "list", "aria-label": "Regions of interest" });
  private readonly boxes = element("div", { class: "cs-roi-boxes" });
  private readonly handles = HANDLES.map((part) =>
    element("i", { class: "cs-handle", "data-rows": part.rows, "data-cols": part.cols }),
  );
  private readonly drawn = new Map<number, Drawn>();
  private field: { input: HTMLInputElement; roi: number; close: (keep: boolean) => void } | undefined;

  constructor() {
    this.root.append(this.boxes, ...this.handles);
  }

  get renaming(): boolean {
    return this.field !== undefined;
  }

  draw(
    rois: readonly Roi[],
    selected: number | null,
    screen: Projection,
    describe: (roi: Roi) => string,
  ): void {
    const gone = new Set(this.drawn.keys());
    for (const roi of rois) {
      gone.delete(roi.roi_id);
      this.drawBox(roi, roi.roi_id === selected, screen, describe);
    }
    for (const id of gone) {
      this.drawn.get(id)!.box.remove();
      this.drawn.delete(id);
      if (this.field?.roi === id) this.field.close(false);
    }
    this.drawHandles(rois.find((roi) => roi.roi_id === selected), screen);
    this.placeField(rois, screen);
  }

  /** Ask for a new name in place; `done` gets it unless the user gives up. */
  rename(roi: Roi, done: (name: string) => void, closed: () => void): void {
    this.field?.close(true);
    const input = element("input", {
      class: "cs-rename",
      type: "text",
      maxlength: 200,
      "aria-label": `Name of ROI ${roi.roi_id}`,
      placeholder: "name",
    });
    input.value = roi.name;
    let open = true;
    const close = (keep: boolean): void => {
      if (!open) return;
      open = false;
      this.field = undefined;
      input.remove();
      const name = input.value.trim();
      if (keep && name !== roi.name) done(name);
      closed();
    };
    listen<KeyboardEvent>(input, "keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") close(true);
      if (event.key === "Escape") close(false);
    });
    listen<PointerEvent>(input, "pointerdown", (event) => event.stopPropagation());
    listen(input, "blur", () => close(true));
    this.field = { input, roi: roi.roi_id, close };
    this.root.append(input);
    const label = this.drawn.get(roi.roi_id)?.label;
    if (label) this.placeAt(input, label);
    input.focus({ preventScroll: true });
    input.select();
  }

  private drawBox(
    roi: Roi,
    selected: boolean,
    screen: Projection,
    describe: (roi: Roi) => string,
  ): void {
    let known = this.drawn.get(roi.roi_id);
    if (!known) {
      const label = element("span", { class: "cs-roi-label" });
      const box = element("div", { class: "cs-roi", "data-roi-id": roi.roi_id, role: "listitem" }, label);
      known = { box, label, place: "", look: "" };
      this.drawn.set(roi.roi_id, known);
      this.boxes.append(box);
    }
    const { box, label } = known;
    const rect = roiRect(roi, screen);
    const left = Math.max(rect.x, -OUTSIDE);
    const top = Math.max(rect.y, -OUTSIDE);
    const right = Math.min(rect.x + rect.width, screen.width + OUTSIDE);
    const bottom = Math.min(rect.y + rect.height, screen.height + OUTSIDE);
    const place = `${left} ${top} ${right} ${bottom}`;
    if (place !== known.place) {
      known.place = place;
      box.hidden = right < left || bottom < top;
      box.classList.toggle("cs-label-inside", top < 18);
      box.style.transform = `translate(${left}px, ${top}px)`;
      box.style.width = `${Math.max(right - left, 1)}px`;
      box.style.height = `${Math.max(bottom - top, 1)}px`;
      label.style.left = `${left < 0 ? OUTSIDE : 0}px`;
    }
    const look = `${describe(roi)} ${roi.color} ${roi.locked} ${selected}`;
    if (look === known.look) return;
    known.look = look;
    box.classList.toggle("cs-selected", selected);
    box.classList.toggle("cs-locked", roi.locked);
    box.style.setProperty("--cs-roi", roiColor(roi));
    const text = roi.roi_id < 0 ? "new" : roiTitle(roi) + (roi.locked ? " (locked)" : "");
    if (label.textContent !== text) label.textContent = text;
    box.setAttribute("aria-label", describe(roi));
  }

  private drawHandles(roi: Roi | undefined, screen: Projection): void {
    HANDLES.forEach((part, i) => {
      const handle = this.handles[i]!;
      const at = roi && !roi.locked ? handlePoint(roi, part, screen) : undefined;
      handle.hidden = !at;
      if (!at) return;
      handle.style.transform = `translate(${at.x}px, ${at.y}px)`;
      handle.style.setProperty("--cs-roi", roiColor(roi!));
    });
  }

  private placeField(rois: readonly Roi[], screen: Projection): void {
    if (!this.field) return;
    const roi = rois.find((one) => one.roi_id === this.field!.roi);
    const label = roi && this.drawn.get(roi.roi_id)?.label;
    if (label && roiRect(roi, screen).x < screen.width) this.placeAt(this.field.input, label);
  }

  private placeAt(input: HTMLElement, label: HTMLElement): void {
    const here = this.root.getBoundingClientRect();
    const there = label.getBoundingClientRect();
    input.style.left = `${Math.max(0, there.left - here.left)}px`;
    input.style.top = `${Math.max(0, there.top - here.top)}px`;
  }
}

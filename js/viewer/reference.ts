// The frame that the line was drawn on, in a corner of the picture, with the line on it.

import { element, listen, svg } from "./dom";
import type { Reference } from "./protocol";
import { format, scaleBar } from "./ticks";

const WIDTH_PX = 200;

/** How long the line is, and where it stands, for people. */
export function describe({ length_um, line, rows = 0, columns = 0 }: Reference): string {
  const size = `${format(columns, 0)} × ${format(rows, 0)} px`;
  if (!line?.length) return `${size}; the file does not say where the line is`;
  return length_um ? `${size}; line of ${format(length_um, 1)} µm` : `${size}, with the line`;
}

export class ReferencePanel {
  readonly root = element("figure", { class: "cs-reference", hidden: true });
  private readonly frame = element("div", { class: "cs-reference-frame" });
  private readonly line = svg("svg", { class: "cs-reference-line", "aria-hidden": "true" });
  private readonly bar = element("div", { class: "cs-reference-bar", "aria-hidden": "true" });
  private readonly caption = element("figcaption");
  private readonly side = element("button", {
    type: "button", class: "cs-button cs-quiet", title: "To the other side", "aria-label": "Reference image to the other side",
  }, "⇄");
  private readonly shut = element("button", {
    type: "button", class: "cs-button cs-quiet", title: "Close (P)", "aria-label": "Close the reference image",
  }, "×");
  private readonly stops: (() => void)[];
  private shown: Reference | undefined;
  private url = "";

  constructor(close: () => void) {
    const head = element("div", { class: "cs-reference-head" }, "Reference", this.side, this.shut);
    this.root.append(head, this.frame, this.caption);
    this.stops = [
      listen(this.side, "click", () => this.root.classList.toggle("cs-left")),
      listen(this.shut, "click", close),
      // the picture under it must not take its clicks for ROIs
      listen<Event>(this.root, "pointerdown", (event) => event.stopPropagation()),
      listen<Event>(this.root, "dblclick", (event) => event.stopPropagation()),
    ];
  }

  draw(reference: Reference, on: boolean): void {
    this.root.hidden = !on || !reference.png;
    if (this.root.hidden || reference === this.shown) return;
    this.shown = reference;
    const { png, rows, columns, line, pixel_size_um } = reference as Required<Reference>;
    URL.revokeObjectURL(this.url);
    this.url = URL.createObjectURL(new Blob([png as unknown as BlobPart], { type: "image/png" }));
    const said = describe(reference);
    const image = element("img", { src: this.url, alt: `Reference image: ${said}` });
    this.frame.replaceChildren(image, this.line as unknown as Node, this.bar);
    this.caption.textContent = said;
    this.caption.title = reference.source ?? "";
    this.line.setAttribute("viewBox", `0 0 ${columns} ${rows}`);
    this.line.replaceChildren(...this.strokes(line, columns / WIDTH_PX));
    this.bar.hidden = !pixel_size_um;
    if (!pixel_size_um) return;
    const { length, text } = scaleBar(columns * pixel_size_um, "µm", 0.3);
    this.bar.replaceChildren(element("span", {}, text), element("b", { style: `width: ${(length / pixel_size_um / columns) * WIDTH_PX}px` }));
  }

  dispose(): void {
    URL.revokeObjectURL(this.url);
    for (const stop of this.stops) stop();
  }

  /** The way of the line, with a dot where a line of the recording begins. */
  private strokes(line: readonly (readonly [number, number])[], unit: number): Node[] {
    const [first] = line;
    if (!first) return [];
    const points = line.map(([x, y]) => `${x + 0.5},${y + 0.5}`).join(" ");
    return [
      svg("polyline", { class: "cs-reference-halo", points, "stroke-width": 4 * unit }),
      svg("polyline", { class: "cs-reference-way", points, "stroke-width": 1.8 * unit }),
      svg("circle", { cx: first[0] + 0.5, cy: first[1] + 0.5, r: 3.4 * unit }),
    ];
  }
}

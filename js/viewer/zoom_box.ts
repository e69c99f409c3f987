// The rectangle that Shift drags out, to zoom to.

import { element } from "./dom";
import type { Point } from "./spans";

export class ZoomBox {
  readonly root = element("div", { class: "cs-zoom-box", hidden: true });

  /** From one corner to another; without them there is none. */
  draw(from: Point | undefined, to?: Point): void {
    this.root.hidden = !from || !to;
    if (!from || !to) return;
    const { style } = this.root;
    style.transform = `translate(${Math.min(from.x, to.x)}px, ${Math.min(from.y, to.y)}px)`;
    style.width = `${Math.abs(from.x - to.x)}px`;
    style.height = `${Math.abs(from.y - to.y)}px`;
  }
}

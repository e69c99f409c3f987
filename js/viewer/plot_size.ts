// How large a view is on the page. To ask makes the browser lay the page out, so it is asked once
// after each change of a size, not in every frame.

import { plotBox } from "./plot_box";
import type { Plane } from "./protocol";

const NARROW_PX = 600;
const TIGHT_PX = 860;

export class PlotSize {
  width = 0; // of the picture, CSS pixels
  height = 0;
  private room = 0;
  private known = false;
  private box = "";
  private readonly watch: ResizeObserver;

  constructor(
    private readonly root: HTMLElement,
    private readonly plot: HTMLElement,
    changed: () => void,
  ) {
    this.watch = new ResizeObserver(() => {
      this.known = false;
      changed();
    });
    this.watch.observe(root);
    this.watch.observe(plot);
  }

  /** Give the picture its room; afterwards `width` and `height` are those on the page. */
  fit(plane: Plane, height_px: number): void {
    const { root, plot } = this;
    if (!this.known) {
      // not a container query: its containment leaves no width of its own inside a flex box
      this.room = root.clientWidth;
      root.classList.toggle("cs-narrow", this.room < NARROW_PX);
      root.classList.toggle("cs-tight", this.room < TIGHT_PX);
    }
    const { height, maxWidth } = plotBox(plane, height_px, this.room);
    const box = `${height} ${maxWidth}`;
    if (box !== this.box) {
      this.box = box;
      this.known = false;
      plot.style.height = `${height}px`;
      plot.style.maxWidth = maxWidth;
    }
    if (this.known) return;
    this.width = plot.clientWidth;
    this.height = plot.clientHeight;
    this.known = this.width > 0 && this.height > 0;
  }

  dispose(): void {
    this.watch.disconnect();
  }
}

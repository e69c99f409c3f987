// The wheel zooms time at the pointer; sideways or with Shift it pans, with Ctrl it zooms position.

import { listen } from "./dom";
import { type Point } from "./spans";

export interface WheelStage {
  readonly plot: HTMLElement;
  /** Zoom at a place of the picture; false if there is nothing further to show. */
  zoomAt(point: Point, factor: number, axis: "main" | "other"): boolean;
  panByPixels(dx: number, dy: number): boolean;
}

const LINE_PX = 30;
const QUIET_MS = 250;

export function attachWheel(stage: WheelStage): () => void {
  let pageScrolled = -Infinity;
  const stops = [
    // a page that is being scrolled past the picture goes on scrolling
    listen(document, "scroll", () => (pageScrolled = performance.now()), {
      capture: true,
      passive: true,
    }),
    listen<WheelEvent>(
      stage.plot,
      "wheel",
      (event) => {
        if (performance.now() - pageScrolled < QUIET_MS) return;
        const unit = event.deltaMode === 0 ? 1 : event.deltaMode === 1 ? LINE_PX : 300;
        const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
        const box = stage.plot.getBoundingClientRect();
        const point = { x: event.clientX - box.left, y: event.clientY - box.top };
        const sideways = Math.abs(dx) > Math.abs(dy);
        let used: boolean;
        if (event.shiftKey || sideways) used = stage.panByPixels(sideways ? dx : dy, 0);
        else {
          const factor = Math.exp(Math.max(-300, Math.min(300, dy)) * 0.0022);
          used = stage.zoomAt(point, factor, event.ctrlKey || event.altKey ? "other" : "main");
        }
        // Ctrl would zoom the whole page
        if (used || event.ctrlKey) event.preventDefault();
      },
      { passive: false },
    ),
  ];
  return () => stops.forEach((stop) => stop());
}

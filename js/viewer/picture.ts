// The canvas under everything: which renderer draws it, and what becomes of a lost context.

import { CanvasRenderer } from "./canvas_renderer";
import { element, listen } from "./dom";
import { GlRenderer } from "./gl_renderer";
import type { ImageSource, Tile } from "./image_source";
import { type PixelPlane, hasPixels } from "./levels";
import type { Layer } from "./layers";
import { type Renderer, pictureTiles } from "./renderer";
import { Projection, type View } from "./spans";

export interface Drawn {
  ready: boolean; // something of this plane is on the screen
  crisp: boolean; // and all of it at the resolution of the screen
}

export class PictureLayer {
  private renderer: Renderer;
  private contextLost = false;
  private drawn!: string; // what the canvas shows
  private readonly numbers = new WeakMap<Tile, number>();
  private count = 0;
  private readonly stop: () => void;

  constructor(
    private readonly plot: HTMLElement,
    private plain: boolean, // without WebGL
    private readonly invalidate: () => void,
  ) {
    this.renderer = this.mount(plain);
    this.stop = listen(plot, "pointerenter", () => {
      // the view in use gets a context, be it at the cost of another
      if (!this.contextLost || this.plain) return;
      this.contextLost = false;
      this.replace(false);
    });
  }

  get kind(): Renderer["kind"] {
    return this.renderer.kind;
  }

  /** Choose whether WebGL may be used. */
  usePlain(plain: boolean): void {
    if (plain === this.plain) return;
    this.plain = plain;
    this.replace(plain);
  }

  /** Fit the canvas to the plot, `width` × `height` CSS pixels. */
  resize(width: number, height: number): void {
    const ratio = globalThis.devicePixelRatio || 1;
    const { canvas } = this.renderer;
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (!w || !h || (canvas.width === w && canvas.height === h)) return;
    canvas.width = w;
    canvas.height = h;
  }

  draw(source: ImageSource, view: View, layers: readonly Layer[], owner: object): Drawn {
    const { plane } = source;
    const { canvas } = this.renderer;
    if (!hasPixels(plane) || !canvas.width) {
      this.drawn = "";
      this.renderer.draw(undefined);
      return { ready: false, crisp: false };
    }
    return this.drawTiles(source, plane, view, layers, owner);
  }

  dispose(): void {
    this.stop();
    this.renderer.dispose();
  }

  private drawTiles(
    source: ImageSource,
    plane: PixelPlane,
    view: View,
    layers: readonly Layer[],
    owner: object,
  ): Drawn {
    const { width, height } = this.renderer.canvas;
    const screen = new Projection(view, width, height, plane.line_scan);
    const found = layers.map(({ key, look }) => ({ key, look, ...pictureTiles(plane, screen, source, key) }));
    source.want(owner, found.flatMap(({ key, wanted }) => wanted.map((place) => ({ key, place }))));
    // The cursor and a ROI that is dragged leave the picture as it is.
    const state = JSON.stringify([
      plane.key, screen.view, width, height,
      found.map(({ key, look, tiles }) => [key, look, tiles.map((tile) => this.numberOf(tile))]),
    ]);
    if (state !== this.drawn) this.renderer.draw({ plane, screen, layers: found });
    this.drawn = state;
    return {
      ready: layers.every(({ key }) => source.overview(key) !== undefined),
      crisp: found.every(({ missing }) => !missing),
    };
  }

  private numberOf(tile: Tile): number {
    const number = this.numbers.get(tile) ?? ++this.count;
    this.numbers.set(tile, number);
    return number;
  }

  private mount(plain: boolean): Renderer {
    this.drawn = "";
    const canvas = (): HTMLCanvasElement =>
      element("canvas", { class: "cs-image", "aria-hidden": "true" });
    const lost = (): void => {
      // too many contexts on the page, or the driver was reset: go on without one
      this.contextLost = true;
      setTimeout(() => this.renderer.kind === "webgl2" && this.replace(true));
    };
    const renderer =
      (plain ? undefined : GlRenderer.create(canvas(), lost)) ?? new CanvasRenderer(canvas());
    this.plot.prepend(renderer.canvas);
    return renderer;
  }

  private replace(plain: boolean): void {
    this.renderer.canvas.remove();
    this.renderer.dispose();
    this.renderer = this.mount(plain);
    this.invalidate();
  }
}

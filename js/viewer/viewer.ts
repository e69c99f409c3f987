// One view of a viewer model: builds the elements, follows the traits, draws when something changed.

import { Axes, readoutSpan } from "./axes";
import { CanvasRenderer } from "./canvas_renderer";
import { runCommand } from "./commands";
import { ContrastControl } from "./contrast";
import { element, listen } from "./dom";
import { RoiEdits } from "./edits";
import { GlRenderer } from "./gl_renderer";
import { Help } from "./help";
import type { ImageSource } from "./image_source";
import { type Command, commandFor } from "./keyboard";
import { hasPixels } from "./levels";
import { Minimap } from "./minimap";
import { Pointer } from "./pointer";
import type { Model, Roi, Tool, Traits } from "./protocol";
import { Readout } from "./readout";
import { type Look, type Renderer, pictureTiles } from "./renderer";
import type { Bounds, Size } from "./roi_geometry";
import { RoiLayer, roiTitle } from "./roi_layer";
import { type Point, Projection, type Span } from "./spans";
import { Toolbar } from "./toolbar";
import { TraitWriter } from "./trait_writer";
import { ViewState } from "./view_state";
import { attachWheel } from "./wheel";
import { format } from "./ticks";

const PATIENCE_MS = 5000; // then a missing picture means that there is no kernel

const FOLLOWED = [
  "lut", "contrast", "gamma", "tool", "scale_bar", "channel", "frame", "selected_roi_id", "cursor_s",
  "_rois", "_undo", "problem", "height_px", "renderer",
] as const;

export class Viewer {
  readonly root = element("div", {
    class: "cs-viewer", tabindex: 0, role: "group", "aria-description": "Press ? for keys", "data-lm-suppress-shortcuts": "true",
  });
  readonly plot = element("div", { class: "cs-plot" });
  readonly state: ViewState;
  readonly edits: RoiEdits;
  readonly help = new Help(() => this.root.focus({ preventScroll: true }));
  panKey = false;

  private readonly axes = new Axes();
  private readonly layer = new RoiLayer();
  private readonly readout: Readout;
  private readonly toolbar: Toolbar;
  private readonly contrast: ContrastControl;
  private readonly minimap: Minimap;
  private readonly pointer: Pointer;
  private readonly message = element("div", { class: "cs-message", hidden: true });
  private readonly box = element("div", { class: "cs-zoom-box", hidden: true });
  private readonly status = element("div", { class: "cs-status" });
  private readonly facts = element("span", { class: "cs-facts", "aria-live": "polite" });
  private readonly news = element("span", { class: "cs-news", role: "status", "aria-live": "polite" });
  private readonly writer: TraitWriter;
  private readonly stops: (() => void)[] = [];
  private renderer!: Renderer;
  private frame = 0;
  private contextLost = false;
  private pointedAt: Point | undefined;
  private waitingSince = 0;
  private patience: ReturnType<typeof setTimeout> | undefined;
  private shownKey: number | undefined;
  private nudged: { roi_id: number; from: Bounds; to: Bounds } | undefined;
  private newsTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly model: Model,
    readonly source: ImageSource,
  ) {
    this.writer = new TraitWriter(model);
    this.state = new ViewState(model, this.writer, () => source.plane, this.invalidate);
    this.edits = new RoiEdits(source, this.invalidate, (text, bad) => this.say(text, bad));
    this.readout = new Readout(source);
    this.contrast = new ContrastControl(this);
    this.toolbar = new Toolbar(this, this.contrast.root);
    this.minimap = new Minimap({
      leaveView: () => this.state.leave(),
      showRows: (rows) => this.state.show({ rows }),
    });
    this.build();
    this.pointer = new Pointer(this);
    this.attach();
    this.state.follow(true);
  }

  // ---------------------------------------------------------------- what others ask

  get screen(): Projection | undefined {
    return hasPixels(this.source.plane) ? this.state.screen : undefined;
  }

  get size(): Size {
    const { rows, cols } = this.source.plane;
    return { lines: rows.size, pixels: cols.size };
  }

  get rois(): Roi[] {
    return this.edits.shown(this.model.get("_rois"));
  }

  get selected(): number | null {
    return this.model.get("selected_roi_id");
  }

  get selectedRoi(): Roi | undefined {
    return this.rois.find((roi) => roi.roi_id === this.selected);
  }

  get tool(): Tool {
    return this.model.get("tool");
  }

  // ---------------------------------------------------------------- what gestures and keys do

  run(command: Command): void {
    runCommand(command, this);
    if (command !== "help") this.root.focus({ preventScroll: true });
  }

  put<K extends keyof Traits>(name: K, value: Traits[K]): void {
    this.writer.set(name, value);
    this.invalidate();
  }

  setTool(tool: Tool): void {
    this.put("tool", tool);
  }

  setLut(name: string): void {
    this.put("lut", name);
  }

  setChannel(channel: number): void {
    this.put("channel", channel);
  }

  setFrame(frame: number): void {
    this.put("frame", frame);
  }

  setContrast(contrast: [number, number] | null): void {
    this.put("contrast", contrast);
  }

  setGamma(gamma: number): void {
    this.put("gamma", gamma);
  }

  select(roiId: number | null): void {
    if (roiId !== this.selected) this.put("selected_roi_id", roiId);
  }

  preview(roiId: number | null, bounds: Bounds | undefined): void {
    this.edits.preview(roiId, bounds);
  }

  add(bounds: Bounds): void {
    void this.edits.add(bounds);
  }

  change(roiId: number, from: Bounds, to: Bounds): void {
    const roi = this.rois.find((one) => one.roi_id === roiId);
    if (roi?.locked) this.say(`ROI ${roiTitle(roi)} is locked; L unlocks it.`, true);
    else void this.edits.changeBounds(roiId, from, to);
  }

  /** Move by keys: shown at once, sent as one edit when the key is let go. */
  nudge(roi: Roi, to: Bounds): void {
    if (roi.locked) {
      this.say(`ROI ${roiTitle(roi)} is locked; L unlocks it.`, true);
      return;
    }
    const from = this.nudged?.roi_id === roi.roi_id ? this.nudged.from : { ...roi };
    this.nudged = { roi_id: roi.roi_id, from, to };
    this.edits.preview(roi.roi_id, to);
  }

  async remove(): Promise<void> {
    const roi = this.selectedRoi;
    if (!roi) return;
    const done = await this.edits.remove(roi.roi_id);
    if (done?.kind === "done") {
      this.say(`Deleted ROI ${roiTitle(roi)}.`, false, { text: "Undo", run: () => this.run("undo") });
    }
  }

  rename(roiId: number): void {
    const roi = this.rois.find((one) => one.roi_id === roiId);
    if (!roi) return;
    this.layer.rename(
      roi,
      (name) => void this.edits.change(roiId, { name }),
      () => this.root.focus({ preventScroll: true }),
    );
  }

  cancel(): void {
    if (this.help.open) this.help.toggle(false);
    else if (this.pointer.active) this.pointer.cancel();
    else if (this.nudged) {
      this.nudged = undefined;
      this.edits.preview(null, undefined);
    } else if (this.tool === "draw") this.setTool("select");
    else this.select(null);
  }

  panBy(rows: number, cols: number): void {
    this.state.panBy(rows, cols);
  }

  leaveView(): void {
    this.state.leave();
  }

  zoomTo(rows: Span, cols: Span): void {
    this.state.show({ rows, cols });
  }

  zoomBox(from: Point | undefined, to?: Point): void {
    this.box.hidden = !from || !to;
    if (!from || !to) return;
    this.box.style.transform = `translate(${Math.min(from.x, to.x)}px, ${Math.min(from.y, to.y)}px)`;
    this.box.style.width = `${Math.abs(from.x - to.x)}px`;
    this.box.style.height = `${Math.abs(from.y - to.y)}px`;
  }

  hover(point: Point | undefined): void {
    this.pointedAt = point;
    const time = this.readout.hover(point, this.screen);
    if (time !== this.model.get("cursor_s")) this.writer.set("cursor_s", time);
  }

  toolDone(): void {
    if (this.tool === "draw") this.setTool("select");
  }

  /** A sentence in the status line, for a while. */
  say(text: string, bad = false, action?: { text: string; run: () => void }): void {
    clearTimeout(this.newsTimer);
    this.news.classList.toggle("cs-bad", bad);
    this.news.replaceChildren(text);
    if (action) {
      const button = element("button", { type: "button", class: "cs-link" }, action.text);
      button.addEventListener("click", action.run);
      this.news.append(" ", button);
    }
    this.newsTimer = setTimeout(() => this.news.replaceChildren(), bad ? 12_000 : 6000);
  }

  // ---------------------------------------------------------------- life

  dispose(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.newsTimer);
    clearTimeout(this.patience);
    this.state.dispose();
    this.pointer.dispose();
    this.toolbar.dispose();
    this.contrast.dispose();
    this.minimap.dispose();
    this.readout.dispose();
    for (const stop of this.stops) stop();
    this.writer.flush();
    this.renderer.dispose();
    this.root.remove();
  }

  private build(): void {
    const body = element("div", { class: "cs-body" });
    this.plot.append(
      this.layer.root, this.axes.scale, this.box, this.readout.line, this.readout.tip, this.message,
    );
    body.append(this.axes.left as unknown as Node, this.plot, this.axes.bottom as unknown as Node, this.minimap.root);
    this.status.append(this.facts, this.news);
    this.root.append(this.toolbar.root, body, this.status, this.help.root);
    this.mountRenderer(this.model.get("renderer") === "canvas");
  }

  private mountRenderer(plain: boolean): void {
    const canvas = (): HTMLCanvasElement => element("canvas", { class: "cs-image", "aria-hidden": "true" });
    const lost = (): void => {
      // too many contexts on the page, or the driver was reset: go on without one, and ask for
      // a new one when somebody looks closely (see `attach`)
      this.contextLost = true;
      setTimeout(() => this.renderer.kind === "webgl2" && this.replaceRenderer(true));
    };
    this.renderer =
      (plain ? undefined : GlRenderer.create(canvas(), lost)) ??
      new CanvasRenderer(canvas());
    this.plot.prepend(this.renderer.canvas);
    this.root.dataset["renderer"] = this.renderer.kind;
  }

  private replaceRenderer(plain: boolean): void {
    const old = this.renderer;
    old.canvas.remove();
    old.dispose();
    this.mountRenderer(plain);
    this.invalidate();
  }

  private attach(): void {
    const { model, stops, plot, root } = this;
    for (const name of FOLLOWED) {
      const followed = (): void => this.traitChanged(name);
      model.on(`change:${name}`, followed);
      stops.push(() => model.off(`change:${name}`, followed));
    }
    const moved = (): void => this.state.follow();
    for (const name of ["time_range", "position_range"]) {
      model.on(`change:${name}`, moved);
      stops.push(() => model.off(`change:${name}`, moved));
    }
    stops.push(this.source.listen(this, this.invalidate));
    stops.push(attachWheel({ plot, zoomAt: (...all) => this.state.zoomAt(...all), panByPixels: (dx, dy) => this.state.panByPixels(dx, dy) }));
    stops.push(
      listen<KeyboardEvent>(root, "keydown", (event) => this.keyDown(event)),
      listen<KeyboardEvent>(root, "keyup", (event) => this.keyUp(event)),
      listen(root, "focusout", () => this.commitNudge()),
      listen(plot, "pointerenter", () => {
        if (!this.contextLost || this.model.get("renderer") === "canvas") return;
        this.contextLost = false;
        this.replaceRenderer(false);
      }),
    );
    const resized = new ResizeObserver(this.invalidate);
    resized.observe(root);
    stops.push(() => resized.disconnect());
    // the host's theme is a change of attributes or classes far above
    const themed = new MutationObserver(this.invalidate);
    themed.observe(document.body, { attributes: true });
    stops.push(() => themed.disconnect());
  }

  private traitChanged(name: (typeof FOLLOWED)[number]): void {
    if (name === "renderer") this.replaceRenderer(this.model.get("renderer") === "canvas");
    this.invalidate();
  }

  private keyDown(event: KeyboardEvent): void {
    this.root.classList.remove("cs-by-mouse");
    const target = event.target as HTMLElement;
    if (target.matches("input, select, textarea")) return;
    if (event.key === " " && !target.matches("button")) {
      this.panKey = true;
      this.plot.style.cursor = "grab";
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const pressesButton = event.key === "Enter" && target.matches("button");
    const command = pressesButton ? undefined : commandFor(event);
    if (!command) return;
    event.preventDefault();
    event.stopPropagation();
    runCommand(command, this, event.shiftKey ? 10 : 1);
  }

  private keyUp(event: KeyboardEvent): void {
    if (event.key === " ") this.panKey = false;
    if (event.key.startsWith("Arrow")) this.commitNudge();
  }

  private commitNudge(): void {
    const nudged = this.nudged;
    if (!nudged) return;
    this.nudged = undefined;
    this.edits.preview(null, undefined);
    void this.edits.changeBounds(nudged.roi_id, nudged.from, nudged.to);
  }

  // ---------------------------------------------------------------- drawing

  readonly invalidate = (): void => {
    if (!this.frame) {
      this.frame = requestAnimationFrame(() => {
        this.frame = 0;
        this.draw();
      });
    }
  };

  private draw(): void {
    const { plane } = this.source;
    if (plane.key !== this.shownKey) this.newPlane();
    this.layout();
    this.drawToolbar();
    const { screen } = this.state;
    if (!screen) return; // hidden: drawn when it has a size
    this.drawMessage();
    const look = this.look;
    this.drawPicture(look);
    this.axes.draw(plane, screen, this.model.get("scale_bar") && hasPixels(plane));
    if (hasPixels(plane)) {
      const width = this.state.width;
      this.minimap.root.hidden = !plane.line_scan || plane.lines <= width;
      if (look) this.minimap.draw(plane, this.source.overview, look, this.state.view.rows, width);
      this.layer.draw(this.rois, this.selected, screen, (roi) => this.describe(roi));
    } else {
      this.minimap.root.hidden = true;
      this.layer.draw([], null, screen, roiTitle);
    }
    if (this.pointedAt) this.hover(this.pointedAt); // the picture may have moved under it
    this.readout.follow(this.model.get("cursor_s"), plane, screen);
    this.plot.dataset["tool"] = this.tool;
    this.writeFacts();
    this.publish();
  }

  private drawMessage(): void {
    const shown = hasPixels(this.source.plane);
    const waited = performance.now() - this.waitingSince;
    const silent = shown && !this.source.overview && waited > PATIENCE_MS;
    this.message.hidden = shown && !silent;
    this.message.textContent = silent
      ? "The picture comes from Python: run the notebook to see it."
      : this.model.get("problem") || "No recording";
  }

  private newPlane(): void {
    this.waitingSince = performance.now();
    clearTimeout(this.patience);
    this.patience = setTimeout(this.invalidate, PATIENCE_MS + 50);
    this.shownKey = this.source.plane.key;
    this.pointer.cancel();
    this.nudged = undefined;
    this.edits.preview(null, undefined);
    this.state.history.clear();
    this.state.follow(true);
    this.hover(undefined);
    const { name } = this.source.plane;
    this.root.setAttribute("aria-label", name ? `Kymograph of ${name}` : "Kymograph viewer");
  }

  private get look(): Look | undefined {
    const { plane } = this.source;
    if (!hasPixels(plane)) return undefined;
    return {
      contrast: this.model.get("contrast") ?? plane.auto,
      gamma: this.model.get("gamma"),
      lut: this.model.get("lut"),
    };
  }

  private layout(): void {
    const { plane } = this.source;
    // not a container query: its containment leaves no width of its own inside a flex box
    this.root.classList.toggle("cs-narrow", this.root.clientWidth < 600);
    const height = this.model.get("height_px");
    this.plot.style.height = `${height}px`;
    let limit = "";
    if (!plane.line_scan) {
      // square pixels where both sizes are lengths
      const { rows, cols } = plane;
      const wide = cols.size * (rows.unit === cols.unit ? cols.scale : 1);
      const high = rows.size * (rows.unit === cols.unit ? rows.scale : 1);
      limit = `${Math.round((height * wide) / high)}px`;
    }
    this.plot.style.maxWidth = limit;
    this.state.width = this.plot.clientWidth;
    this.state.height = this.plot.clientHeight;
    const ratio = globalThis.devicePixelRatio || 1;
    const { canvas } = this.renderer;
    const [w, h] = [Math.round(this.state.width * ratio), Math.round(this.state.height * ratio)];
    if (w && h && (canvas.width !== w || canvas.height !== h)) {
      canvas.width = w;
      canvas.height = h;
    }
  }

  private drawPicture(look: Look | undefined): void {
    const { plane } = this.source;
    const { canvas } = this.renderer;
    if (!look || !hasPixels(plane) || !canvas.width) {
      this.renderer.draw(undefined);
      this.root.dataset["ready"] = "false";
      return;
    }
    const screen = new Projection(this.state.view, canvas.width, canvas.height, plane.line_scan);
    const { tiles, missing, wanted } = pictureTiles(plane, screen, this.source);
    this.source.want(this, wanted);
    this.renderer.draw({ plane, screen, look, tiles });
    this.root.dataset["ready"] = String(tiles.length > 0);
    this.root.dataset["crisp"] = String(!missing);
    this.root.dataset["tiles"] = String(this.source.count);
  }

  private drawToolbar(): void {
    const { plane } = this.source;
    const { look } = this;
    this.toolbar.draw({
      plane,
      tool: this.tool,
      lut: this.model.get("lut"),
      channel: this.model.get("channel"),
      frame: this.model.get("frame"),
      canGoBack: this.state.history.canGoBack,
      canGoForward: this.state.history.canGoForward,
      selected: this.selectedRoi !== undefined,
      undo: this.model.get("_undo"),
    });
    const levels = look && hasPixels(plane)
      ? { range: plane.range, counts: plane.histogram, binWidth: plane.bin_width, look }
      : undefined;
    this.contrast.draw(levels, this.model.get("contrast") === null);
  }

  private describe(roi: Roi): string {
    const { rows, cols } = this.source.plane;
    const time = readoutSpan(rows, roi.row_start, roi.row_stop);
    return `ROI ${roiTitle(roi)}: ${time}, ${readoutSpan(cols, roi.col_start, roi.col_stop)}`;
  }

  private writeFacts(): void {
    const roi = this.selectedRoi;
    const { plane } = this.source;
    let text = "";
    if (roi && hasPixels(plane)) {
      const unit = plane.line_scan ? "lines" : "rows";
      const size = `${format(roi.row_stop - roi.row_start, 0)} ${unit} × ${roi.col_stop - roi.col_start} px`;
      text = `${this.describe(roi)} · ${size}${roi.locked ? " · locked" : ""}`;
    } else if (hasPixels(plane)) {
      text = `${plane.name} · ${format(plane.lines, 0)} × ${format(plane.pixels, 0)}`;
    }
    if (this.facts.textContent !== text) this.facts.textContent = text;
  }

  private publish(): void {
    const { dataset } = this.root;
    const { rows, cols } = this.source.plane;
    const { view } = this.state;
    dataset["tool"] = this.tool;
    dataset["timeRange"] = `${view.rows.start * rows.scale},${view.rows.stop * rows.scale}`;
    dataset["positionRange"] = `${view.cols.start * cols.scale},${view.cols.stop * cols.scale}`;
    dataset["selected"] = String(this.selected ?? "");
    dataset["rois"] = String(this.model.get("_rois").length);
  }
}

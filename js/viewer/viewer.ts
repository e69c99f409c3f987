// One view of a viewer model: builds the elements, follows the traits, draws when something changed.

import { Axes } from "./axes";
import { runCommand } from "./commands";
import { ContrastControl } from "./contrast";
import { element } from "./dom";
import { RoiEdits } from "./edits";
import { Help } from "./help";
import type { ImageSource } from "./image_source";
import { KeyInput } from "./key_input";
import type { Command } from "./keyboard";
import { activeLayer, followsView, levelsShown, shownLayers } from "./layers";
import { hasPixels } from "./levels";
import { MarksLayer } from "./marks_layer";
import { Message } from "./message";
import { Minimap } from "./minimap";
import { PictureLayer } from "./picture";
import { Pointer } from "./pointer";
import { PlotSize } from "./plot_size";
import { FOLLOWED, type LayerInfo, type Model, type Roi, type Tool, type Traits } from "./protocol";
import { publish } from "./publish";
import { Readout } from "./readout";
import type { Bounds, Size } from "./roi_geometry";
import { ReferencePanel } from "./reference";
import { RoiEditor } from "./roi_editor";
import { RoiLayer, roiColor, roiTitle } from "./roi_layer";
import { SeenRanges } from "./seen_range";
import type { Point, Projection, Span } from "./spans";
import { StreakLayer } from "./streak_layer";
import { StatusLine, describeRoi } from "./status_line";
import { Toolbar } from "./toolbar";
import { toolbarState } from "./toolbar_state";
import { TraitWriter } from "./trait_writer";
import { ViewState } from "./view_state";
import { attachWheel } from "./wheel";
import { ZoomBox } from "./zoom_box";

const CURSOR_BESIDE_MS = 250; // how often Python is told of the pointer while it drags a ROI

export class Viewer {
  readonly root = element("div", {
    class: "cs-viewer", tabindex: 0, role: "group", "aria-description": "Press ? for keys", "data-lm-suppress-shortcuts": "true",
  });
  readonly plot = element("div", { class: "cs-plot" });
  readonly state: ViewState;
  readonly edits: RoiEdits;
  readonly help = new Help(() => this.root.focus({ preventScroll: true }));

  readonly roiEditor = new RoiEditor({
    change: (roiId, changes) => void this.edits.change(roiId, changes),
    run: (command) => runCommand(command, this),
    leave: () => this.root.focus({ preventScroll: true }),
  });

  private readonly axes = new Axes();
  private readonly marks = new MarksLayer();
  private readonly streak = new StreakLayer({
    invalidate: () => this.invalidate(),
    keepSlope: (slope) => this.edits.ask({ kind: "slope", slope }),
    leaveHandle: () => this.root.focus({ preventScroll: true }),
  });
  private readonly layer = new RoiLayer();
  private readonly reference = new ReferencePanel(() => this.put("show_reference", false));
  private readonly readout: Readout;
  private readonly toolbar: Toolbar;
  private readonly contrast: ContrastControl;
  private readonly minimap: Minimap;
  private readonly pointer: Pointer;
  private readonly keys: KeyInput;
  private readonly message = new Message(() => this.invalidate());
  private readonly seen = new SeenRanges(() => this.invalidate());
  private readonly box = new ZoomBox();
  private readonly status = new StatusLine((command) => this.run(command));
  private readonly writer: TraitWriter;
  private readonly stops: (() => void)[] = [];
  private readonly picture: PictureLayer;
  private readonly place: PlotSize;
  private frame = 0;
  private hovering = false;
  private pointedAt: Point | undefined;
  private shownKey: number | undefined;
  private shownPlace = "";

  constructor(
    readonly model: Model,
    readonly source: ImageSource,
  ) {
    this.writer = new TraitWriter(model);
    this.state = new ViewState(model, this.writer, () => source.plane, this.invalidate);
    this.edits = new RoiEdits(source, this.invalidate, (text, bad) => this.status.say(text, bad));
    this.readout = new Readout(source);
    this.contrast = new ContrastControl(this);
    this.toolbar = new Toolbar(this, this.contrast.root);
    this.minimap = new Minimap({
      leaveView: () => this.state.leave(),
      showRows: (rows) => this.state.show({ rows }),
    });
    this.picture = new PictureLayer(this.plot, model.get("renderer") === "canvas", this.invalidate);
    this.place = new PlotSize(this.root, this.plot, this.invalidate);
    this.build();
    this.pointer = new Pointer(this);
    this.keys = new KeyInput(this);
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

  get panKey(): boolean {
    return this.keys.panning;
  }

  get tool(): Tool {
    return this.model.get("tool");
  }

  // ---------------------------------------------------------------- what gestures and keys do

  run(command: Command): void {
    runCommand(command, this);
    if (!["help", "rename", "edit"].includes(command)) this.root.focus({ preventScroll: true });
  }

  put<K extends keyof Traits>(name: K, value: Traits[K]): void {
    this.writer.set(name, value);
    this.invalidate();
  }

  /** The channel at hand among several. */
  get activeLayer(): LayerInfo | undefined {
    return activeLayer(this.model);
  }

  showChannel(channel: number, visible: boolean): void {
    void this.edits.ask({ kind: "channel", channel, visible });
  }

  colorChannel(color: string): void {
    void this.edits.ask({ kind: "channel", channel: this.model.get("channel"), color });
  }

  setTool(tool: Tool): void {
    this.put("tool", tool);
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
    if (roi?.locked) this.sayLocked(roi);
    else void this.edits.changeBounds(roiId, from, to);
  }

  /** Move by keys; see `RoiEdits.nudge`. */
  nudge(roi: Roi, to: Bounds): void {
    if (roi.locked) this.sayLocked(roi);
    else this.edits.nudge(roi, to);
  }

  async remove(): Promise<void> {
    const roi = this.selectedRoi;
    if (!roi) return;
    const done = await this.edits.remove(roi.roi_id);
    if (done?.kind === "done") {
      this.status.say(`Deleted ROI ${roiTitle(roi)}.`, false, { text: "Undo", run: () => this.run("undo") });
    }
  }

  async duplicate(): Promise<void> {
    const roi = this.selectedRoi;
    if (roi) await this.edits.duplicate(roi);
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
    else if (this.edits.dropNudge()) return;
    else if (this.tool === "draw") this.setTool("select");
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
    this.box.draw(from, to);
  }

  hover(point: Point | undefined): void {
    this.pointedAt = point;
    const time = this.readout.hover(point, this.screen);
    if (time === this.model.get("cursor_s")) return;
    // the line under the pointer is drawn already
    this.hovering = true;
    if (this.edits.dragging) this.writer.setIdly("cursor_s", time, CURSOR_BESIDE_MS);
    else this.writer.set("cursor_s", time);
    this.hovering = false;
  }

  toolDone(): void {
    if (this.tool === "draw") this.setTool("select");
  }

  // ---------------------------------------------------------------- life

  dispose(): void {
    cancelAnimationFrame(this.frame);
    this.message.dispose();
    this.streak.dispose();
    this.reference.dispose();
    this.roiEditor.dispose();
    this.seen.dispose();
    this.state.dispose();
    this.pointer.dispose();
    this.keys.dispose();
    this.toolbar.dispose();
    this.contrast.dispose();
    this.minimap.dispose();
    this.readout.dispose();
    for (const stop of this.stops) stop();
    this.writer.flush();
    this.status.dispose();
    this.picture.dispose();
    this.place.dispose();
    this.root.remove();
  }

  private build(): void {
    const body = element("div", { class: "cs-body" });
    this.plot.append(
      this.marks.canvas, this.streak.root as unknown as Node, this.layer.root, this.axes.scale, this.axes.across, this.box.root, this.readout.line, this.readout.tip, this.reference.root, this.message.root,
    );
    body.append(this.axes.left as unknown as Node, this.plot, this.axes.bottom as unknown as Node, this.minimap.root);
    this.root.append(this.toolbar.root, body, this.status.root, this.roiEditor.root, this.help.root);
  }

  private attach(): void {
    const { model, stops, plot } = this;
    const follow = (name: string, act: () => void): void => {
      model.on(`change:${name}`, act);
      stops.push(() => model.off(`change:${name}`, act));
    };
    for (const name of FOLLOWED) follow(name, () => this.traitChanged(name));
    for (const name of ["time_range", "position_range"]) follow(name, () => this.state.follow());
    stops.push(this.source.listen(this, this.invalidate));
    stops.push(attachWheel({ plot, zoomAt: (...all) => this.state.zoomAt(...all), panByPixels: (dx, dy) => this.state.panByPixels(dx, dy) }));
    // the host's theme is a change of attributes or classes far above
    const themed = new MutationObserver(this.invalidate);
    themed.observe(document.body, { attributes: true });
    stops.push(() => themed.disconnect());
  }

  /** Of a ROI, or white for the whole recording. */
  private colorOf(roiId: number): string {
    const roi = this.rois.find((one) => one.roi_id === roiId);
    return roi ? roiColor(roi) : "#ffffff";
  }

  private sayLocked(roi: Roi): void {
    this.status.say(`ROI ${roiTitle(roi)} is locked; L unlocks it.`, true);
  }

  private traitChanged(name: (typeof FOLLOWED)[number]): void {
    if (name === "_moving" || name === "_reference") {
      const { problem } = this.model.get(name);
      if (problem) this.status.say(problem, true);
    }
    if (name === "cursor_s" && this.hovering) return;
    if (name === "renderer") this.picture.usePlain(this.model.get("renderer") === "canvas");
    this.invalidate();
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
    this.reference.draw(this.model.get("_reference"), this.model.get("show_reference"));
    const layers = shownLayers(this.model, this.seen.of);
    const here = layers.every(({ key }) => this.source.overview(key));
    this.message.draw(plane, here, this.model.get("problem"));
    const drawn = this.picture.draw(this.source, this.state.view, layers, this);
    this.readout.show(layers);
    this.axes.draw(plane, screen, this.model.get("scale_bar") && hasPixels(plane));
    if (hasPixels(plane)) {
      const width = this.state.width;
      this.minimap.root.hidden = !plane.line_scan || plane.lines <= width;
      const strips = layers.map(({ key, look }) => ({ overview: this.source.overview(key), look }));
      this.minimap.draw(plane, strips, this.state.view.rows, width);
      if (followsView(this.model)) this.seen.follow(this.source, plane, layers, screen, drawn.crisp);
      const shown = this.model.get("show_marks");
      const marks = shown ? this.model.get("_marks") : undefined;
      const preview = shown ? this.model.get("_preview_marks").walls : undefined;
      const inView = this.marks.draw(marks, screen, (id) => this.colorOf(id), preview);
      this.root.dataset["marks"] = String(inView);
      this.root.dataset["previewedWalls"] = String(preview?.length ?? 0);
      this.streak.draw(this.model.get("_streak"), screen);
      this.layer.draw(this.rois, this.selected, screen, (roi) => describeRoi(plane, roi));
    } else {
      this.minimap.root.hidden = true;
      this.marks.draw(undefined, screen, () => "");
      this.streak.draw({}, screen);
      this.layer.draw([], null, screen, roiTitle);
    }
    if (this.pointedAt) this.hover(this.pointedAt); // the picture may have moved under it
    this.readout.follow(this.model.get("cursor_s"), plane, screen);
    if (this.plot.dataset["tool"] !== this.tool) this.plot.dataset["tool"] = this.tool;
    this.status.draw(plane, this.selectedRoi);
    this.roiEditor.draw(this.selectedRoi, plane);
    publish(this.root, this.model, plane, this.state.view, drawn, this.picture.kind, this.source.count);
  }

  private newPlane(): void {
    this.shownKey = this.source.plane.key;
    this.message.wait();
    this.state.follow(true);
    const { name, rows, cols } = this.source.plane;
    this.root.setAttribute("aria-label", name ? `Kymograph of ${name}` : "Kymograph viewer");
    // another channel or frame of the same recording is no new place
    const place = JSON.stringify([name, rows.size, cols.size]);
    if (place === this.shownPlace) return;
    this.shownPlace = place;
    this.pointer.cancel();
    this.edits.dropNudge();
    this.edits.preview(null, undefined);
    this.state.history.clear();
    this.hover(undefined);
  }

  private layout(): void {
    this.place.fit(this.source.plane, this.model.get("height_px"));
    this.state.width = this.place.width;
    this.state.height = this.place.height;
    this.picture.resize(this.state.width, this.state.height);
  }

  private drawToolbar(): void {
    this.toolbar.draw(toolbarState(this.model, this.source.plane, this.state.history, this.selectedRoi));
    this.contrast.draw(levelsShown(this.model, this.seen.of), this.model.get("automatic"), this.model.get("contrast") !== null);
  }
}

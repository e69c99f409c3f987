// ROI edits on their way to Python: shown at once, taken back if refused.

import type { ImageSource } from "./image_source";
import { Latest } from "./latest";
import type { Done, Request, Roi } from "./protocol";
import { type Bounds, boundsOf } from "./roi_geometry";

interface Pending {
  roi_id: number; // negative for a ROI that has no id yet
  changes: Partial<Roi>;
}

const PATIENCE_MS = 10_000;
/**
 * Moves on their way to Python. Each also carries the word that what came from there is here,
 * without which a server holds small messages back for up to 40 ms (Nagle, delayed acknowledgement).
 */
const MOST_TOLD = 4;

const NEW: Omit<Roi, keyof Bounds> = {
  roi_id: -1, name: "", note: "", color: "", locked: false,
};

/**
 * The model's ROIs with what the user just did laid over them.
 *
 * An edit names the values it changes and no others, so that a change by somebody else
 * meanwhile is kept. It stays over the model's state until Python has answered: an older echo
 * never pulls a rectangle back.
 */
export class RoiEdits {
  private readonly pending = new Set<Pending>();
  private hand: Pending | undefined;
  private nudged: { roi_id: number; from: Bounds; to: Bounds } | undefined;
  private readonly told = new Latest<Pending | undefined>(
    (drag) => void this.tell(drag),
    PATIENCE_MS,
    MOST_TOLD,
  );

  constructor(
    private readonly source: ImageSource,
    private readonly changed: () => void,
    private readonly say: (text: string, bad: boolean) => void,
  ) {}

  /** Whether a ROI is under the hand. */
  get dragging(): boolean {
    return this.hand !== undefined;
  }

  shown(model: readonly Roi[]): Roi[] {
    const rois = model.map((roi) => ({ ...roi }));
    const over = this.hand ? [...this.pending, this.hand] : [...this.pending];
    for (const { roi_id, changes } of over) {
      const roi = rois.find((one) => one.roi_id === roi_id);
      if (roi) Object.assign(roi, changes);
      else if (roi_id < 0) rois.push({ ...NEW, ...changes, roi_id } as Roi);
    }
    return rois;
  }

  /** Show bounds while a drag lasts; without bounds the drag is over. */
  preview(roiId: number | null, bounds: Bounds | undefined): void {
    const going = this.hand;
    this.hand = bounds && { roi_id: roiId ?? -1, changes: boundsOf(bounds) };
    if (this.hand || going) this.told.push(this.hand);
    this.changed();
  }

  /** Python measures what is under the hand, the newest of what it was told. */
  private async tell(drag: Pending | undefined): Promise<void> {
    const bounds = drag ? (drag.changes as Bounds) : null;
    const roi_id = drag && drag.roi_id >= 0 ? drag.roi_id : null;
    await this.source.request({ kind: "drag", roi_id, bounds });
    this.told.ack();
  }

  /** Move by keys: shown at once, sent as one edit when `commitNudge` says it is over. */
  nudge(roi: Roi, to: Bounds): void {
    const going = this.nudged?.roi_id === roi.roi_id ? this.nudged : undefined;
    if (!going) this.commitNudge();
    this.nudged = { roi_id: roi.roi_id, from: going?.from ?? boundsOf(roi), to };
    this.preview(roi.roi_id, to);
  }

  commitNudge(): void {
    const nudged = this.nudged;
    if (!this.dropNudge() || !nudged) return;
    void this.changeBounds(nudged.roi_id, nudged.from, nudged.to);
  }

  /** Give a nudge up; false if there was none. */
  dropNudge(): boolean {
    if (!this.nudged) return false;
    this.nudged = undefined;
    this.preview(null, undefined);
    return true;
  }

  async add(bounds: Bounds): Promise<Done | undefined> {
    return this.track({ roi_id: -1, changes: bounds }, () =>
      this.source.request({ kind: "edit", action: "add", changes: boundsOf(bounds) }),
    );
  }

  /** The same ROI once more, which Python then selects. */
  async duplicate(roi: Roi): Promise<Done | undefined> {
    const { name, note, color } = roi;
    const copy = { ...boundsOf(roi), name: name && `${name} copy`, note, color };
    return this.track({ roi_id: -1, changes: copy }, () =>
      this.source.request({ kind: "edit", action: "add", changes: copy }),
    );
  }

  async change(roiId: number, changes: Partial<Roi>): Promise<Done | undefined> {
    return this.track({ roi_id: roiId, changes }, () =>
      this.source.request({ kind: "edit", action: "change", roi_id: roiId, changes }),
    );
  }

  /** Send the bounds that differ, and only those. */
  async changeBounds(roiId: number, from: Bounds, to: Bounds): Promise<Done | undefined> {
    const keys = (Object.keys(to) as (keyof Bounds)[]).filter((key) => from[key] !== to[key]);
    if (!keys.length) return undefined;
    return this.change(roiId, Object.fromEntries(keys.map((key) => [key, to[key]])));
  }

  async remove(roiId: number): Promise<Done | undefined> {
    return this.answered(
      await this.source.request({ kind: "edit", action: "delete", roi_id: roiId }),
    );
  }

  async history(action: "undo" | "redo"): Promise<void> {
    await this.ask({ kind: "history", action });
  }

  /** Have Python change something that is not shown before it has; what is refused is said. */
  async ask(request: Request): Promise<Done | undefined> {
    return this.answered(await this.source.request(request));
  }

  private async track(
    edit: Pending,
    send: () => Promise<Done | undefined>,
  ): Promise<Done | undefined> {
    this.pending.add(edit);
    this.changed();
    const done = this.answered(await send());
    this.pending.delete(edit);
    this.changed();
    return done;
  }

  private answered(done: Done | undefined): Done | undefined {
    if (!done) this.say("Python did not answer; the edit was not made. Is the kernel running?", true);
    else if (done.kind === "refused") this.say(done.text ?? "Refused.", true);
    else if (done.text) this.say(done.text, false);
    return done;
  }
}

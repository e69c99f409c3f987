import type { Model, Traits } from "./protocol";

/** Sets traits at once and sends them at most every `pause_ms`, the last value always. */
export class TraitWriter {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private due = false;
  private idle = false; // nothing was sent that the timer waits after

  constructor(
    private readonly model: Model,
    private readonly pause_ms = 50,
  ) {}

  set<K extends keyof Traits>(name: K, value: Traits[K]): void {
    this.model.set(name, value);
    if (this.timer !== undefined && !this.idle) this.due = true;
    else this.send();
  }

  /** Set what is not urgent: it is sent with what comes next, or alone after `patience_ms`. */
  setIdly<K extends keyof Traits>(name: K, value: Traits[K], patience_ms: number): void {
    this.model.set(name, value);
    this.due = true;
    if (this.timer !== undefined) return;
    this.idle = true;
    this.wait(patience_ms);
  }

  /** Send what is waiting now. */
  flush(): void {
    if (this.timer !== undefined) clearTimeout(this.timer);
    this.timer = undefined;
    if (this.due) this.model.save_changes();
    this.due = this.idle = false;
  }

  private send(): void {
    if (this.timer !== undefined) clearTimeout(this.timer);
    this.due = this.idle = false;
    this.model.save_changes();
    this.wait(this.pause_ms);
  }

  private wait(pause_ms: number): void {
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.due) this.send();
    }, pause_ms);
  }
}

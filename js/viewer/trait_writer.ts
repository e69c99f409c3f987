import type { Model, Traits } from "./protocol";

/** Sets traits at once and sends them at most every `pause_ms`, the last value always. */
export class TraitWriter {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private due = false;

  constructor(
    private readonly model: Model,
    private readonly pause_ms = 50,
  ) {}

  set<K extends keyof Traits>(name: K, value: Traits[K]): void {
    this.model.set(name, value);
    if (this.timer === undefined) this.send();
    else this.due = true;
  }

  /** Send what is waiting now. */
  flush(): void {
    if (this.timer !== undefined) clearTimeout(this.timer);
    this.timer = undefined;
    if (this.due) this.model.save_changes();
    this.due = false;
  }

  private send(): void {
    this.due = false;
    this.model.save_changes();
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.due) this.send();
    }, this.pause_ms);
  }
}

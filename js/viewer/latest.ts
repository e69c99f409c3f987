/**
 * One request at a time; while it is out only the newest wish is kept.
 *
 * A request that is never acknowledged (a restarted kernel) is given up after `patience_ms`.
 */
export class Latest<T> {
  private wish: { value: T } | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly send: (value: T) => void,
    private readonly patience_ms = 10_000,
  ) {}

  get busy(): boolean {
    return this.timer !== undefined;
  }

  push(value: T): void {
    if (this.busy) this.wish = { value };
    else this.start(value);
  }

  /** The answer is here. */
  ack(): void {
    this.stop();
    const wish = this.wish;
    this.wish = undefined;
    if (wish) this.start(wish.value);
  }

  clear(): void {
    this.stop();
    this.wish = undefined;
  }

  private start(value: T): void {
    this.timer = setTimeout(() => this.ack(), this.patience_ms);
    this.send(value);
  }

  private stop(): void {
    if (this.timer !== undefined) clearTimeout(this.timer);
    this.timer = undefined;
  }
}

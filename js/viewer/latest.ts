/**
 * A few requests at a time, one as a rule; while they are out only the newest wish is kept.
 *
 * A request that is never acknowledged (a restarted kernel) is given up after `patience_ms`.
 */
export class Latest<T> {
  private wish: { value: T } | undefined;
  private readonly out: ReturnType<typeof setTimeout>[] = [];

  constructor(
    private readonly send: (value: T) => void,
    private readonly patience_ms = 10_000,
    private readonly most = 1,
  ) {}

  get busy(): boolean {
    return this.out.length >= this.most;
  }

  push(value: T): void {
    if (this.busy) this.wish = { value };
    else this.start(value);
  }

  /** The answer to the oldest is here. */
  ack(): void {
    clearTimeout(this.out.shift());
    const wish = this.wish;
    this.wish = undefined;
    if (wish) this.start(wish.value);
  }

  clear(): void {
    for (const timer of this.out.splice(0)) clearTimeout(timer);
    this.wish = undefined;
  }

  private start(value: T): void {
    this.out.push(setTimeout(() => this.ack(), this.patience_ms));
    this.send(value);
  }
}

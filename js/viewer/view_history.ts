import { type View, sameView } from "./spans";

/** Views one can go back and forward through, as in a web browser. */
export class ViewHistory {
  private readonly back: View[] = [];
  private readonly ahead: View[] = [];

  constructor(private readonly limit = 100) {}

  get canGoBack(): boolean {
    return this.back.length > 0;
  }

  get canGoForward(): boolean {
    return this.ahead.length > 0;
  }

  /** Remember `view`, which is about to be left. */
  leave(view: View): void {
    const last = this.back.at(-1);
    if (last && sameView(last, view)) return;
    this.back.push(view);
    if (this.back.length > this.limit) this.back.shift();
    this.ahead.length = 0;
  }

  goBack(now: View): View | undefined {
    return ViewHistory.step(this.back, this.ahead, now);
  }

  goForward(now: View): View | undefined {
    return ViewHistory.step(this.ahead, this.back, now);
  }

  clear(): void {
    this.back.length = 0;
    this.ahead.length = 0;
  }

  private static step(from: View[], to: View[], now: View): View | undefined {
    let view = from.pop();
    while (view && sameView(view, now)) view = from.pop();
    if (view) to.push(now);
    return view;
  }
}

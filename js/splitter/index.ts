// A bar between two panes: drag it or press arrow keys, and one pane's width (or height) follows.
//
// The size goes into a CSS variable of the nearest ancestor that matches `container`; a grid there
// lays out the panes. Python hears of it once the hand lets go.

import type { RenderProps } from "@anywidget/types";

interface SplitterModel {
  value: number;
  minimum: number;
  maximum: number;
  variable: string;
  container: string;
  orientation: "vertical" | "horizontal";
  reverse: boolean;
  label: string;
}

const STEP_PX = 16;

const STYLE = `
.cs-splitter { position: relative; touch-action: none; user-select: none; background: var(--cs-line, var(--jp-border-color2)); outline: 0;
  background-clip: content-box; box-sizing: border-box; flex: none; margin: 0; overflow: visible; }
.cs-splitter[aria-orientation=vertical] { cursor: col-resize; padding: 0 2.5px; width: 6px; height: 100%; min-height: 40px; }
.cs-splitter[aria-orientation=horizontal] { cursor: row-resize; padding: 2.5px 0; height: 6px; width: 100%; }
.cs-splitter:hover, .cs-splitter:focus-visible, .cs-splitter.cs-dragging { background-color: var(--cs-accent, var(--jp-brand-color1)); background-clip: border-box; }
`;

function render({ model, el }: RenderProps<SplitterModel>): () => void {
  const style = document.createElement("style");
  style.textContent = STYLE;
  el.append(style);
  el.classList.add("cs-splitter");
  el.tabIndex = 0;
  el.setAttribute("role", "separator");

  const clamp = (value: number) =>
    Math.round(Math.min(model.get("maximum"), Math.max(model.get("minimum"), value)));

  function show(value: number): void {
    const container = el.closest<HTMLElement>(model.get("container"));
    container?.style.setProperty(model.get("variable"), `${value}px`);
    el.setAttribute("aria-valuenow", String(value));
  }

  function describe(): void {
    el.setAttribute("aria-orientation", model.get("orientation"));
    el.setAttribute("aria-valuemin", String(model.get("minimum")));
    el.setAttribute("aria-valuemax", String(model.get("maximum")));
    el.setAttribute("aria-label", model.get("label"));
    show(clamp(model.get("value")));
  }

  function commit(value: number): void {
    show(value);
    if (value === model.get("value")) return;
    model.set("value", value);
    model.save_changes();
  }

  let drag: { from: number; size: number; now: number } | undefined;
  const along = (event: PointerEvent) =>
    (model.get("orientation") === "vertical" ? event.clientX : event.clientY) *
    (model.get("reverse") ? -1 : 1);

  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    event.preventDefault();
    el.focus();
    el.setPointerCapture(event.pointerId);
    el.classList.add("cs-dragging");
    const size = clamp(model.get("value"));
    drag = { from: along(event), size, now: size };
  };
  const move = (event: PointerEvent) => {
    if (!drag) return;
    drag.now = clamp(drag.size + along(event) - drag.from);
    show(drag.now);
  };
  const up = () => {
    if (!drag) return;
    const { now } = drag;
    drag = undefined;
    el.classList.remove("cs-dragging");
    commit(now);
  };
  const key = (event: KeyboardEvent) => {
    const [less, more] =
      model.get("orientation") === "vertical" ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
    const sign = model.get("reverse") ? -1 : 1;
    const now = clamp(model.get("value"));
    if (event.key === less) commit(clamp(now - sign * STEP_PX));
    else if (event.key === more) commit(clamp(now + sign * STEP_PX));
    else if (event.key === "Home") commit(model.get("minimum"));
    else if (event.key === "End") commit(model.get("maximum"));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const changed = () => {
    if (!drag) describe();
  };

  el.addEventListener("pointerdown", down);
  el.addEventListener("pointermove", move);
  el.addEventListener("pointerup", up);
  el.addEventListener("pointercancel", up);
  el.addEventListener("keydown", key);
  for (const name of ["value", "minimum", "maximum"] as const) model.on(`change:${name}`, changed);

  // The view is rendered before it hangs in its container.
  const frame = requestAnimationFrame(describe);
  const observer = new ResizeObserver(() => {
    if (!drag) describe();
  });
  observer.observe(el);
  describe();

  return () => {
    cancelAnimationFrame(frame);
    observer.disconnect();
    el.removeEventListener("pointerdown", down);
    el.removeEventListener("pointermove", move);
    el.removeEventListener("pointerup", up);
    el.removeEventListener("pointercancel", up);
    el.removeEventListener("keydown", key);
    for (const name of ["value", "minimum", "maximum"] as const) model.off(`change:${name}`, changed);
  };
}

export default { render };

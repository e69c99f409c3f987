/**
 * The hand on a trace: zooms and pans the time axis of a bqplot figure in the browser, draws the
 * cursor, and keeps in step with a kymograph viewer's own axis without asking the kernel.
 */
import type { AnyModel, Render } from "@anywidget/types";
import { between, isBrush, withEnd, type Brush } from "./brush";
import { draw, shapes, type Marks } from "./marks";
import { byKey, clamp, cursorByKey, pan, shareOf, zoom, type Range } from "./range";
import { SketchLayer, type Sketch } from "./sketch";
import css from "./styles.css";

interface State {
  time_range: Range;
  full_range: Range;
  cursor_s: number | null;
  picked_s: number | null;
  brush: Brush;
  marks: Marks;
  sketch: Sketch;
  words: string;
  brush_words: string;
  readout: string;
  width_px: number;
  margins: { left: number; right: number; top: number; bottom: number };
  scale: string;
  viewer: string | null;
  label: string;
}

/** The little of a Backbone widget model that is used here. */
interface Foreign {
  get(name: string): unknown;
  set(values: Record<string, unknown>): void;
  save_changes(): void;
  on(event: string, callback: () => void): void;
  off(event: string, callback: () => void): void;
}

const DOUBLE_MS = 250; // within it a second click makes a double click of the first
const CLICK_PX = 3; // a hand that moves less than this has clicked, not dragged

async function resolve(model: AnyModel<State>, reference: string | null): Promise<Foreign | null> {
  if (!reference) return null;
  const id = reference.replace(/^IPY_MODEL_/, "");
  return (await model.widget_manager.get_model(id)) as unknown as Foreign;
}

function isRange(value: unknown): value is Range {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((end) => Number.isFinite(end)) &&
    value[1] > value[0]
  );
}

function element(className: string): HTMLDivElement {
  const div = document.createElement("div");
  div.className = className;
  return div;
}

const render: Render<State> = async ({ model, el }) => {
  if (!document.getElementById("cs-trace-style")) {
    const style = document.createElement("style");
    style.id = "cs-trace-style";
    style.textContent = css;
    document.head.append(style);
  }
  el.classList.add("cs-trace-pointer");
  const area = element("cs-pointer-area");
  const line = element("cs-pointer-line");
  const readout = element("cs-pointer-readout");
  const marks = element("cs-marks");
  const words = element("cs-trace-empty");
  const brushed = element("cs-brush");
  area.tabIndex = 0;
  area.setAttribute("role", "application");
  const sketch = new SketchLayer(() => el.closest(".cs-trace-plot"));
  area.append(sketch.root, marks, brushed, line, readout, words);
  el.append(area);

  const scale = await resolve(model, model.get("scale"));
  const viewer = await resolve(model, model.get("viewer"));
  const source: Foreign = viewer ?? (model as unknown as Foreign);

  const range = (): Range => {
    const value = source.get("time_range");
    return isRange(value) ? value : model.get("full_range");
  };
  const cursor = (): number | null => {
    const value = source.get("cursor_s");
    return typeof value === "number" && Number.isFinite(value) ? value : null;
  };

  const applyRange = () => {
    const [min, max] = range();
    // Only the browser's copy of the scale moves: Python knows the range from `time_range`.
    if (scale && (scale.get("min") !== min || scale.get("max") !== max)) scale.set({ min, max });
    applyCursor();
    applyMarks();
    applyBrush();
  };
  let due = 0;
  const applyMarks = () => {
    due ||= requestAnimationFrame(() => {
      due = 0;
      draw(marks, shapes(model.get("marks"), range()));
      sketch.redraw(range(), values());
    });
  };
  const values = (): Range => model.get("marks").values ?? [0, 1];
  const applySketch = () => sketch.show(model.get("sketch"), range(), values());
  const brush = (): Brush => {
    const value = model.get("brush");
    return isBrush(value) ? value : null;
  };
  const applyBrush = () => {
    const ends = brush()?.map((time) => shareOf(time, range())) ?? [2, 2];
    const [from, to] = ends.map((share) => Math.min(Math.max(share, 0), 1)) as [number, number];
    brushed.hidden = ends[1]! < 0 || ends[0]! > 1;
    brushed.style.left = `${from * 100}%`;
    brushed.style.width = `${(to - from) * 100}%`;
  };
  const applyBrushWords = () => {
    brushed.dataset["words"] = model.get("brush_words");
  };
  const applyWords = () => {
    words.textContent = model.get("words");
  };
  const applyCursor = () => {
    const time = cursor();
    const share = time === null ? -1 : shareOf(time, range());
    const hidden = !(share >= 0 && share <= 1);
    line.hidden = readout.hidden = hidden;
    if (hidden) return;
    line.style.left = `${share * 100}%`;
    const right = share > 0.5;
    readout.style.left = right ? "auto" : `calc(${share * 100}% + 8px)`;
    readout.style.right = right ? `calc(${(1 - share) * 100}% + 8px)` : "auto";
  };
  const applyReadout = () => {
    readout.textContent = model.get("readout");
  };
  const applyMargins = () => {
    const { left, right, top, bottom } = model.get("margins");
    area.style.inset = `${top}px ${right}px ${bottom}px ${left}px`;
  };
  const applyLabel = () => area.setAttribute("aria-label", model.get("label"));
  applyMargins();
  applyLabel();
  applyRange();
  applyReadout();
  applyWords();
  applyBrushWords();
  applySketch();

  const show = (wanted: Range) => {
    source.set({ time_range: [...clamp(wanted, model.get("full_range"))] });
    source.save_changes();
    applyRange();
  };
  const point = (time: number | null) => {
    source.set({ cursor_s: time });
    source.save_changes();
    applyCursor();
  };
  const select = (wanted: Brush) => {
    model.set("brush", wanted && [...wanted]);
    model.save_changes();
    applyBrush();
  };
  const shareAt = (event: MouseEvent) => {
    const box = area.getBoundingClientRect();
    return box.width > 0 ? Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1) : 0;
  };
  const timeAt = (event: MouseEvent) => {
    const [start, stop] = range();
    return start + shareAt(event) * (stop - start);
  };

  let waiting: ReturnType<typeof setTimeout> | undefined;
  const pick = (time: number, after = 0) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      model.set("picked_s", time);
      model.save_changes();
    }, after);
  };

  let drag: { x: number; range: Range; still: boolean; from?: number; was?: Brush } | null = null;
  const onWheel = (event: WheelEvent) => {
    event.preventDefault();
    const full = model.get("full_range");
    const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      show(pan(range(), sideways / 800, full));
    } else {
      const step = event.deltaMode === 1 ? event.deltaY * 16 : event.deltaY;
      show(zoom(range(), Math.exp(step * 0.002), shareAt(event), full));
    }
  };
  const onDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    area.setPointerCapture(event.pointerId);
    drag = { x: event.clientX, range: range(), still: true };
    if (event.shiftKey) Object.assign(drag, { from: timeAt(event), was: brush() });
    area.classList.add(event.shiftKey ? "cs-brushing" : "cs-dragging");
  };
  const onMove = (event: PointerEvent) => {
    if (drag && Math.abs(event.clientX - drag.x) > CLICK_PX) drag.still = false;
    if (drag && !drag.still && drag.from !== undefined) {
      select(between(drag.from, timeAt(event), model.get("full_range")));
    } else if (drag && !drag.still) {
      const width = area.getBoundingClientRect().width || 1;
      show(pan(drag.range, (drag.x - event.clientX) / width, model.get("full_range")));
    }
    point(timeAt(event));
  };
  const onUp = (event: PointerEvent) => {
    if (drag?.still && drag.from !== undefined) select(null); // Shift and a click let it go
    else if (drag?.still && event.type === "pointerup") pick(timeAt(event), DOUBLE_MS);
    drag = null;
    area.classList.remove("cs-dragging", "cs-brushing");
  };
  const onLeave = () => {
    if (!drag) point(null);
  };
  const onDouble = () => {
    clearTimeout(waiting); // two clicks fit; they do not pick
    show(model.get("full_range"));
  };
  const byBrushKey = (key: string): boolean => {
    const time = cursor();
    if (key === "Escape" && drag?.from !== undefined) {
      select(drag.was ?? null); // as it was before the hand began
      drag = null;
    } else if (key === "Escape" && brush()) select(null);
    else if ((key === "[" || key === "]") && time !== null) {
      select(withEnd(brush(), key === "[" ? "begin" : "end", time, range(), model.get("full_range")));
    } else return false;
    return true;
  };
  const byCursorKey = (key: string): boolean => {
    const time = cursorByKey(key, cursor(), range());
    if (time === null) return false;
    point(time);
    return true;
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const time = cursor();
    if (event.key === "Enter" && time !== null) {
      event.preventDefault();
      event.stopPropagation();
      pick(time);
      return;
    }
    if (byBrushKey(event.key) || byCursorKey(event.key)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const wanted = byKey(event.key, range(), model.get("full_range"));
    if (!wanted) return;
    event.preventDefault();
    event.stopPropagation();
    show(wanted);
  };
  const events: [string, (event: never) => void][] = [
    ["wheel", onWheel],
    ["pointerdown", onDown],
    ["pointermove", onMove],
    ["pointerup", onUp],
    ["pointercancel", onUp],
    ["pointerleave", onLeave],
    ["dblclick", onDouble],
    ["keydown", onKey],
  ];
  for (const [name, handler] of events) {
    area.addEventListener(name, handler as EventListener, { passive: false });
  }

  const watch: [Foreign, string, () => void][] = [
    [source, "change:time_range", applyRange],
    [source, "change:cursor_s", applyCursor],
    [model as unknown as Foreign, "change:full_range", applyRange],
    [model as unknown as Foreign, "change:readout", applyReadout],
    [model as unknown as Foreign, "change:margins", applyMargins],
    [model as unknown as Foreign, "change:label", applyLabel],
    [model as unknown as Foreign, "change:marks", applyMarks],
    [model as unknown as Foreign, "change:sketch", applySketch],
    [model as unknown as Foreign, "change:brush", applyBrush],
    [model as unknown as Foreign, "change:brush_words", applyBrushWords],
    [model as unknown as Foreign, "change:words", applyWords],
  ];
  for (const [on, event, callback] of watch) on.on(event, callback);

  const sizes = new ResizeObserver(() => {
    const width = Math.round(area.getBoundingClientRect().width);
    if (width > 0 && width !== model.get("width_px")) {
      model.set("width_px", width);
      model.save_changes();
    }
  });
  sizes.observe(area);

  return () => {
    clearTimeout(waiting);
    cancelAnimationFrame(due);
    sizes.disconnect();
    sketch.dispose();
    for (const [on, event, callback] of watch) on.off(event, callback);
    for (const [name, handler] of events) area.removeEventListener(name, handler as EventListener);
  };
};

export default { render };

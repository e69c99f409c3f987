// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import widget from "./index";

function open(extra: Record<string, unknown> = {}) {
  const state: Record<string, unknown> = {
    value: 300,
    minimum: 200,
    maximum: 500,
    variable: "--left",
    container: ".cs-app",
    orientation: "vertical",
    reverse: false,
    label: "Resize the panes",
    ...extra,
  };
  const handlers = new Map<string, () => void>();
  const model = {
    get: (key: string) => state[key],
    set: (key: string, value: unknown) => {
      state[key] = value;
    },
    save_changes: vi.fn(),
    on: (event: string, handler: () => void) => void handlers.set(event, handler),
    off: (event: string) => void handlers.delete(event),
  };
  const app = document.createElement("div");
  app.className = "cs-app";
  const el = document.createElement("div");
  el.setPointerCapture = () => undefined;
  app.append(el);
  document.body.append(app);
  const clean = widget.render({ model, el } as never) as () => void;
  const pointer = (type: string, clientX: number) =>
    el.dispatchEvent(new PointerEvent(type, { clientX, clientY: 0, button: 0, pointerId: 1, bubbles: true }));
  const key = (name: string) => el.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
  const shown = () => app.style.getPropertyValue("--left");
  return { state, handlers, model, el, clean, pointer, key, shown };
}

beforeEach(() => {
  document.body.replaceChildren();
});

describe("the splitter", () => {
  it("is a separator with a value", () => {
    const { el, shown } = open();
    expect(el.getAttribute("role")).toBe("separator");
    expect(el.getAttribute("aria-valuenow")).toBe("300");
    expect(el.getAttribute("aria-orientation")).toBe("vertical");
    expect(el.tabIndex).toBe(0);
    expect(shown()).toBe("300px");
  });

  it("follows the hand at once and tells Python when it lets go", () => {
    const { pointer, shown, state, model } = open();
    pointer("pointerdown", 1000);
    pointer("pointermove", 1040);
    expect(shown()).toBe("340px");
    expect(state["value"]).toBe(300);
    pointer("pointermove", 2000);
    expect(shown()).toBe("500px");
    pointer("pointerup", 2000);
    expect(state["value"]).toBe(500);
    expect(model.save_changes).toHaveBeenCalledOnce();
    pointer("pointermove", 1000);
    expect(shown()).toBe("500px");
  });

  it("turns round where the pane lies behind it", () => {
    const { pointer, shown, key, state } = open({ reverse: true });
    pointer("pointerdown", 1000);
    pointer("pointermove", 960);
    pointer("pointerup", 960);
    expect(shown()).toBe("340px");
    key("ArrowLeft");
    expect(state["value"]).toBe(356);
  });

  it("moves by keys", () => {
    const { key, state } = open();
    key("ArrowRight");
    expect(state["value"]).toBe(316);
    key("End");
    expect(state["value"]).toBe(500);
    key("Home");
    expect(state["value"]).toBe(200);
    key("Tab");
    expect(state["value"]).toBe(200);
  });

  it("follows Python, but not while dragged", () => {
    const { state, handlers, shown, pointer } = open();
    state["value"] = 400;
    handlers.get("change:value")?.();
    expect(shown()).toBe("400px");
    pointer("pointerdown", 0);
    state["value"] = 250;
    handlers.get("change:value")?.();
    expect(shown()).toBe("400px");
    pointer("pointerup", 0);
  });

  it("lets go when the view is removed", () => {
    const { handlers, clean, key, state } = open();
    clean();
    expect(handlers.size).toBe(0);
    key("ArrowRight");
    expect(state["value"]).toBe(300);
  });
});

// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import page from "./index";

type Listener = (message: unknown) => void;

function fakeModel(values: Record<string, unknown>) {
  const listeners = new Map<string, Set<Listener>>();
  return {
    sent: [] as unknown[],
    listeners,
    get: (name: string) => values[name],
    set: (name: string, value: unknown) => void (values[name] = value),
    on: (name: string, listener: Listener) => {
      listeners.set(name, (listeners.get(name) ?? new Set()).add(listener));
    },
    off: (name: string, listener: Listener) => void listeners.get(name)?.delete(listener),
    send(message: unknown) {
      this.sent.push(message);
    },
  };
}

describe("the app's page", () => {
  let model: ReturnType<typeof fakeModel>;
  let app: HTMLElement;
  let stop: () => void;

  beforeEach(() => {
    document.body.innerHTML = '<div class="cs-app"><div id="page"></div><input></div><p></p>';
    app = document.querySelector(".cs-app")!;
    model = fakeModel({
      shortcuts: [
        { key: "a", action: "accept", modifier: false, shift: false },
        { key: "s", action: "save", modifier: true, shift: false },
      ],
      unsaved: 1,
    });
    stop = page.render({ model, el: document.getElementById("page")! } as never) as () => void;
    return () => stop();
  });

  const key = (target: Element, init: KeyboardEventInit) => {
    const event = new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init });
    target.dispatchEvent(event);
    return event;
  };

  it("hands over a key pressed inside the app, and hides it from the notebook", () => {
    const outside = vi.fn();
    document.body.addEventListener("keydown", outside);
    const event = key(app, { key: "a" });
    expect(model.sent).toEqual([{ kind: "action", action: "accept" }]);
    expect(event.defaultPrevented).toBe(true);
    expect(outside).not.toHaveBeenCalled();
    document.body.removeEventListener("keydown", outside);
  });

  it("leaves alone what is pressed elsewhere or typed", () => {
    key(document.querySelector("p")!, { key: "a" });
    key(document.querySelector("input")!, { key: "a" });
    expect(model.sent).toEqual([]);
  });

  it("saves from within a field, after the field gave up its value", () => {
    const field = document.querySelector("input")!;
    field.focus();
    key(field, { key: "s", ctrlKey: true });
    expect(document.activeElement).not.toBe(field);
    expect(model.sent).toEqual([{ kind: "action", action: "save" }]);
  });

  it("takes Escape only while something lies over the app", () => {
    expect(key(app, { key: "Escape" }).defaultPrevented).toBe(false);
    model.set("overlay", true);
    key(document.querySelector("input")!, { key: "Escape" });
    expect(model.sent).toEqual([{ kind: "action", action: "close" }]);
  });

  it("lets go of everything", () => {
    stop();
    key(app, { key: "a" });
    expect(model.sent).toEqual([]);
    expect([...model.listeners.values()].every((set) => set.size === 0)).toBe(true);
  });
});

// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import widget from "./index";

type Handler = (...args: unknown[]) => void;

/** The part of a widget model that a view uses. */
class FakeModel {
  sent: Record<string, unknown>[] = [];
  saves = 0;
  private handlers = new Map<string, Set<Handler>>();
  constructor(private state: Record<string, unknown>) {}
  get = (key: string) => this.state[key];
  set(key: string, value: unknown) {
    if (this.state[key] === value) return;
    this.state[key] = value;
    this.emit(`change:${key}`);
  }
  save_changes = () => void this.saves++;
  send = (message: Record<string, unknown>) => void this.sent.push(message);
  on = (event: string, handler: Handler) =>
    void (this.handlers.get(event) ?? this.handlers.set(event, new Set()).get(event))?.add(handler);
  off = (event: string, handler: Handler) => void this.handlers.get(event)?.delete(handler);
  emit = (event: string, ...args: unknown[]) =>
    [...(this.handlers.get(event) ?? [])].forEach((handler) => handler(...args));
  get listeners() {
    return [...this.handlers.values()].reduce((n, set) => n + set.size, 0);
  }
}

const columns = [
  {
    key: "status",
    title: "Status",
    kind: "glyph",
    glyphs: [{ value: "none", text: "○", title: "not yet", tone: "dim" }],
  },
  { key: "name", title: "Recording", kind: "text" },
  { key: "rois", title: "ROIs", kind: "number" },
];

function open(extra: Record<string, unknown> = {}) {
  const model = new FakeModel({
    columns,
    hidden: [],
    column_order: [],
    widths: {},
    sort_by: "",
    selected: null,
    selected_rows: [],
    multiple: false,
    filter: "",
    column_filters: {},
    matches: 0,
    group_by: "",
    groupable: [],
    choice_label: "",
    choices: [],
    choice: "",
    noun: "recordings",
    label: "recordings",
    legend: "status",
    placeholder: "nothing",
    filter_hint: "Filter…",
    shortcuts: ["a"],
    _data: { id: [0, 1, 2], status: ["none", "none", "none"], name: ["x", "y", "z"], rois: [0, 1, 2] },
    ...extra,
  });
  const el = document.createElement("div");
  document.body.append(el);
  const clean = widget.render({ model, el } as never) as () => void;
  return { model, el, clean };
}

const ready = (el: HTMLElement) => vi.waitFor(() => expect(el.dataset["ready"]).toBe("1"));
const grid = (el: HTMLElement) => el.querySelector<HTMLElement>(".cs-grid") as HTMLElement;
const press = (el: HTMLElement, key: string, more: KeyboardEventInit = {}) =>
  grid(el).dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }),
  );

afterEach(() => document.body.replaceChildren());

describe("the table", () => {
  it("asks for rows, counts them and explains its marks", async () => {
    const { model, el } = open();
    await ready(el);
    expect(model.sent[0]).toEqual({ kind: "ready" });
    expect(el.querySelector(".cs-count")?.textContent).toBe("3 recordings");
    expect(el.querySelector(".cs-legend")?.textContent).toContain("not yet");
    expect(grid(el).getAttribute("aria-rowcount")).toBe("3");
  });

  it("moves the selection by keys and keeps them from the host", async () => {
    const { model, el } = open();
    await ready(el);
    const outer = vi.fn();
    document.body.addEventListener("keydown", outer);
    press(el, "End");
    expect(model.get("selected")).toBe(2);
    press(el, "k");
    expect(model.get("selected")).toBe(1);
    expect(outer).not.toHaveBeenCalled();
    press(el, "Escape");
    expect(outer).toHaveBeenCalledOnce();
    document.body.removeEventListener("keydown", outer);
  });

  it("does not answer a selection that came from Python", async () => {
    const { model, el } = open();
    await ready(el);
    const saves = model.saves;
    model.set("selected", 2);
    model.set("selected", 0);
    expect(model.saves).toBe(saves);
  });

  it("hands on its shortcuts", async () => {
    const { model, el } = open();
    await ready(el);
    press(el, "A");
    expect(model.sent.at(-1)).toEqual({ kind: "key", key: "a" });
  });

  it("narrows to a filter set from Python and tells how many are left", async () => {
    const { model, el } = open();
    await ready(el);
    model.set("filter", "rois>=1");
    await vi.waitFor(() => expect(model.get("matches")).toBe(2));
    expect(el.querySelector(".cs-count")?.textContent).toBe("2 of 3");
    expect(model.sent.at(-1)).toEqual({ kind: "order", ids: [1, 2] });
  });

  it("walks through groups in their order, and through all once ungrouped", async () => {
    const { model, el } = open({
      group_by: "folder",
      _data: { id: [0, 1, 2], name: ["x", "y", "z"], folder: ["day1", "day2", "day1"] },
    });
    await ready(el);
    press(el, "Home");
    press(el, "j");
    expect(model.get("selected")).toBe(2);
    model.set("group_by", "");
    press(el, "k");
    expect(model.get("selected")).toBe(1);
  });

  it("is a grid of rows for a screen reader, and of none where the list is empty", async () => {
    const { model, el } = open();
    await ready(el);
    const holder = el.querySelector(".tabulator-tableholder");
    expect(holder?.getAttribute("role")).toBe("rowgroup");
    model.set("filter", "nowhere");
    await vi.waitFor(() => expect(holder?.hasAttribute("tabindex")).toBe(false));
    model.set("filter", "");
    await vi.waitFor(() => expect(holder?.getAttribute("role")).toBe("rowgroup"));
  });

  it("takes rows that come by message", async () => {
    const { model, el } = open({ _data: {} });
    model.emit("msg:custom", { kind: "data", columns: { id: [7], name: ["late"] } }, []);
    await ready(el);
    expect(el.querySelector(".cs-count")?.textContent).toBe("1 recording");
  });

  it("selects several rows by keys and says how many", async () => {
    const { model, el } = open({ multiple: true });
    await ready(el);
    expect(grid(el).getAttribute("aria-multiselectable")).toBe("true");
    press(el, "Home");
    press(el, "ArrowDown", { shiftKey: true });
    expect(model.get("selected_rows")).toEqual([0, 1]);
    expect(model.get("selected")).toBe(0);
    expect(el.querySelector(".cs-count")?.textContent).toBe("3 recordings · 2 selected");
    press(el, "a", { ctrlKey: true });
    expect(model.get("selected_rows")).toEqual([0, 1, 2]);
    press(el, "Escape");
    expect(model.get("selected_rows")).toEqual([0]);
    press(el, "j");
    expect(model.get("selected_rows")).toEqual([1]);
    expect(model.get("selected")).toBe(1);
  });

  it("selects one row where several make no sense", async () => {
    const { model, el } = open();
    await ready(el);
    expect(grid(el).hasAttribute("aria-multiselectable")).toBe(false);
    press(el, "Home");
    press(el, "ArrowDown", { shiftKey: true });
    expect(model.get("selected")).toBe(1);
    expect(model.get("selected_rows")).toEqual([1]);
  });

  it("follows rows that Python selects", async () => {
    const { model, el } = open({ multiple: true });
    await ready(el);
    const saves = model.saves;
    model.set("selected_rows", [2, 1]);
    model.set("selected", 2);
    await vi.waitFor(() =>
      expect(el.querySelector(".cs-count")?.textContent).toBe("3 recordings · 2 selected"),
    );
    expect(model.saves).toBe(saves);
  });

  it("filters by columns from its menu and shows what is in force", async () => {
    const { model, el } = open();
    await ready(el);
    const box = el.querySelector<HTMLInputElement>("[aria-label='Filter by ROIs']");
    if (!box) throw new Error("no box to filter by");
    box.value = "1..2";
    box.dispatchEvent(new Event("input"));
    await vi.waitFor(() => expect(model.get("column_filters")).toEqual({ rois: "1..2" }));
    await vi.waitFor(() => expect(model.get("matches")).toBe(2));
    const chip = el.querySelector<HTMLButtonElement>(".cs-chip");
    expect(chip?.textContent).toBe("ROIs 1..2 ✕");
    chip?.click();
    await vi.waitFor(() => expect(model.get("matches")).toBe(3));
    expect(el.querySelector(".cs-chip")).toBeNull();
  });

  it("groups from its menu", async () => {
    const { model, el } = open({ groupable: ["name"] });
    await ready(el);
    const select = el.querySelector<HTMLSelectElement>(".cs-columns-choice select");
    if (!select) throw new Error("no choice of groups");
    expect([...select.options].map((option) => option.text)).toEqual(["nothing", "Recording"]);
    select.value = "name";
    select.dispatchEvent(new Event("change"));
    expect(model.get("group_by")).toBe("name");
  });

  it("copies what is shown, or the rows selected, as a spreadsheet takes them", async () => {
    const write = vi.fn((_text: string) => Promise.resolve());
    vi.spyOn(navigator, "clipboard", "get").mockReturnValue({ writeText: write } as never);
    const { model, el } = open({ multiple: true, hidden: ["status"] });
    await ready(el);
    press(el, "c", { ctrlKey: true });
    await vi.waitFor(() => expect(write).toHaveBeenCalledWith("Recording\tROIs\nx\t0\ny\t1\nz\t2"));
    model.set("selected_rows", [0, 2]);
    model.set("selected", 0);
    press(el, "c", { ctrlKey: true });
    await vi.waitFor(() => expect(write).toHaveBeenLastCalledWith("Recording\tROIs\nx\t0\nz\t2"));
    await vi.waitFor(() => expect(el.querySelector(".cs-count")?.textContent).toBe("2 rows copied"));
    vi.restoreAllMocks();
  });

  it("takes other columns and another order of them", async () => {
    const { model, el } = open();
    await ready(el);
    model.set("column_order", ["rois", "name"]);
    await vi.waitFor(() => {
      const heads = [...el.querySelectorAll(".tabulator-col")].map((head) =>
        head.getAttribute("tabulator-field"),
      );
      expect(heads).toEqual(["status", "rois", "name"]);
    });
    await ready(el);
    model.set("columns", [...columns, { key: "extra", title: "Extra", kind: "text" }]);
    await vi.waitFor(() => expect(el.querySelectorAll(".tabulator-col").length).toBe(4));
    expect(el.querySelector(".cs-columns-list")?.textContent).toContain("Extra");
  });

  it("lets go of everything when the view is removed", async () => {
    const { model, el, clean } = open();
    await ready(el);
    clean();
    expect(model.listeners).toBe(0);
    expect(el.childElementCount).toBe(0);
  });
});

// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import { RoiEdits } from "./edits";
import { FakeModel, plane, roi } from "./fake_model";
import { ImageSource } from "./image_source";
import makeWidget from "./index";
import { BINDINGS, commandFor, keyName } from "./keyboard";
import { RoiEditor } from "./roi_editor";
import { TraitWriter } from "./trait_writer";

const frame = () => new Promise((resolve) => setTimeout(resolve, 40));

const key = (name: string, held: Partial<Record<"ctrlKey" | "metaKey" | "altKey" | "shiftKey", boolean>> = {}) => ({
  key: name, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held,
});

function mount(model: FakeModel) {
  const el = document.createElement("div");
  document.body.append(el);
  const widget = makeWidget();
  const stopModel = widget.initialize({ model });
  const stopView = widget.render({ model, el });
  return { el, widget, stopModel, stopView, root: el.querySelector<HTMLElement>(".cs-viewer")! };
}

afterEach(() => document.body.replaceChildren());

describe("keyboard table", () => {
  it("gives every key one meaning", () => {
    const keys = BINDINGS.flatMap((binding) => binding.keys);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("understands letters, shift and ⌘", () => {
    expect(commandFor(key("z", { ctrlKey: true }))).toBe("undo");
    expect(commandFor(key("Z", { metaKey: true, shiftKey: true }))).toBe("redo");
    expect(commandFor(key("V"))).toBe("tool-select"); // caps lock
    expect(commandFor(key("?", { shiftKey: true }))).toBe("help");
    expect(commandFor(key("ArrowLeft", { shiftKey: true }))).toBe("left");
    expect(commandFor(key("q"))).toBeUndefined();
    expect(keyName(key("ArrowUp", { altKey: true, shiftKey: true }))).toBe("Alt+Shift+ArrowUp");
  });
});

describe("ROI edits", () => {
  const start = roi(1, [10, 20, 0, 4]);
  const setUp = () => {
    const model = new FakeModel({ _rois: [start] });
    const said: string[] = [];
    const edits = new RoiEdits(new ImageSource(model), () => {}, (text) => said.push(text));
    return { model, edits, said, shown: () => edits.shown(model.get("_rois")) };
  };

  it("shows an edit before Python answers, whatever older state arrives", async () => {
    const { model, edits, shown } = setUp();
    const done = edits.changeBounds(1, start, { ...start, row_stop: 50 });
    expect(model.sent.at(-1)).toMatchObject({ changes: { row_stop: 50 } });
    model.set("_rois", [{ ...start, name: "older echo" }]);
    expect(shown()[0]).toMatchObject({ row_stop: 50, name: "older echo" });
    model.set("_rois", [{ ...start, row_stop: 50 }]);
    model.done();
    await done;
    expect(shown()).toEqual([{ ...start, row_stop: 50 }]);
  });

  it("takes a refused edit back and says why", async () => {
    const { model, edits, said, shown } = setUp();
    const done = edits.changeBounds(1, start, { ...start, row_stop: 50 });
    model.done({ kind: "refused", text: "ROI 1 is locked" });
    await done;
    expect(shown()).toEqual([start]);
    expect(said).toEqual(["ROI 1 is locked"]);
  });

  it("sends nothing where nothing changed", async () => {
    const { model, edits } = setUp();
    const before = model.sent.length;
    await edits.changeBounds(1, start, { ...start });
    expect(model.sent).toHaveLength(before);
  });

  it("lays a drag over what others do meanwhile", () => {
    const { model, edits, shown } = setUp();
    edits.preview(1, { row_start: 5, row_stop: 15, col_start: 0, col_stop: 4 });
    model.set("_rois", [{ ...start, name: "named meanwhile" }, roi(2, [0, 1, 0, 1])]);
    expect(shown()[0]).toMatchObject({ row_start: 5, name: "named meanwhile" });
    expect(shown()).toHaveLength(2);
    edits.preview(1, undefined);
    expect(shown()[0]!.row_start).toBe(10);
  });

  const at = (row_start: number) => ({ row_start, row_stop: row_start + 10, col_start: 0, col_stop: 4 });

  it("tells Python of what is under the hand, few messages at a time, the newest next, and its end last", async () => {
    const { model, edits } = setUp();
    const drags = () => model.sent.filter(({ kind }) => kind === "drag");
    for (let row = 11; row < 20; row++) edits.preview(1, at(row));
    expect(drags()).toMatchObject([11, 12, 13, 14].map((row) => ({ roi_id: 1, bounds: at(row) })));
    model.done();
    await vi.waitFor(() => expect(drags()).toHaveLength(5));
    expect(drags()[4]).toMatchObject({ roi_id: 1, bounds: at(19) });
    edits.preview(1, undefined);
    model.done();
    await vi.waitFor(() => expect(drags()).toHaveLength(6));
    expect(drags()[5]).toMatchObject({ bounds: null });
  });

  it("tells no id of what is being drawn", () => {
    const { model, edits } = setUp();
    edits.preview(null, at(5));
    expect(model.sent.at(-1)).toMatchObject({ kind: "drag", roi_id: null, bounds: at(5) });
  });
});

describe("ROI editor", () => {
  const shown = plane(1000, 40);
  const setUp = (found = roi(1, [100, 200, 4, 30], { name: "artery" })) => {
    const stage = { change: vi.fn(), run: vi.fn(), leave: vi.fn() };
    const editor = new RoiEditor(stage);
    document.body.append(editor.root);
    editor.draw(found, shown);
    editor.toggle(true);
    const input = (label: string) => editor.root.querySelector<HTMLInputElement>(`[aria-label="${label}"]`)!;
    const type = (label: string, value: string) => {
      input(label).value = value;
      input(label).dispatchEvent(new Event("change"));
    };
    return { stage, editor, input, type };
  };

  it("takes bounds in units and in pixels", () => {
    const { stage, editor, input, type } = setUp();
    expect(input("row start").value).toBe("1.000");
    type("row start", "0,5");
    expect(stage.change).toHaveBeenLastCalledWith(1, { row_start: 50 });
    type("col stop", "12.4");
    expect(stage.change).toHaveBeenLastCalledWith(1, { col_stop: 25 });
    [...editor.root.querySelectorAll("button")].find((one) => one.textContent === "in pixels")!.click();
    expect(input("row stop").value).toBe("200");
    type("row stop", "300");
    expect(stage.change).toHaveBeenLastCalledWith(1, { row_stop: 300 });
    type("row stop", "many");
    expect(stage.change).toHaveBeenCalledTimes(3);
    expect(input("row stop").value).toBe("200");
  });

  it("does not pull away what is being typed, but shows another ROI", () => {
    const { editor, input } = setUp();
    input("Name").focus();
    input("Name").value = "arte";
    editor.draw(roi(1, [0, 200, 4, 30], { name: "artery" }), shown);
    expect([input("Name").value, input("row start").value]).toEqual(["arte", "0.000"]);
    editor.draw(roi(2, [0, 9, 0, 4], { name: "vein", locked: true }), shown);
    expect(input("Name").value).toBe("vein");
    expect([input("row start").disabled, input("Note").disabled]).toEqual([true, false]);
    editor.draw(undefined, shown);
    expect(editor.open).toBe(false);
  });

  it("gives colours and runs commands", () => {
    const { stage, editor } = setUp();
    editor.root.querySelectorAll<HTMLButtonElement>("[role=radio]")[2]!.click();
    expect(stage.change).toHaveBeenLastCalledWith(1, { color: "#3ddbd9" });
    [...editor.root.querySelectorAll("button")].find((one) => one.textContent === "Duplicate")!.click();
    expect(stage.run).toHaveBeenCalledWith("duplicate");
  });
});

describe("trait writer", () => {
  it("sends at once, then at intervals, and the last value always", () => {
    vi.useFakeTimers();
    const model = new FakeModel();
    const writer = new TraitWriter(model, 50);
    for (let i = 0; i < 20; i++) writer.set("time_range", [0, 1 + i]);
    expect(model.saves).toBe(1);
    vi.advanceTimersByTime(51);
    expect(model.saves).toBe(2);
    vi.advanceTimersByTime(500);
    expect(model.saves).toBe(2);
    expect(model.get("time_range")).toEqual([0, 20]);
    vi.useRealTimers();
  });

  it("sends what is not urgent with what is, or alone after a while", () => {
    vi.useFakeTimers();
    const model = new FakeModel();
    const writer = new TraitWriter(model, 50);
    writer.setIdly("cursor_s", 1, 250);
    vi.advanceTimersByTime(200);
    expect(model.saves).toBe(0);
    writer.set("time_range", [0, 1]); // does not wait for the other
    expect(model.saves).toBe(1);
    vi.advanceTimersByTime(500);
    expect(model.saves).toBe(1);
    writer.setIdly("cursor_s", 2, 250);
    vi.advanceTimersByTime(251);
    expect(model.saves).toBe(2);
    writer.flush();
    vi.useRealTimers();
  });
});

describe("viewer", () => {
  it("leaves no listener behind", () => {
    const model = new FakeModel();
    const { widget, stopModel, stopView, el } = mount(model);
    const again = widget.render({ model, el: document.createElement("div") });
    stopView();
    again();
    stopModel();
    expect(model.listeners).toBe(0);
    expect(el.querySelector(".cs-viewer")).toBeNull();
  });

  it("fetches an image once for two views", () => {
    const model = new FakeModel();
    const { widget, stopModel, stopView } = mount(model);
    const again = widget.render({ model, el: document.createElement("div") });
    expect(model.sent.filter(({ kind }) => kind === "tiles")).toHaveLength(1);
    stopView();
    again();
    stopModel();
  });

  it("shows names as text, never as markup", async () => {
    const model = new FakeModel({ _rois: [roi(1, [0, 4, 0, 4], { name: "<img src=x onerror=alert(1)>" })] });
    const { root, stopView } = mount(model);
    sizeOf(root, 400, 200);
    await frame();
    expect(root.querySelector(".cs-roi-label")!.textContent).toBe("1 <img src=x onerror=alert(1)>");
    expect(root.querySelector("img")).toBeNull();
    stopView();
  });

  it("draws nothing while it has no size, and then catches up", async () => {
    const model = new FakeModel({ _rois: [roi(1, [0, 4, 0, 4])] });
    const { root, stopView } = mount(model);
    await frame();
    expect(root.querySelectorAll(".cs-roi")).toHaveLength(0);
    sizeOf(root, 400, 200);
    model.set("gamma", 1.1);
    await frame();
    expect(root.querySelectorAll(".cs-roi")).toHaveLength(1);
    expect(root.dataset["timeRange"]).toBe("0,0.08");
    stopView();
  });

  it("follows ranges from Python, also when the scale changes with them", async () => {
    const model = new FakeModel({ _plane: plane(1000, 4) });
    const { root, stopView } = mount(model);
    sizeOf(root, 400, 200);
    model.set("time_range", [2, 4]);
    await frame();
    expect(root.dataset["timeRange"]).toBe("2,4");
    const slower = plane(1000, 4);
    slower.rows = { ...slower.rows, scale: 0.1 };
    model.update({ time_range: [20, 40], _plane: slower });
    await frame();
    expect(root.dataset["timeRange"]).toBe("20,40");
    stopView();
  });

  it("takes a range from Python even right after a gesture", async () => {
    const model = new FakeModel({ _plane: plane(1000, 4) });
    const { root, stopView } = mount(model);
    sizeOf(root, 400, 200);
    await frame();
    root.dispatchEvent(new KeyboardEvent("keydown", { key: "+", bubbles: true }));
    const own = model.get("time_range");
    expect(own[1] - own[0]).toBeCloseTo(10 / 1.6);
    model.set("time_range", [2, 4]);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(root.dataset["timeRange"]).toBe("2,4");
    stopView();
  });

  it("says so where nobody sends the picture", async () => {
    const now = vi.spyOn(performance, "now");
    const model = new FakeModel();
    const { root, stopView } = mount(model);
    sizeOf(root, 400, 200);
    await frame();
    const message = root.querySelector<HTMLElement>(".cs-message")!;
    expect(message.hidden).toBe(true);
    now.mockReturnValue(1e9);
    model.set("gamma", 1.2);
    await frame();
    expect(message.hidden).toBe(false);
    expect(message.textContent).toContain("run the notebook");
    now.mockRestore();
    stopView();
  });

  it("runs commands by keys and says what is missing", async () => {
    const model = new FakeModel({ _rois: [roi(1, [0, 4, 0, 2], { locked: true })], selected_roi_id: 1 });
    const { root, stopView } = mount(model);
    sizeOf(root, 400, 200);
    const press = (name: string) =>
      root.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));
    press("d");
    expect(model.get("tool")).toBe("draw");
    press("m");
    expect(model.get("lut")).toBe("inverted gray");
    press("ArrowRight");
    expect(root.querySelector(".cs-news")!.textContent).toContain("locked");
    press("Escape");
    expect(model.get("tool")).toBe("select");
    press("Escape");
    expect(model.get("selected_roi_id")).toBeNull();
    stopView();
  });

  it("sends held arrows as one edit when the key is let go", async () => {
    const model = new FakeModel({ _plane: plane(1000, 4), _rois: [roi(1, [10, 20, 0, 2])], selected_roi_id: 1 });
    const { root, stopView } = mount(model);
    sizeOf(root, 400, 200);
    const arrow = (type: string) =>
      root.dispatchEvent(new KeyboardEvent(type, { key: "ArrowRight", bubbles: true, cancelable: true }));
    for (let i = 0; i < 5; i++) arrow("keydown");
    expect(model.sent.filter(({ kind }) => kind === "edit")).toHaveLength(0);
    arrow("keyup");
    expect(model.sent.filter(({ kind }) => kind === "edit")).toMatchObject([
      { roi_id: 1, changes: { row_start: 15, row_stop: 25 } },
    ]);
    stopView();
  });
});

function sizeOf(root: HTMLElement, width: number, height: number): void {
  const plot = root.querySelector<HTMLElement>(".cs-plot")!;
  Object.defineProperty(plot, "clientWidth", { value: width });
  Object.defineProperty(plot, "clientHeight", { value: height });
}

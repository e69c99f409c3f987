// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { actionOf, isTyping, type Shortcut } from "./shortcuts";

const KEYS: Shortcut[] = [
  { key: "j", action: "next", modifier: false, shift: false },
  { key: "s", action: "save", modifier: true, shift: false },
  { key: "z", action: "undo", modifier: true, shift: false },
  { key: "z", action: "redo", modifier: true, shift: true },
  { key: "?", action: "help", modifier: false, shift: false },
];

function press(key: string, held: Partial<KeyboardEvent> = {}) {
  return actionOf(
    { key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held },
    KEYS,
  );
}

describe("shortcuts", () => {
  it("tells undo from redo by Shift, and takes Cmd for Ctrl", () => {
    expect(press("z", { ctrlKey: true })).toBe("undo");
    expect(press("Z", { ctrlKey: true, shiftKey: true })).toBe("redo");
    expect(press("s", { metaKey: true })).toBe("save");
  });

  it("leaves letters with a modifier, and Alt, to the browser", () => {
    expect(press("j")).toBe("next");
    expect(press("j", { ctrlKey: true })).toBeNull();
    expect(press("j", { altKey: true })).toBeNull();
    expect(press("s")).toBeNull();
  });

  it("takes a question mark whatever the keyboard needs for it", () => {
    expect(press("?", { shiftKey: true })).toBe("help");
    expect(press("?")).toBe("help");
  });

  it("knows where text is being written", () => {
    const make = (html: string) => {
      document.body.innerHTML = html;
      return document.body.firstElementChild;
    };
    expect(isTyping(make('<input type="text">'))).toBe(true);
    expect(isTyping(make("<textarea></textarea>"))).toBe(true);
    expect(isTyping(make("<select></select>"))).toBe(true);
    expect(isTyping(make('<input type="checkbox">'))).toBe(false);
    expect(isTyping(make("<button></button>"))).toBe(false);
    expect(isTyping(null)).toBe(false);
  });
});

/** The app's keys, clipboard and warning before unsaved work is left. */
import type { RenderProps } from "@anywidget/types";
import { actionOf, isTyping, type Shortcut } from "./shortcuts";

interface PageModel {
  shortcuts: Shortcut[];
  unsaved: number;
  overlay: boolean;
}

// Three panes side by side need the first width; below it list and panels share a column beside
// the picture, below the second they stand under it, below the third under each other.
const MEDIUM_PX = 1360;
const NARROW_PX = 940;
const TINY_PX = 640;

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without permission the old way still works while the page has the focus.
    const area = document.createElement("textarea");
    area.value = text;
    area.style.cssText = "position:fixed;opacity:0";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

function render({ model, el }: RenderProps<PageModel>): () => void {
  el.classList.add("cs-app-page");
  const stop = new AbortController();
  const whole = document.body.dataset["voila"] !== undefined;

  // The app is not around this element yet: its other children join after this one is drawn.
  const app = () => el.closest<HTMLElement>(".cs-app");
  const inside = (target: EventTarget | null) =>
    target instanceof Node && (app()?.contains(target) ?? false);
  const sizes = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      const { width } = contentRect;
      target.classList.toggle("cs-medium", width >= NARROW_PX && width < MEDIUM_PX);
      target.classList.toggle("cs-narrow", width > 0 && width < NARROW_PX);
      target.classList.toggle("cs-tiny", width > 0 && width < TINY_PX);
    }
  });
  requestAnimationFrame(() => {
    const root = app();
    if (!root) return;
    if (!root.hasAttribute("tabindex")) root.tabIndex = -1;
    sizes.observe(root);
  });

  // Capturing, because a notebook would otherwise move its cells by the same letters.
  window.addEventListener(
    "keydown",
    (event) => {
      if (!(whole || inside(event.target))) return;
      if (event.key === "Escape" && model.get("overlay")) {
        event.preventDefault();
        event.stopPropagation();
        model.send({ kind: "action", action: "close" });
        return;
      }
      const action = actionOf(event, model.get("shortcuts"));
      if (action === null) return;
      const held = event.ctrlKey || event.metaKey;
      if (isTyping(event.target)) {
        // In a text field letters are text, and undo is the field's own.
        if (action !== "save") return;
        (event.target as HTMLElement).blur();
      }
      if (!held && event.repeat && action !== "next" && action !== "previous") return;
      event.preventDefault();
      event.stopPropagation();
      model.send({ kind: "action", action });
    },
    { capture: true, signal: stop.signal },
  );

  window.addEventListener(
    "beforeunload",
    (event) => {
      if (model.get("unsaved") > 0 && app()) event.preventDefault();
    },
    { signal: stop.signal },
  );

  const onMessage = (message: { kind?: string; text?: string }) => {
    if (message.kind === "copy" && message.text !== undefined) void copy(message.text);
  };
  model.on("msg:custom", onMessage);
  return () => {
    stop.abort();
    sizes.disconnect();
    model.off("msg:custom", onMessage);
  };
}

export default { render };

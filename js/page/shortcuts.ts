/** One shortcut, as Python's table of keys declares it. */
export interface Shortcut {
  key: string;
  action: string;
  modifier: boolean;
  shift: boolean;
}

type Pressed = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

/** The action of a pressed key, or null where the app does not take it. */
export function actionOf(event: Pressed, shortcuts: readonly Shortcut[]): string | null {
  if (event.altKey) return null;
  const modifier = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  const found = shortcuts.find(
    (one) =>
      one.key === key &&
      one.modifier === modifier &&
      // "?" needs Shift on most keyboards: it only tells shortcuts with a modifier apart
      (!modifier || one.shift === event.shiftKey),
  );
  return found?.action ?? null;
}

/** Whether keys pressed there are text being written rather than shortcuts. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest(".cm-editor")) return true;
  if (target instanceof HTMLInputElement) {
    return !["checkbox", "radio", "button", "range", "submit"].includes(target.type);
  }
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

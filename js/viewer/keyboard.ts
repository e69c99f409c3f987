// All keys of the viewer in one table, which also fills the help.

export type Command =
  | "tool-select" | "tool-draw" | "tool-pan"
  | "fit" | "one-to-one" | "zoom-roi" | "zoom-in" | "zoom-out" | "back" | "forward"
  | "left" | "right" | "up" | "down" | "start" | "end" | "page-back" | "page-forward"
  | "grow-left" | "grow-right" | "grow-up" | "grow-down"
  | "next-roi" | "previous-roi" | "rename" | "edit" | "duplicate" | "delete" | "lock" | "full-time" | "full-position"
  | "undo" | "redo" | "cancel"
  | "together" | "next-channel" | "previous-channel" | "see-channel" | "moving"
  | "reference" | "next-map" | "invert" | "auto-contrast" | "scale-bar" | "marks" | "help";

export interface Binding {
  keys: readonly string[]; // as `keyName` writes them
  command: Command;
  group: "Tools" | "View" | "ROIs" | "Colours";
  text: string;
  hidden?: boolean; // another line of the help says it
}

export const BINDINGS: readonly Binding[] = [
  { keys: ["v"], command: "tool-select", group: "Tools", text: "Select, move, resize" },
  { keys: ["d"], command: "tool-draw", group: "Tools", text: "Draw a ROI" },
  { keys: ["h"], command: "tool-pan", group: "Tools", text: "Pan (or hold the space bar)" },
  { keys: ["Escape"], command: "cancel", group: "Tools", text: "Give up a drag, deselect" },
  { keys: ["?"], command: "help", group: "Tools", text: "This help" },
  { keys: ["f", "0"], command: "fit", group: "View", text: "Whole recording" },
  { keys: ["1"], command: "one-to-one", group: "View", text: "One line per pixel of the screen" },
  { keys: ["r"], command: "zoom-roi", group: "View", text: "Zoom to the ROI" },
  { keys: ["+", "="], command: "zoom-in", group: "View", text: "Closer" },
  { keys: ["-", "_"], command: "zoom-out", group: "View", text: "Farther" },
  { keys: ["["], command: "back", group: "View", text: "View before" },
  { keys: ["]"], command: "forward", group: "View", text: "View after" },
  { keys: ["Home"], command: "start", group: "View", text: "Start of the recording" },
  { keys: ["End"], command: "end", group: "View", text: "End of the recording" },
  { keys: ["PageUp"], command: "page-back", group: "View", text: "A screen back" },
  { keys: ["PageDown"], command: "page-forward", group: "View", text: "A screen on" },
  {
    keys: ["ArrowLeft", "Shift+ArrowLeft"], command: "left", group: "ROIs",
    text: "Arrows move the ROI by a pixel, with Shift by 10; without one they pan",
  },
  { keys: ["ArrowRight", "Shift+ArrowRight"], command: "right", group: "ROIs", text: "", hidden: true },
  { keys: ["ArrowUp", "Shift+ArrowUp"], command: "up", group: "ROIs", text: "", hidden: true },
  { keys: ["ArrowDown", "Shift+ArrowDown"], command: "down", group: "ROIs", text: "", hidden: true },
  {
    keys: ["Alt+ArrowLeft", "Alt+Shift+ArrowLeft"], command: "grow-left", group: "ROIs",
    text: "Alt and arrows move the right or upper edge",
  },
  { keys: ["Alt+ArrowRight", "Alt+Shift+ArrowRight"], command: "grow-right", group: "ROIs", text: "", hidden: true },
  { keys: ["Alt+ArrowUp", "Alt+Shift+ArrowUp"], command: "grow-up", group: "ROIs", text: "", hidden: true },
  { keys: ["Alt+ArrowDown", "Alt+Shift+ArrowDown"], command: "grow-down", group: "ROIs", text: "", hidden: true },
  { keys: ["n"], command: "next-roi", group: "ROIs", text: "Select the next ROI" },
  { keys: ["Shift+N"], command: "previous-roi", group: "ROIs", text: "Select the ROI before" },
  { keys: ["Enter", "F2"], command: "rename", group: "ROIs", text: "Rename" },
  { keys: ["Shift+Enter"], command: "edit", group: "ROIs", text: "Name, note, colour and bounds" },
  { keys: ["Shift+D"], command: "duplicate", group: "ROIs", text: "Duplicate" },
  { keys: ["Delete", "Backspace"], command: "delete", group: "ROIs", text: "Delete" },
  { keys: ["l"], command: "lock", group: "ROIs", text: "Lock or unlock" },
  { keys: ["t"], command: "full-time", group: "ROIs", text: "Full width: all lines" },
  { keys: ["w"], command: "full-position", group: "ROIs", text: "Full height: the whole line" },
  { keys: ["Ctrl+z"], command: "undo", group: "ROIs", text: "Undo" },
  { keys: ["Ctrl+y", "Ctrl+Shift+Z"], command: "redo", group: "ROIs", text: "Redo" },
  { keys: ["s"], command: "moving", group: "Colours", text: "Hold: as the velocity sees it, without the background" },
  { keys: ["g"], command: "together", group: "Colours", text: "Channels together or one alone" },
  { keys: [","], command: "previous-channel", group: "Colours", text: "Channel before" },
  { keys: ["."], command: "next-channel", group: "Colours", text: "Channel after" },
  { keys: ["e"], command: "see-channel", group: "Colours", text: "Show or hide the channel among others" },
  { keys: ["m"], command: "next-map", group: "Colours", text: "Next colour map" },
  { keys: ["i"], command: "invert", group: "Colours", text: "Gray or inverted gray" },
  { keys: ["c"], command: "auto-contrast", group: "Colours", text: "Automatic contrast" },
  { keys: ["p"], command: "reference", group: "View", text: "Where the line is: the reference image of the file" },
  { keys: ["b"], command: "scale-bar", group: "Colours", text: "Scale bar" },
  { keys: ["o"], command: "marks", group: "Colours", text: "Walls and events that were measured" },
];

/** How the table names the key of an event; Ctrl stands for ⌘ too. */
export function keyName(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">): string {
  const shifted = event.shiftKey && (event.key.length > 1 || /[a-z]/i.test(event.key));
  const parts = [
    event.ctrlKey || event.metaKey ? "Ctrl+" : "",
    event.altKey ? "Alt+" : "",
    shifted ? "Shift+" : "",
  ];
  const key = event.key.length === 1 && /[a-z]/i.test(event.key)
    ? shifted ? event.key.toUpperCase() : event.key.toLowerCase()
    : event.key;
  return parts.join("") + key;
}

const TABLE = new Map(BINDINGS.flatMap(({ keys, command }) => keys.map((key) => [key, command])));

export const commandFor = (event: Parameters<typeof keyName>[0]): Command | undefined =>
  TABLE.get(keyName(event));

const SYMBOLS: Record<string, string> = {
  ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc",
  PageUp: "Page up", PageDown: "Page down", Enter: "⏎", "-": "−",
};

/** A key as people read it. */
export const keyLabel = (key: string): string =>
  key.split(/(?<=.)\+/).map((part) => SYMBOLS[part] ?? (part.length === 1 ? part.toUpperCase() : part)).join(" ");

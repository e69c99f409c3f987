// "Columns": a popup that shows and hides columns, filters by each, groups, and copies.

import type { ColumnSpec } from "./schema";

export interface MenuState {
  hidden: readonly string[];
  filters: Readonly<Record<string, string>>;
  groupBy: string;
  choice: string;
}

export interface MenuActions {
  show(key: string, visible: boolean): void;
  filter(key: string, text: string): void;
  group(key: string): void;
  /** All groups open, or all closed. */
  fold(open: boolean): void;
  choose(value: string): void;
  copy(): void;
  reset(): void;
}

export interface MenuOptions {
  columns: readonly ColumnSpec[];
  groupable: readonly string[];
  /** Label and [value, title] pairs of one more choice; none where empty. */
  choiceLabel: string;
  choices: readonly (readonly [string, string])[];
}

export interface ColumnsMenu {
  element: HTMLElement;
  update(state: MenuState): void;
  destroy(): void;
}

const named = (column: ColumnSpec) =>
  column.unit ? `${column.title} (${column.unit})` : column.title;

function button(text: string, title: string, action: () => void): HTMLButtonElement {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "cs-table-button";
  element.textContent = text;
  element.title = title;
  element.addEventListener("click", action);
  return element;
}

function chooser(
  label: string,
  options: readonly (readonly [string, string])[],
  action: (value: string) => void,
): { line: HTMLElement; select: HTMLSelectElement } {
  const line = document.createElement("label");
  line.className = "cs-columns-choice";
  const select = document.createElement("select");
  for (const [value, title] of options) {
    const option = document.createElement("option");
    option.value = value;
    option.textContent = title;
    select.append(option);
  }
  select.addEventListener("change", () => action(select.value));
  line.append(label, select);
  return { line, select };
}

export function columnsMenu(options: MenuOptions, actions: MenuActions): ColumnsMenu {
  const element = document.createElement("div");
  element.className = "cs-columns";
  const opener = button("Columns", "Choose columns, filter by them, group, copy", () =>
    open(list.hidden === true),
  );
  opener.setAttribute("aria-haspopup", "true");
  const list = document.createElement("div");
  list.className = "cs-columns-list";
  list.setAttribute("role", "group");
  list.setAttribute("aria-label", "Columns shown");
  element.append(opener, list);

  const byKey = new Map(options.columns.map((column) => [column.key, column]));
  const groups = chooser(
    "Group by",
    [["", "nothing"], ...options.groupable.map((key) => [key, byKey.get(key)?.title ?? key] as const)],
    actions.group,
  );
  const foldable = document.createElement("span");
  foldable.className = "cs-columns-fold";
  foldable.append(
    button("▸", "Close all groups", () => actions.fold(false)),
    button("▾", "Open all groups", () => actions.fold(true)),
  );
  groups.line.append(foldable);
  const choice = chooser(options.choiceLabel, options.choices, actions.choose);
  const top = document.createElement("div");
  top.className = "cs-columns-top";
  if (options.groupable.length) top.append(groups.line);
  if (options.choices.length) top.append(choice.line);
  const foot = document.createElement("div");
  foot.className = "cs-columns-foot";
  foot.append(
    button("Copy rows", "Copy what is shown, or the rows selected, for a spreadsheet", actions.copy),
    button("Reset", "Columns, widths, order and groups as at first", actions.reset),
  );
  list.append(top);

  const boxes = new Map<string, HTMLInputElement>();
  const filters = new Map<string, HTMLInputElement>();
  for (const column of options.columns) {
    const line = document.createElement("div");
    line.className = "cs-columns-line";
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.addEventListener("change", () => actions.show(column.key, box.checked));
    const name = document.createElement("span");
    name.textContent = named(column);
    label.append(box, name);
    if (column.help) label.title = column.help;
    const filter = document.createElement("input");
    filter.type = "text";
    filter.className = "cs-column-filter";
    filter.placeholder = column.kind === "number" ? ">5, 1..9" : "is, =, !=";
    filter.title = `Show only rows whose ${column.title} passes: text, =text, !=text, a|b, >5, 1..9`;
    filter.setAttribute("aria-label", `Filter by ${named(column)}`);
    let typing = 0;
    filter.addEventListener("input", () => {
      window.clearTimeout(typing);
      typing = window.setTimeout(() => actions.filter(column.key, filter.value), 150);
    });
    line.append(label, filter);
    list.append(line);
    boxes.set(column.key, box);
    filters.set(column.key, filter);
  }
  list.append(foot);

  function open(visible: boolean): void {
    list.hidden = !visible;
    opener.setAttribute("aria-expanded", String(visible));
  }
  open(false);

  element.addEventListener("keydown", (event) => {
    event.stopPropagation(); // letters typed here are no shortcuts of the host
    if (event.key !== "Escape" || list.hidden) return;
    open(false);
    opener.focus();
  });
  const outside = (event: PointerEvent) => {
    if (!element.contains(event.target as Node)) open(false);
  };
  document.addEventListener("pointerdown", outside);

  return {
    element,
    update(state) {
      for (const [key, box] of boxes) box.checked = !state.hidden.includes(key);
      for (const [key, filter] of filters) {
        const text = state.filters[key] ?? "";
        if (document.activeElement !== filter && filter.value !== text) filter.value = text;
        filter.classList.toggle("cs-on", text !== "");
      }
      groups.select.value = state.groupBy;
      foldable.hidden = state.groupBy === "";
      choice.select.value = state.choice;
    },
    destroy: () => document.removeEventListener("pointerdown", outside),
  };
}

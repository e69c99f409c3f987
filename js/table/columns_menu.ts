// "Columns": a small popup of check boxes that shows and hides columns.

import type { ColumnSpec } from "./schema";

export interface ColumnsMenu {
  element: HTMLElement;
  update(hidden: readonly string[]): void;
  destroy(): void;
}

export function columnsMenu(
  columns: readonly ColumnSpec[],
  onChange: (key: string, visible: boolean) => void,
): ColumnsMenu {
  const element = document.createElement("div");
  element.className = "cs-columns";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "cs-table-button";
  button.textContent = "Columns";
  button.title = "Choose which columns are shown";
  button.setAttribute("aria-haspopup", "true");
  const list = document.createElement("div");
  list.className = "cs-columns-list";
  list.setAttribute("role", "group");
  list.setAttribute("aria-label", "Columns shown");
  element.append(button, list);

  const boxes = new Map<string, HTMLInputElement>();
  for (const column of columns) {
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.addEventListener("change", () => onChange(column.key, box.checked));
    const name = document.createElement("span");
    name.textContent = column.unit ? `${column.title} (${column.unit})` : column.title;
    label.append(box, name);
    if (column.help) label.title = column.help;
    list.append(label);
    boxes.set(column.key, box);
  }

  function open(visible: boolean): void {
    list.hidden = !visible;
    button.setAttribute("aria-expanded", String(visible));
  }
  open(false);

  button.addEventListener("click", () => open(list.hidden === true));
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || list.hidden) return;
    event.stopPropagation();
    open(false);
    button.focus();
  });
  const outside = (event: PointerEvent) => {
    if (!element.contains(event.target as Node)) open(false);
  };
  document.addEventListener("pointerdown", outside);

  return {
    element,
    update(hidden) {
      for (const [key, box] of boxes) box.checked = !hidden.includes(key);
    },
    destroy: () => document.removeEventListener("pointerdown", outside),
  };
}

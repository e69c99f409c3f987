// The heads of columns for screen readers and the keyboard, which Tabulator leaves out.

import type { Tabulator } from "tabulator-tables";
import type { ColumnSpec } from "./schema";

export function describeHeads(
  table: Tabulator,
  columns: readonly ColumnSpec[],
  onMoved: () => void,
): void {
  for (const column of table.getColumns()) {
    const element = column.getElement();
    if (element.dataset["described"]) continue;
    const spec = columns.find((one) => one.key === column.getField());
    if (!spec) continue;
    element.dataset["described"] = "1";
    const name = spec.unit ? `${spec.title} (${spec.unit})` : spec.title;
    element.setAttribute("aria-label", name);
    element.title = spec.help ? `${name}: ${spec.help}` : name;
    element.tabIndex = 0;
    element.addEventListener("keydown", (event) => headKey(table, event, spec.key, onMoved));
  }
}

/** Enter sorts; Alt with an arrow moves the column, as dragging its head does. */
function headKey(table: Tabulator, event: KeyboardEvent, key: string, onMoved: () => void): void {
  const column = table.getColumn(key);
  const step = event.altKey ? { ArrowLeft: -1, ArrowRight: 1 }[event.key] : undefined;
  if (step === undefined && event.key !== "Enter" && event.key !== " ") return;
  event.preventDefault();
  event.stopPropagation();
  if (step === undefined) {
    column.getElement().querySelector<HTMLElement>(".tabulator-col-content")?.click();
    return;
  }
  const shown = table.getColumns().filter((one) => one.isVisible());
  const other = shown[shown.findIndex((one) => one.getField() === key) + step];
  if (!other) return;
  column.move(other, step > 0);
  onMoved();
  column.getElement().focus();
}

// The conditions by column that are in force, each with a button that takes it off.

import type { ColumnSpec } from "./schema";

export function showChips(
  bar: HTMLElement,
  columns: readonly ColumnSpec[],
  filters: Readonly<Record<string, string>>,
  remove: (key: string) => void,
): void {
  const chips = columns
    .filter((column) => (filters[column.key] ?? "").trim())
    .map((column) => {
      const chip = document.createElement("button");
      chip.type = "button";
      chip.className = "cs-chip";
      const words = `${column.title} ${filters[column.key]?.trim()}`;
      chip.textContent = `${words} ✕`;
      chip.title = `Take this filter off: ${words}`;
      chip.addEventListener("click", () => remove(column.key));
      return chip;
    });
  bar.replaceChildren(...chips);
  bar.hidden = chips.length === 0;
}

// How a column is sorted.

import type { ColumnSpec, Value } from "./schema";

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** Order of two values; nothing comes last whichever way the column is sorted. */
export function compare(column: ColumnSpec, a: Value, b: Value, direction: string): number {
  if (column.kind === "glyph") {
    const rank = (value: Value) => column.glyphs?.findIndex((g) => g.value === value) ?? 0;
    return rank(a) - rank(b);
  }
  const nothing = (value: Value) =>
    value === null || value === undefined || value === "" || Number.isNaN(value);
  if (nothing(a) || nothing(b)) {
    if (nothing(a) && nothing(b)) return 0;
    const last = nothing(a) ? 1 : -1;
    return direction === "asc" ? last : -last;
  }
  if (typeof a === "number" && typeof b === "number") return a - b;
  return collator.compare(String(a), String(b));
}

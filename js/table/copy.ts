// Rows as text for a spreadsheet: a heading, then a line a row, parted by tabs.

import { type ColumnSpec, type Row, glyphOf } from "./schema";

const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/** Text that a spreadsheet would take for a formula gets an apostrophe in front. */
function safe(text: string): string {
  const line = text.replace(/[\t\r\n]+/g, " ");
  return FORMULA.test(line) ? `'${line}` : line;
}

export function cellForCopy(column: ColumnSpec, row: Row): string {
  const value = row[column.key];
  if (value === null || value === undefined) return "";
  if (column.kind === "number") return typeof value === "number" ? String(value) : "";
  if (column.kind === "glyph") return glyphOf(column, value)?.title ?? "";
  return safe(String(value));
}

export function tsv(columns: readonly ColumnSpec[], rows: readonly Row[]): string {
  const heading = columns.map((c) => safe(c.unit ? `${c.title} (${c.unit})` : c.title));
  const lines = rows.map((row) => columns.map((column) => cellForCopy(column, row)));
  return [heading, ...lines].map((cells) => cells.join("\t")).join("\n");
}

/** Put text on the clipboard; where the page may not, by way of a selected field. */
export async function toClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.style.cssText = "position:fixed;opacity:0";
    document.body.append(field);
    const before = document.activeElement;
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    return done;
  }
}

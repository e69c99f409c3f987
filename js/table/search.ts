// The filter box: every word must occur somewhere in the row; `rois>1` compares a number.

import { cellText } from "./cells";
import { type ColumnSpec, type Row, glyphOf } from "./schema";

export type Test = (row: Row, text: string) => boolean;

/** All that can be found in a row: shown and hidden columns, the words of its marks, details. */
export function searchText(columns: readonly ColumnSpec[], row: Row): string {
  const parts: string[] = [];
  for (const column of columns) {
    if (column.kind === "number") continue;
    if (column.kind === "glyph") parts.push(glyphOf(column, row[column.key])?.title ?? "");
    else parts.push(cellText(column, row));
    if (column.detail && row[column.detail]) parts.push(String(row[column.detail]));
    if (column.badge && row[column.badge]) parts.push(column.badge_title ?? "");
  }
  return parts.join("\n").toLowerCase();
}

const COMPARISON = /^([\p{L}_ ]+?)(<=|>=|<|>|=)(-?\d+(?:\.\d+)?)$/u;

function comparison(word: string, columns: readonly ColumnSpec[]): Test | undefined {
  const match = COMPARISON.exec(word.replaceAll("−", "-"));
  if (!match) return undefined;
  const [, name = "", operator, digits] = match;
  const column = columns.find(
    (c) => c.kind === "number" && [c.key, c.title.toLowerCase()].includes(name),
  );
  if (!column) return undefined;
  const limit = Number(digits);
  return (row) => {
    const value = row[column.key];
    if (typeof value !== "number") return false;
    if (operator === "<") return value < limit;
    if (operator === ">") return value > limit;
    if (operator === "<=") return value <= limit;
    if (operator === ">=") return value >= limit;
    return value === limit;
  };
}

/** The test of a filter text, or undefined where it lets everything through. */
export function matcher(filter: string, columns: readonly ColumnSpec[]): Test | undefined {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return undefined;
  const tests = words.map<Test>(
    (word) => comparison(word, columns) ?? ((_row, text) => text.includes(word)),
  );
  return (row, text) => tests.every((test) => test(row, text));
}

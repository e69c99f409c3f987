// The filter: words that must occur, and conditions on columns such as `rois>1`.
//
// `cloudscope/row_filter.py` means the same by the same text, so that a script can choose what is
// seen here; both run through `tests/filter_cases.json`.

import { cellText } from "./cells";
import { type ColumnSpec, type Row, glyphOf } from "./schema";

/** `text` is `searchText` of the row, kept by whoever asks often. */
export type Test = (row: Row, text: string) => boolean;

const WORD = /-?(?:[^\s"]|"[^"]*"?)+/g;
const CONDITION = /^("[^"]+"|[^"<>=!:]+?)(<=|>=|!=|<|>|=|:)(.*)$/u;
const OPERATOR = /^(<=|>=|!=|<|>|=|:)?\s*(.*)$/u;
const NUMBER = /^-?\d+(?:\.\d+)?$/;
const PARTS = /(?:[^|"]|"[^"]*"?)+/g;

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

const plain = (name: string) => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

export function columnNamed(
  columns: readonly ColumnSpec[],
  name: string,
): ColumnSpec | undefined {
  const wanted = plain(name);
  if (!wanted) return undefined;
  return columns.find((column) => [plain(column.key), plain(column.title)].includes(wanted));
}

type Held = number | string | null;

/** What the row holds in a column; of a mark, its words. */
function held(column: ColumnSpec, row: Row): Held {
  const value = row[column.key];
  if (column.kind === "number") return typeof value === "number" ? value : null;
  if (column.kind === "glyph") return (glyphOf(column, value)?.title ?? "").toLowerCase();
  return value === null || value === undefined ? "" : String(value).toLowerCase();
}

function ordered(value: Held, operator: string, limit: string): boolean {
  if (value === null || value === "") return false;
  let order: number;
  if (typeof value === "number" || (NUMBER.test(value) && NUMBER.test(limit))) {
    if (!NUMBER.test(limit)) return false;
    order = Number(value) - Number(limit);
  } else {
    // 2025-07 ends with its last day
    if ((operator === "<=" || operator === ">") && value.startsWith(limit)) return operator === "<=";
    order = value < limit ? -1 : value > limit ? 1 : 0;
  }
  if (operator === "<") return order < 0;
  if (operator === ">") return order > 0;
  if (operator === "<=") return order <= 0;
  return order >= 0;
}

function equal(wanted: string, whole: boolean, number: boolean): (value: Held) => boolean {
  const dots = wanted.indexOf("..");
  const [low, high] = dots < 0 ? ["", ""] : [wanted.slice(0, dots), wanted.slice(dots + 2)];
  if (low || high) {
    return (value) =>
      (!low || ordered(value, ">=", low)) && (!high || ordered(value, "<=", high));
  }
  if (wanted === "") return (value) => value === "" || value === null;
  if (number) {
    if (!NUMBER.test(wanted)) return () => false;
    // as many digits as were typed: 826 is 825.6, as the table shows it
    const half = 0.5 * 10 ** -(wanted.split(".")[1]?.length ?? 0);
    const limit = Number(wanted);
    return (value) => typeof value === "number" && limit - half <= value && value < limit + half;
  }
  if (whole) return (value) => value === wanted;
  return (value) => String(value).includes(wanted);
}

const unquoted = (text: string) => text.replaceAll('"', "").trim().toLowerCase();

function compared(column: ColumnSpec, operator: string, given: string): Test | undefined {
  const text = given.replaceAll("−", "-").trim();
  if (text === "" && operator !== "=") return undefined; // still being typed
  const number = column.kind === "number";
  if (operator === ":" || operator === "=" || operator === "!=") {
    const tests = (text.match(PARTS) ?? [""]).map((part) =>
      equal(unquoted(part), operator !== ":", number),
    );
    const any: Test = (row) => tests.some((test) => test(held(column, row)));
    return operator === "!=" ? (row, all) => !any(row, all) : any;
  }
  const limit = unquoted(text);
  return (row) => ordered(held(column, row), operator, limit);
}

/** The test of what is asked of one column, for example `>5` or `sham|AngII`. */
export function condition(column: ColumnSpec, text: string): Test | undefined {
  const match = OPERATOR.exec(text.trim());
  if (!match || !text.trim()) return undefined;
  return compared(column, match[1] ?? ":", match[2] ?? "");
}

function term(given: string, columns: readonly ColumnSpec[]): Test | undefined {
  const negative = given.startsWith("-") && given.length > 1 && !NUMBER.test(given);
  const word = negative ? given.slice(1) : given;
  const match = CONDITION.exec(word.replaceAll("−", "-"));
  const column = match ? columnNamed(columns, match[1] ?? "") : undefined;
  let test: Test | undefined;
  if (match && column) test = compared(column, match[2] ?? "", match[3] ?? "");
  else {
    const wanted = word.replaceAll('"', "").toLowerCase();
    if (wanted) test = (_row, text) => text.includes(wanted);
  }
  if (!negative || !test) return test;
  const positive = test;
  return (row, text) => !positive(row, text);
}

/** The test of a filter text and of conditions by column; undefined where all passes. */
export function matcher(
  filter: string,
  columns: readonly ColumnSpec[],
  conditions: Readonly<Record<string, string>> = {},
): Test | undefined {
  const tests = (filter.match(WORD) ?? []).map((word) => term(word, columns));
  for (const [key, text] of Object.entries(conditions)) {
    const column = columns.find((one) => one.key === key);
    if (column) tests.push(condition(column, text));
  }
  const asked = tests.filter((test) => test !== undefined);
  if (asked.length === 0) return undefined;
  return (row, text) => asked.every((test) => test(row, text));
}

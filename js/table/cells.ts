// Cells as DOM nodes: text from files is only ever set as text, never parsed as HTML.

import { type ColumnSpec, type Row, type Value, glyphOf } from "./schema";

/** A number as papers print it: fixed decimals, true minus, thousands apart, a dash for nothing. */
export function formatNumber(value: Value | undefined, digits: number | null = 0): string {
  if (typeof value !== "number" || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const fixed = digits === null ? String(Number(size.toPrecision(8))) : size.toFixed(digits);
  const [whole = "0", decimals] = fixed.split(".");
  const grouped = whole.length > 3 ? whole.replace(/\B(?=(\d{3})+$)/g, ",") : whole;
  const sign = value < 0 && Number(fixed) !== 0 ? "−" : "";
  return sign + grouped + (decimals ? `.${decimals}` : "");
}

/** "1 recording", "30,000 recordings". */
export function counted(count: number, noun: string): string {
  return `${formatNumber(count)} ${count === 1 ? noun.replace(/s$/, "") : noun}`;
}

export function cellText(column: ColumnSpec, row: Row): string {
  const value = row[column.key];
  if (column.kind === "number") return formatNumber(value, column.digits);
  if (column.kind === "glyph") return glyphOf(column, value)?.text ?? "";
  return value === null || value === undefined ? "" : String(value);
}

function span(className: string, text: string): HTMLSpanElement {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
}

/** The tooltip of a cell: the whole text with what stands dimly beside it. */
export function cellTitle(column: ColumnSpec, row: Row): string {
  const parts: string[] = [];
  if (column.hint && row[column.hint]) return String(row[column.hint]);
  if (column.kind === "glyph") parts.push(glyphOf(column, row[column.key])?.title ?? "");
  else if (column.kind === "text") parts.push(cellText(column, row));
  if (column.detail && row[column.detail]) parts.push(String(row[column.detail]));
  if (column.badge && row[column.badge]) parts.push(column.badge_title ?? column.badge);
  if (isInferred(column, row)) parts.push("from the file name, not entered");
  return parts.filter(Boolean).join(" · ");
}

/** Whether nobody entered the value: it is what the name of the file says. */
export function isInferred(column: ColumnSpec, row: Row): boolean {
  const inferred = row["inferred"];
  return typeof inferred === "string" && inferred.split(" ").includes(column.key);
}

export function cellNode(column: ColumnSpec, row: Row): HTMLElement {
  const text = cellText(column, row);
  if (column.kind === "glyph") {
    const glyph = glyphOf(column, row[column.key]);
    const mark = span(`cs-glyph cs-tone-${glyph?.tone ?? "dim"}`, text);
    if (glyph?.title) {
      mark.setAttribute("role", "img");
      mark.setAttribute("aria-label", glyph.title);
    }
    return mark;
  }
  const holder = span(isInferred(column, row) ? "cs-cell cs-inferred" : "cs-cell", "");
  // names of one session differ at their end: that is kept in sight, the middle goes
  const tail = column.keep_end && text.length > 2 * column.keep_end ? column.keep_end : 0;
  holder.append(span("cs-text", tail ? text.slice(0, -tail) : text));
  if (tail) holder.append(span("cs-tail", text.slice(-tail)));
  if (column.kind === "number" && text === "–") holder.classList.add("cs-tone-dim");
  if (column.badge && row[column.badge]) {
    const dot = span("cs-badge", "•");
    dot.setAttribute("role", "img");
    dot.setAttribute("aria-label", column.badge_title ?? column.badge);
    holder.append(dot);
  }
  if (column.detail && row[column.detail]) {
    holder.append(span("cs-detail", `${column.kind === "text" ? "· " : ""}${row[column.detail]}`));
  }
  return holder;
}

export function headerNode(column: ColumnSpec): HTMLElement {
  const holder = span("cs-head", "");
  if (column.kind === "glyph") {
    holder.append(span("cs-visually-hidden", column.title));
    return holder;
  }
  holder.append(span("cs-head-title", column.title));
  if (column.unit) holder.append(span("cs-head-unit", column.unit));
  return holder;
}

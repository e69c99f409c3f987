// Which rows are selected: one as ever, several with Shift and Ctrl.
//
// `current` is the row that is looked at; the others are chosen with it. `anchor` is where a range
// begins, `lead` where the keyboard is.

import { type Move, target } from "./keys";

export interface Selection {
  current: number | null;
  rows: readonly number[];
  anchor: number | null;
  lead: number | null;
}

export const nothing: Selection = { current: null, rows: [], anchor: null, lead: null };

export function one(id: number | null): Selection {
  return id === null ? nothing : { current: id, rows: [id], anchor: id, lead: id };
}

function range(order: readonly number[], from: number | null, to: number): number[] {
  const end = order.indexOf(to);
  const start = from === null ? end : order.indexOf(from);
  if (end < 0) return [];
  if (start < 0) return [to];
  return order.slice(Math.min(start, end), Math.max(start, end) + 1);
}

/** What is selected stays selected: what is looked at is never lost by choosing others. */
function withCurrent(now: Selection, rows: number[]): number[] {
  return now.current === null || rows.includes(now.current) ? rows : [now.current, ...rows];
}

/** The range from the anchor to a row, in the order shown. */
export function extend(now: Selection, order: readonly number[], id: number): Selection {
  const anchor = now.anchor ?? now.current;
  if (now.current === null) return one(id);
  return { ...now, anchor, lead: id, rows: withCurrent(now, range(order, anchor, id)) };
}

/** Add a row, or take it away; the one looked at goes only when another takes its place. */
export function toggle(now: Selection, id: number): Selection {
  if (now.current === null) return one(id);
  if (!now.rows.includes(id)) return { ...now, anchor: id, lead: id, rows: [...now.rows, id] };
  const rows = now.rows.filter((row) => row !== id);
  const current = now.current === id ? (rows[0] ?? id) : now.current;
  return { current, rows: rows.length ? rows : [id], anchor: id, lead: id };
}

export function all(now: Selection, order: readonly number[]): Selection {
  const first = order[0];
  if (first === undefined) return now;
  const current = now.current ?? first;
  return { current, rows: withCurrent({ ...now, current }, [...order]), anchor: first, lead: now.lead ?? first };
}

/** Selection after a key with Shift: the range grows or shrinks at its lead. */
export function extendBy(
  now: Selection,
  order: readonly number[],
  move: Move,
  pageRows: number,
): Selection {
  const to = target(order, now.lead ?? now.current, move, pageRows);
  return to === null ? now : extend(now, order, to);
}

/** Whether the rows are the same, whatever their order. */
export function sameRows(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  const set = new Set(a);
  return b.every((row) => set.has(row));
}

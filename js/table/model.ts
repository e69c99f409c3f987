// What the table's Python side holds, and listening to it.

import type { AnyModel } from "@anywidget/types";
import type { Columns, ColumnSpec, Row } from "./schema";

export interface TableModel {
  columns: ColumnSpec[];
  hidden: string[];
  column_order: string[];
  widths: Record<string, number>;
  sort_by: string;
  selected: number | null;
  selected_rows: number[];
  multiple: boolean;
  filter: string;
  column_filters: Record<string, string>;
  matches: number;
  group_by: string;
  groupable: string[];
  choice_label: string;
  choices: [string, string][];
  choice: string;
  noun: string;
  label: string;
  legend: string;
  placeholder: string;
  filter_hint: string;
  shortcuts: string[];
  _data: Columns;
}

export type Message =
  | { kind: "data"; columns: Columns }
  | { kind: "patch"; rows: (Partial<Row> & { id: number })[] };

export function listen(
  model: AnyModel<TableModel>,
  handlers: Record<string, (...args: never[]) => void>,
): () => void {
  for (const [event, handler] of Object.entries(handlers)) model.on(event, handler as () => void);
  return () => {
    for (const [event, handler] of Object.entries(handlers)) {
      model.off(event as "msg:custom", handler as () => void);
    }
  };
}

/** The columns in the order chosen; those it does not name stay where they were declared. */
export function inOrder(columns: readonly ColumnSpec[], order: readonly string[]): ColumnSpec[] {
  const named = order.filter((key) => columns.some((column) => column.key === key));
  if (named.length === 0) return [...columns];
  const rest = columns.filter((column) => !named.includes(column.key));
  const chosen = named.map((key) => columns.find((column) => column.key === key) as ColumnSpec);
  // a column that is new since the order was chosen comes after its neighbour of the declaration
  for (const column of rest) {
    const before = columns[columns.indexOf(column) - 1];
    chosen.splice(before ? chosen.indexOf(before) + 1 : 0, 0, column);
  }
  return chosen;
}

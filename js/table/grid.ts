// The Tabulator grid: built from the declared columns, with its own selection.
//
// Tabulator's row selection toggles on a second click and has no aria-selected, so the selected
// rows are numbers held here and shown by a class and an attribute.

import {
  type ColumnDefinition,
  FilterModule,
  FormatModule,
  FrozenColumnsModule,
  GroupRowsModule,
  InteractionModule,
  MoveColumnsModule,
  ResizeColumnsModule,
  ResizeTableModule,
  type RowComponent,
  SortModule,
  Tabulator,
} from "tabulator-tables";
import { cellNode, cellTitle, headerNode } from "./cells";
import { GroupHeads } from "./groups";
import { describeHeads } from "./heads";
import { compare } from "./order";
import { searchText, type Test } from "./search";
import { type ColumnSpec, nextGlyph, type Row, type Value } from "./schema";
import { nothing, type Selection } from "./selection";

Tabulator.registerModule([
  FilterModule,
  FormatModule,
  FrozenColumnsModule,
  GroupRowsModule,
  InteractionModule,
  MoveColumnsModule,
  ResizeColumnsModule,
  ResizeTableModule,
  SortModule,
]);

export interface GridOptions {
  columns: ColumnSpec[];
  hidden: readonly string[];
  /** Width in pixels of the columns that somebody sized by hand. */
  widths: Readonly<Record<string, number>>;
  /** Key of the column to sort by, a minus in front for the largest first, or "". */
  sortBy: string;
  rows: Row[];
  groupBy: string;
  /** What a group's heading calls its rows, for example "recordings". */
  noun: string;
  label: string;
  placeholder: string;
  multiple: boolean;
  onSelect(id: number, how: { range: boolean; toggle: boolean }): void;
  onWidth(key: string, width: number): void;
  onColumns(keys: string[]): void;
  onSort(sortBy: string): void;
  onEdit(id: number, field: string, value: Value, old: Value): void;
  onOrder(order: number[]): void;
}

export class Grid {
  readonly ready: Promise<void>;
  private readonly table: Tabulator;
  private readonly texts = new Map<number, string>();
  private rows = new Map<number, Row>();
  private selection: Selection = nothing;
  private chosen = new Set<number>();
  private shown: number[] | undefined;
  private orderTimer = 0;
  private destroyed = false;
  private handSized = false;
  private readonly heads: GroupHeads;
  private readonly observer = new ResizeObserver(() => this.fit());

  constructor(
    private readonly host: HTMLElement,
    private readonly options: GridOptions,
  ) {
    this.rows = new Map(options.rows.map((row) => [row.id, row]));
    this.heads = new GroupHeads(options.columns, options.noun, options.groupBy);
    this.handSized = Object.keys(options.widths).length > 0;
    const sorted = options.sortBy.replace(/^-/, "");
    this.table = new Tabulator(host, {
      index: "id",
      data: options.rows,
      columns: options.columns.map((column) => this.define(column)),
      height: "100%",
      layout: "fitDataFill",
      rowHeight: 25,
      movableColumns: true,
      columnDefaults: { headerSortTristate: true },
      placeholder: options.placeholder,
      rowFormatter: (row) => this.mark(row),
      ...(options.columns.some((column) => column.key === sorted)
        ? { initialSort: [{ column: sorted, dir: options.sortBy.startsWith("-") ? "desc" : "asc" }] }
        : {}),
      ...this.heads.options(),
    });
    this.ready = new Promise((resolve) => {
      this.table.on("tableBuilt", () => {
        this.describe();
        this.fit();
        this.observer.observe(host);
        resolve();
      });
    });
    this.table.on("columnResized", (column) => {
      this.handSized = true;
      this.options.onWidth(String(column.getField()), Math.round(column.getWidth()));
    });
    this.table.on("columnMoved", () => this.columnsMoved());
    this.table.on("dataSorted", (sorters) => {
      const first = sorters[0];
      this.options.onSort(first ? `${first.dir === "desc" ? "-" : ""}${first.field}` : "");
    });
    this.table.on("rowClick", (event, row) => {
      // a verdict can be given without leaving the recording one looks at
      if ((event.target as Element).closest(".cs-editable")) return;
      const { shiftKey, ctrlKey, metaKey } = event as MouseEvent;
      const range = this.options.multiple && shiftKey;
      const toggle = this.options.multiple && (ctrlKey || metaKey);
      this.options.onSelect(Number(row.getIndex()), { range, toggle });
    });
    for (const event of ["dataSorted", "dataFiltered", "dataGrouped"] as const) {
      this.table.on(event, () => this.orderChanged());
    }
  }

  /** Ids in the order shown, after sorting, filtering and grouping. */
  order(): readonly number[] {
    if (!this.shown) {
      const groups = this.heads.by ? this.table.getGroups() : [];
      const rows = groups.length
        ? groups.flatMap((group) => group.getRows())
        : this.table.getRows("active");
      this.shown = rows.map((row) => Number(row.getIndex()));
    }
    return this.shown;
  }

  get pageRows(): number {
    return Math.floor((this.holder()?.clientHeight ?? 250) / 25);
  }

  get size(): number {
    return this.rows.size;
  }

  /** Whether it has exactly these columns, in this order. */
  hasColumns(columns: readonly ColumnSpec[]): boolean {
    const keys = this.table.getColumns().map((column) => column.getField());
    const same = columns.every((column) => this.options.columns.includes(column));
    return same && keys.join("\n") === columns.map((column) => column.key).join("\n");
  }

  /** Columns in sight, in their order, and rows by id in the order given. */
  visible(): ColumnSpec[] {
    const fields = this.table.getColumns().filter((one) => one.isVisible());
    const specs = fields.map((one) => this.options.columns.find((c) => c.key === one.getField()));
    return specs.filter((spec) => spec !== undefined);
  }

  rowsOf(ids: readonly number[]): Row[] {
    return ids.map((id) => this.rows.get(id)).filter((row) => row !== undefined);
  }

  async replace(rows: Row[]): Promise<void> {
    this.rows = new Map(rows.map((row) => [row.id, row]));
    this.texts.clear();
    this.shown = undefined;
    await this.table.replaceData(rows);
    this.describe();
    this.orderChanged();
  }

  /** Only the cells of these rows change; order and scroll stay as they are. */
  patch(rows: readonly Partial<Row>[]): void {
    for (const change of rows) {
      const id = Number(change.id);
      const row = this.rows.get(id);
      const shown = row && this.table.getRow(id);
      if (!row || !shown) continue;
      Object.assign(row, change);
      this.texts.delete(id);
      void shown.update({ ...change }).then(() => {
        // a badge or detail is no column of its own: its cell has to be drawn anew
        if (!this.destroyed) shown.reformat();
      });
    }
  }

  select(selection: Selection, scroll = true): void {
    const before = this.selection;
    const known = this.chosen;
    this.selection = selection;
    this.chosen = new Set(selection.rows);
    const changed = new Set([before.current, before.lead, selection.current, selection.lead]);
    for (const id of known) if (!this.chosen.has(id)) changed.add(id);
    for (const id of this.chosen) if (!known.has(id)) changed.add(id);
    for (const id of changed) {
      const row = id !== null && this.rows.has(id) && this.table.getRow(id);
      if (row) this.mark(row);
    }
    if (selection.lead === null) this.host.removeAttribute("aria-activedescendant");
    else if (scroll) void this.reveal(selection.lead);
  }

  filter(test: Test | undefined): void {
    if (!test) {
      this.table.clearFilter(false);
      return;
    }
    this.table.setFilter((row: Row) => test(row, this.textOf(row)));
  }

  group(key: string): void {
    if (this.heads.group(this.table, key)) this.orderChanged();
  }

  /** Open or close all groups, or the one of a row. */
  fold(open: boolean, id: number | null = null): void {
    const row = id !== null && this.rows.has(id) ? this.table.getRow(id) : undefined;
    this.heads.fold(this.table, open, row || undefined);
  }

  sort(sortBy: string): void {
    const now = this.table.getSorters()[0];
    if (sortBy === (now ? `${now.dir === "desc" ? "-" : ""}${now.field}` : "")) return;
    const key = sortBy.replace(/^-/, "");
    if (!this.options.columns.some((column) => column.key === key)) this.table.clearSort();
    else this.table.setSort(key, sortBy.startsWith("-") ? "desc" : "asc");
  }

  show(key: string, visible: boolean): void {
    const column = this.table.getColumn(key);
    if (!column || column.isVisible() === visible) return;
    if (visible) column.show();
    else column.hide();
    this.fit();
  }

  destroy(): void {
    this.destroyed = true;
    window.clearTimeout(this.orderTimer);
    this.observer.disconnect();
    this.table.destroy();
  }

  private holder(): HTMLElement | null {
    return this.host.querySelector<HTMLElement>(".tabulator-tableholder");
  }

  private textOf(row: Row): string {
    let text = this.texts.get(row.id);
    if (text === undefined) {
      text = searchText(this.options.columns, row);
      this.texts.set(row.id, text);
    }
    return text;
  }

  /** Give the room that is left to the column that asked for it, until somebody sizes by hand. */
  private fit(): void {
    const spec = this.options.columns.find((column) => column.grow);
    const room = this.holder()?.clientWidth ?? 0;
    if (!spec || !room || this.handSized || this.destroyed) return;
    const column = this.table.getColumn(spec.key);
    const visible = this.table.getColumns().filter((one) => one.isVisible());
    const taken = visible.reduce((sum, one) => sum + one.getWidth(), 0);
    const now = column.getWidth();
    const wanted = Math.floor(
      Math.min(spec.grow ?? now, Math.max(spec.width ?? 0, now + room - taken)),
    );
    if (wanted !== now) column.setWidth(wanted);
  }

  private async reveal(id: number): Promise<void> {
    if (!this.order().includes(id)) return;
    const row = this.table.getRow(id);
    if (!row) return;
    if (this.heads.by) {
      const group = row.getGroup();
      if (group && !group.isVisible()) group.show();
    }
    const holder = this.holder();
    const element = row.getElement();
    if (holder && element.isConnected) {
      const box = element.getBoundingClientRect();
      const view = holder.getBoundingClientRect();
      if (box.top >= view.top && box.bottom <= view.top + holder.clientHeight) return;
    }
    // Tabulator rejects where a row was filtered out meanwhile: nothing to show then
    await this.table.scrollToRow(row, "nearest", false).catch(() => undefined);
  }

  private mark(row: RowComponent): void {
    const element = row.getElement();
    const data = row.getData() as Row;
    const selected = this.chosen.has(data.id);
    const { current, lead } = this.selection;
    element.id ||= `${this.host.id}-row-${data.id}`;
    element.classList.toggle("cs-selected", selected);
    element.classList.toggle("cs-current", data.id === current);
    element.classList.toggle("cs-lead", data.id === lead && lead !== current);
    element.setAttribute("aria-selected", String(selected));
    element.dataset["row"] = String(data.id);
    const tone = data["row_tone"];
    if (typeof tone === "string" && tone) element.classList.add(`cs-row-${tone}`);
    if (data.id === lead) this.host.setAttribute("aria-activedescendant", element.id);
  }

  private define(column: ColumnSpec): ColumnDefinition {
    const alignment = column.kind === "number" ? "right" : "left";
    return {
      title: column.title,
      field: column.key,
      visible: !this.options.hidden.includes(column.key),
      frozen: column.frozen ?? false,
      hozAlign: alignment,
      headerHozAlign: alignment,
      ...(this.widthOf(column) ? { width: this.widthOf(column) } : {}),
      minWidth: column.kind === "glyph" ? 22 : 44,
      ...({ maxInitialWidth: 260 } as object), // missing in the published types
      resizable: column.kind !== "glyph",
      headerSortStartingDir: column.kind === "number" ? "desc" : "asc",
      sorter: (a: Value, b: Value, _ra, _rb, _column, direction) =>
        compare(column, a, b, direction),
      titleFormatter: () => headerNode(column),
      formatter: (cell) => {
        const row = cell.getData() as Row;
        const title = cellTitle(column, row);
        const element = cell.getElement();
        if (title) element.title = title;
        else element.removeAttribute("title");
        return cellNode(column, row);
      },
      cssClass: `cs-col-${column.kind}${column.editable ? " cs-editable" : ""}`,
      ...(column.editable
        ? {
            cellClick: (_event, cell) => {
              const row = cell.getData() as Row;
              if (row["row_tone"] === "failed") return;
              const old = row[column.key] ?? null;
              this.options.onEdit(row.id, column.key, nextGlyph(column, old), old);
            },
          }
        : {}),
    };
  }

  private widthOf(column: ColumnSpec): number | undefined {
    return this.options.widths[column.key] ?? column.width;
  }

  private columnsMoved(): void {
    this.options.onColumns(this.table.getColumns().map((column) => String(column.getField())));
  }

  /** What Tabulator leaves out for screen readers and the keyboard. */
  private describe(): void {
    if (this.destroyed) return;
    this.host.setAttribute("aria-label", this.options.label);
    this.host.setAttribute("aria-rowcount", String(this.rows.size));
    if (this.options.multiple) this.host.setAttribute("aria-multiselectable", "true");
    this.host.tabIndex = 0;
    this.sayWhatHoldsRows();
    describeHeads(this.table, this.options.columns, () => this.columnsMoved());
  }

  /** The part that scrolls has the focus, so it must be what holds the rows, where there are any. */
  private sayWhatHoldsRows(): void {
    this.host.removeAttribute("aria-owns");
    this.host.querySelector(".tabulator-table")?.setAttribute("role", "presentation");
    const holder = this.host.querySelector(".tabulator-tableholder");
    const some = this.table.getDataCount("active") > 0;
    for (const [name, value] of [["role", "rowgroup"], ["tabindex", "0"]] as const) {
      if (some) holder?.setAttribute(name, value);
      else holder?.removeAttribute(name);
    }
  }

  private orderChanged(): void {
    this.shown = undefined;
    window.clearTimeout(this.orderTimer);
    this.orderTimer = window.setTimeout(() => {
      if (this.destroyed) return;
      this.sayWhatHoldsRows();
      this.options.onOrder([...this.order()]);
    }, 60);
  }
}

// The Tabulator grid: built from the declared columns, with its own selection.
//
// Tabulator's row selection toggles on a second click and has no aria-selected, so the selected
// row is a number held here and shown by a class and an attribute.

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
import { cellNode, cellTitle, counted, headerNode } from "./cells";
import { compare } from "./order";
import { searchText, type Test } from "./search";
import { type ColumnSpec, nextGlyph, type Row, type Value } from "./schema";

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
  rows: Row[];
  groupBy: string;
  /** What a group's heading calls its rows, for example "recordings". */
  noun: string;
  label: string;
  placeholder: string;
  onSelect(id: number): void;
  onEdit(id: number, field: string, value: Value, old: Value): void;
  onOrder(order: number[]): void;
}

/** Rows that say nothing and rows that cannot say anything are one group. */
const groupOf = (key: string) => (row: Row) => row[key] ?? "";

export class Grid {
  readonly ready: Promise<void>;
  private readonly table: Tabulator;
  private readonly texts = new Map<number, string>();
  private rows = new Map<number, Row>();
  private selected: number | null = null;
  private shown: number[] | undefined;
  private orderTimer = 0;
  private destroyed = false;
  private handSized = false;
  private groupBy: string;
  private readonly observer = new ResizeObserver(() => this.fit());

  constructor(
    private readonly host: HTMLElement,
    private readonly options: GridOptions,
  ) {
    this.rows = new Map(options.rows.map((row) => [row.id, row]));
    this.groupBy = options.groupBy;
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
      groupToggleElement: "header",
      groupHeader: ((value: unknown, count: number) =>
        this.heading(value, count)) as unknown as (value: unknown, count: number) => string,
      ...(options.groupBy ? { groupBy: groupOf(options.groupBy) } : {}),
    });
    this.ready = new Promise((resolve) => {
      this.table.on("tableBuilt", () => {
        this.describe();
        this.fit();
        this.observer.observe(host);
        resolve();
      });
    });
    this.table.on("columnResized", () => {
      this.handSized = true;
    });
    this.table.on("rowClick", (event, row) => {
      // a verdict can be given without leaving the recording one looks at
      if ((event.target as Element).closest(".cs-editable")) return;
      this.options.onSelect(Number(row.getIndex()));
    });
    for (const event of ["dataSorted", "dataFiltered", "dataGrouped"] as const) {
      this.table.on(event, () => this.orderChanged());
    }
  }

  /** Ids in the order shown, after sorting, filtering and grouping. */
  order(): readonly number[] {
    if (!this.shown) {
      const groups = this.groupBy ? this.table.getGroups() : [];
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

  select(id: number | null, scroll = true): void {
    const before = this.selected;
    this.selected = id;
    for (const changed of new Set([before, id])) {
      const row = changed !== null && this.rows.has(changed) && this.table.getRow(changed);
      if (row) this.mark(row);
    }
    if (id !== null && scroll) void this.reveal(id);
  }

  filter(test: Test | undefined): void {
    if (!test) {
      this.table.clearFilter(false);
      return;
    }
    this.table.setFilter((row: Row) => test(row, this.textOf(row)));
  }

  group(key: string): void {
    if (key === this.groupBy) return;
    this.groupBy = key;
    // `false` ungroups, which the published types do not know
    this.table.setGroupBy((key ? groupOf(key) : false) as unknown as string);
    this.orderChanged();
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
    if (this.groupBy) {
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
    const selected = data.id === this.selected;
    element.id ||= `${this.host.id}-row-${data.id}`;
    element.classList.toggle("cs-selected", selected);
    element.setAttribute("aria-selected", String(selected));
    element.dataset["row"] = String(data.id);
    const tone = data["row_tone"];
    if (typeof tone === "string" && tone) element.classList.add(`cs-row-${tone}`);
    if (selected) this.host.setAttribute("aria-activedescendant", element.id);
    else if (this.selected === null) this.host.removeAttribute("aria-activedescendant");
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
      ...(column.width ? { width: column.width } : {}),
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

  private heading(value: unknown, count: number): HTMLElement {
    const heading = document.createElement("span");
    heading.className = "cs-group";
    heading.textContent = `${String(value || "–")} · ${counted(count, this.options.noun)}`;
    return heading;
  }

  /** What Tabulator leaves out for screen readers and the keyboard. */
  private describe(): void {
    if (this.destroyed) return;
    this.host.setAttribute("aria-label", this.options.label);
    this.host.setAttribute("aria-rowcount", String(this.rows.size));
    this.host.tabIndex = 0;
    for (const column of this.table.getColumns()) {
      const element = column.getElement();
      if (element.dataset["described"]) continue;
      const spec = this.options.columns.find((one) => one.key === column.getField());
      if (!spec) continue;
      element.dataset["described"] = "1";
      const name = spec.unit ? `${spec.title} (${spec.unit})` : spec.title;
      element.setAttribute("aria-label", name);
      element.title = spec.help ? `${name}: ${spec.help}` : name;
      element.tabIndex = 0;
      element.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        event.stopPropagation();
        element.querySelector<HTMLElement>(".tabulator-col-content")?.click();
      });
    }
  }

  private orderChanged(): void {
    this.shown = undefined;
    window.clearTimeout(this.orderTimer);
    this.orderTimer = window.setTimeout(() => {
      if (!this.destroyed) this.options.onOrder([...this.order()]);
    }, 60);
  }
}

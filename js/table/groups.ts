// Rows under headings that open and close: the grid's groups, for mouse and keyboard.

import type { GroupComponent, Options, RowComponent, Tabulator } from "tabulator-tables";
import { counted } from "./cells";
import { type ColumnSpec, type Row, type Value, glyphOf } from "./schema";

/** Rows that say nothing and rows that cannot say anything are one group. */
const groupOf = (key: string) => (row: Row) => row[key] ?? "";

export class GroupHeads {
  constructor(
    private readonly columns: readonly ColumnSpec[],
    /** What a heading calls its rows, for example "recordings". */
    private readonly noun: string,
    /** Key whose values head groups, or "". */
    public by: string,
  ) {}

  options(): Options {
    return {
      groupToggleElement: "header",
      groupHeader: (value: unknown, count: number, _data: unknown, group: GroupComponent) =>
        this.heading(value, count, group),
      ...(this.by ? { groupBy: groupOf(this.by) } : {}),
    } as unknown as Options;
  }

  /** Head the rows by another column; whether that changed anything. */
  group(table: Tabulator, key: string): boolean {
    if (key === this.by) return false;
    this.by = key;
    // `false` ungroups, which the published types do not know
    table.setGroupBy((key ? groupOf(key) : false) as unknown as string);
    return true;
  }

  /** Open or close all groups, or the one of a row. */
  fold(table: Tabulator, open: boolean, row?: RowComponent): void {
    if (!this.by) return;
    const found = row ? [row.getGroup()] : table.getGroups();
    const groups = found.filter((group) => group && typeof group === "object") as GroupComponent[];
    for (const group of groups) {
      if (group.isVisible() === open) continue;
      if (open) group.show();
      else group.hide();
    }
  }

  /** Tabulator makes it anew whenever the group opens or closes. */
  private heading(value: unknown, count: number, group: GroupComponent): HTMLElement {
    const column = this.columns.find((one) => one.key === this.by);
    const title = column && glyphOf(column, (value === "" ? null : value) as Value)?.title;
    const heading = document.createElement("span");
    heading.className = "cs-group";
    heading.dataset["value"] = String(value);
    heading.tabIndex = 0;
    heading.setAttribute("role", "button");
    heading.setAttribute("aria-expanded", String(group.isVisible()));
    heading.textContent = `${title || String(value || "–")} · ${counted(count, this.noun)}`;
    heading.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      const grid = heading.closest(".tabulator");
      heading.click();
      window.setTimeout(() => {
        const heads = [...(grid?.querySelectorAll<HTMLElement>(".cs-group") ?? [])];
        const anew = heads.find((head) => head.dataset["value"] === heading.dataset["value"]);
        anew?.focus({ preventScroll: true });
      });
    });
    // Tabulator makes the heading a group of rows, which may hold nothing but rows.
    const cell = document.createElement("span");
    cell.setAttribute("role", "gridcell");
    cell.append(heading);
    queueMicrotask(() => cell.closest(".tabulator-group")?.setAttribute("role", "row"));
    return cell;
  }
}

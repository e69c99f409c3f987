// A table of records: rows from Python, selection both ways, patches row by row.

import type { RenderProps } from "@anywidget/types";
import tabulatorCss from "tabulator-tables/dist/css/tabulator_simple.min.css";
import { counted, formatNumber } from "./cells";
import { showChips } from "./chips";
import { columnsMenu, type ColumnsMenu } from "./columns_menu";
import { toClipboard, tsv } from "./copy";
import { Grid } from "./grid";
import { moveOf, target } from "./keys";
import { inOrder, listen, type Message, type TableModel } from "./model";
import { type Columns, type ColumnSpec, rowsOf } from "./schema";
import { matcher } from "./search";
import { all, extend, extendBy, nothing, one, sameRows, type Selection, toggle } from "./selection";
import ownCss from "./table.css";


function styles(): HTMLStyleElement {
  const style = document.createElement("style");
  style.textContent = `${tabulatorCss}\n${ownCss}`;
  return style;
}

function part(tag: "div" | "span", className: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}

function legendOf(columns: readonly ColumnSpec[], key: string): HTMLElement {
  const legend = part("div", "cs-legend");
  for (const glyph of columns.find((column) => column.key === key)?.glyphs ?? []) {
    if (!glyph.text) continue;
    const item = document.createElement("span");
    const mark = part("span", `cs-glyph cs-tone-${glyph.tone}`);
    mark.textContent = glyph.text;
    mark.setAttribute("aria-hidden", "true");
    item.append(mark, glyph.title);
    legend.append(item);
  }
  return legend;
}

function render({ model, el }: RenderProps<TableModel>): () => void {
  el.classList.add("cs-table");
  const bar = part("div", "cs-table-bar");
  const search = document.createElement("input");
  search.type = "search";
  search.className = "cs-filter";
  search.placeholder = model.get("filter_hint");
  search.title =
    "Words that must occur; condition:sham, depth>50, date=2025-07..2025-08, a|b, -not";
  search.setAttribute("aria-label", `Filter ${model.get("label")}`);
  search.value = model.get("filter");
  const chips = part("div", "cs-chips");
  const host = part("div", "cs-grid");
  // Each table is a module of its own, so that a counter would give all of them one id.
  host.id = `cs-table-${Math.random().toString(36).slice(2, 10)}`;
  const count = part("span", "cs-count");
  count.setAttribute("role", "status");
  const foot = part("div", "cs-table-foot");
  foot.append(legendOf(model.get("columns"), model.get("legend")), count);
  bar.append(search);
  el.append(styles(), bar, chips, host, foot);

  // A grid laid out while hidden (a tab, a page still loading) has no width to share out.
  let grid: Grid | undefined;
  let menu: ColumnsMenu | undefined;
  let pending: Columns | undefined;
  let latest: Columns | undefined;
  let building = false;
  let stopped = false;
  let selection: Selection = nothing;
  let said = "";

  function set<K extends keyof TableModel & string>(values: Pick<TableModel, K>): void {
    for (const [key, value] of Object.entries(values)) model.set(key as K, value as TableModel[K]);
    model.save_changes();
  }

  // ---------------------------------------------------------------- selection

  function choose(next: Selection): void {
    const same = next.current === model.get("selected");
    selection = next;
    grid?.select(next);
    showCount();
    if (same && sameRows(next.rows, model.get("selected_rows"))) return;
    model.set("selected_rows", [...next.rows]);
    if (!same) model.set("selected", next.current);
    model.save_changes();
  }

  /** What Python says: one row, or one with others. */
  function follow(): void {
    const current = model.get("selected");
    const rows = model.get("selected_rows");
    if (current === selection.current && sameRows(rows, selection.rows)) return;
    const several = current !== null && rows.length > 1 && rows.includes(current);
    selection = several ? { ...one(current), rows } : one(current);
    grid?.select(selection);
    showCount();
  }

  // ---------------------------------------------------------------- counting and copying

  function showCount(): void {
    if (!grid) return;
    const shown = grid.order().length;
    const noun = model.get("noun");
    const rows =
      shown === grid.size
        ? counted(shown, noun)
        : `${formatNumber(shown)} of ${formatNumber(grid.size)}`;
    const chosen = selection.rows.length > 1 ? ` · ${formatNumber(selection.rows.length)} selected` : "";
    count.textContent = said || rows + chosen;
    el.dataset["rows"] = String(shown);
    if (model.get("matches") !== shown) set({ matches: shown });
  }

  let saying = 0;
  async function copy(): Promise<void> {
    if (!grid) return;
    const several = selection.rows.length > 1;
    const ids = several
      ? grid.order().filter((id) => selection.rows.includes(id))
      : grid.order();
    const done = await toClipboard(tsv(grid.visible(), grid.rowsOf(ids)));
    said = done ? `${counted(ids.length, "rows")} copied` : "the browser does not allow copying";
    showCount();
    window.clearTimeout(saying);
    saying = window.setTimeout(() => {
      said = "";
      showCount();
    }, 2500);
  }

  // ---------------------------------------------------------------- building

  function makeMenu(): void {
    menu?.destroy();
    menu?.element.remove();
    menu = columnsMenu(
      {
        columns: model.get("columns"),
        groupable: model.get("groupable"),
        choiceLabel: model.get("choice_label"),
        choices: model.get("choices"),
      },
      {
        show: (key, visible) => {
          const hidden = model.get("hidden").filter((other) => other !== key);
          set({ hidden: visible ? hidden : [...hidden, key] });
        },
        filter: (key, text) => set({ column_filters: { ...model.get("column_filters"), [key]: text } }),
        group: (key) => set({ group_by: key }),
        fold: (open) => grid?.fold(open),
        choose: (value) => set({ choice: value }),
        copy: () => void copy(),
        reset: () => model.send({ kind: "reset" }),
      },
    );
    bar.append(menu.element);
    updateMenu();
  }

  function updateMenu(): void {
    menu?.update({
      hidden: model.get("hidden"),
      filters: model.get("column_filters"),
      groupBy: model.get("group_by"),
      choice: model.get("choice"),
    });
  }

  async function build(data: Columns): Promise<void> {
    building = true;
    const built = new Grid(host, {
      columns: inOrder(model.get("columns"), model.get("column_order")),
      hidden: model.get("hidden"),
      widths: model.get("widths"),
      sortBy: model.get("sort_by"),
      rows: rowsOf(data),
      groupBy: model.get("group_by"),
      noun: model.get("noun"),
      label: model.get("label"),
      placeholder: model.get("placeholder"),
      multiple: model.get("multiple"),
      onSelect: (id, how) => {
        host.focus({ preventScroll: true });
        if (how.range) choose(extend(selection, grid?.order() ?? [], id));
        else if (how.toggle) choose(toggle(selection, id));
        else choose(one(id));
      },
      onEdit: (id, field, value, old) => model.send({ kind: "edit", id, field, value, old }),
      onWidth: (key, width) => set({ widths: { ...model.get("widths"), [key]: width } }),
      onColumns: (column_order) => set({ column_order }),
      onSort: (sort_by) => {
        if (grid && sort_by !== model.get("sort_by")) set({ sort_by });
      },
      onOrder: (order) => {
        showCount();
        model.send({ kind: "order", ids: order });
      },
    });
    await built.ready;
    building = false;
    if (stopped) {
      built.destroy();
      return;
    }
    grid = built;
    applyFilter();
    selection = nothing;
    follow();
    showCount();
    if (pending) {
      const newer = pending;
      pending = undefined;
      setData(newer);
    }
    el.dataset["ready"] = "1";
  }

  function setData(data: Columns): void {
    latest = data;
    if (building) pending = data;
    else if (grid) void grid.replace(rowsOf(data)).then(() => grid?.select(selection));
    else void build(data);
  }

  /** Other columns, or another order of them: the grid is made anew. */
  function rebuild(): void {
    makeMenu();
    if (!grid || !latest) return;
    const order = inOrder(model.get("columns"), model.get("column_order"));
    if (grid.hasColumns(order)) return;
    grid.destroy();
    grid = undefined;
    delete el.dataset["ready"];
    void build(latest);
  }

  function applyFilter(): void {
    const filters = model.get("column_filters");
    const columns = model.get("columns");
    grid?.filter(matcher(model.get("filter"), columns, filters));
    showChips(chips, columns, filters, (key) => set({ column_filters: { ...filters, [key]: "" } }));
  }

  // ---------------------------------------------------------------- keys

  let typing = 0;
  search.addEventListener("input", () => {
    window.clearTimeout(typing);
    typing = window.setTimeout(() => set({ filter: search.value }), 120);
  });
  search.addEventListener("keydown", (event) => {
    event.stopPropagation(); // letters typed here are no shortcuts of the host
    if (event.key === "ArrowDown" || event.key === "Enter") {
      event.preventDefault();
      host.focus();
      if (selection.current === null && grid) choose(one(target(grid.order(), null, { step: 1 })));
    } else if (event.key === "Escape" && search.value) {
      search.value = "";
      set({ filter: "" });
    }
  });
  host.addEventListener("keydown", (event) => {
    if (!grid || !handled(grid, event)) return;
    // JupyterLab moves its cells by the same keys
    event.preventDefault();
    event.stopPropagation();
  });

  function handled(shown: Grid, event: KeyboardEvent): boolean {
    const control = event.ctrlKey || event.metaKey;
    const plain = !(control || event.altKey);
    const several = model.get("multiple");
    const move = moveOf(event);
    const key = event.key.toLowerCase();
    if (move && several && event.shiftKey) {
      choose(extendBy(selection, shown.order(), move, shown.pageRows));
    } else if (move) choose(one(target(shown.order(), selection.lead, move, shown.pageRows)));
    else if (several && control && key === "a") choose(all(selection, shown.order()));
    else if (several && plain && event.key === " ") {
      if (selection.lead !== null) choose(toggle(selection, selection.lead));
    } else if (control && key === "c" && !String(window.getSelection() ?? "")) void copy();
    else if (plain && event.key === "Escape" && selection.rows.length > 1) {
      choose(one(selection.current));
    } else if (plain && event.key === "ArrowLeft" && model.get("group_by")) {
      shown.fold(false, selection.lead);
    } else if (plain && event.key === "ArrowRight" && model.get("group_by")) {
      shown.fold(true, selection.lead);
    } else if (plain && event.key === "/") search.focus();
    else if (plain && model.get("shortcuts").includes(key)) model.send({ kind: "key", key });
    else return false;
    return true;
  }

  // ---------------------------------------------------------------- following Python

  const onFilter = () => {
    if (document.activeElement !== search) search.value = model.get("filter");
    updateMenu();
    applyFilter();
  };
  const onHidden = () => {
    const hidden = model.get("hidden");
    updateMenu();
    for (const { key } of model.get("columns")) grid?.show(key, !hidden.includes(key));
  };
  const onData = () => {
    if ("id" in model.get("_data")) setData(model.get("_data"));
  };
  const onMessage = (message: Message) => {
    if (message.kind === "data") setData(message.columns);
    else if (message.kind === "patch") grid?.patch(message.rows);
  };
  const onGroup = () => {
    updateMenu();
    grid?.group(model.get("group_by"));
  };
  const off = listen(model, {
    "change:columns": rebuild,
    "change:column_order": rebuild,
    "change:groupable": makeMenu,
    "change:choices": makeMenu,
    "change:choice": updateMenu,
    "change:group_by": onGroup,
    "change:sort_by": () => grid?.sort(model.get("sort_by")),
    "change:selected": follow,
    "change:selected_rows": follow,
    "change:filter": onFilter,
    "change:column_filters": onFilter,
    "change:hidden": onHidden,
    "change:_data": onData,
    "msg:custom": onMessage,
  });
  makeMenu();
  onData();
  model.send({ kind: "ready" });

  return () => {
    stopped = true;
    window.clearTimeout(typing);
    window.clearTimeout(saying);
    off();
    menu?.destroy();
    grid?.destroy();
    el.replaceChildren();
  };
}

export default { render };

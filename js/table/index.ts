// A table of records: rows from Python, selection both ways, patches row by row.

import type { AnyModel, RenderProps } from "@anywidget/types";
import tabulatorCss from "tabulator-tables/dist/css/tabulator_simple.min.css";
import { counted, formatNumber } from "./cells";
import { columnsMenu } from "./columns_menu";
import { Grid } from "./grid";
import { moveOf, target } from "./keys";
import { type Columns, type ColumnSpec, type Row, rowsOf } from "./schema";
import { matcher } from "./search";
import ownCss from "./table.css";

interface TableModel {
  columns: ColumnSpec[];
  hidden: string[];
  selected: number | null;
  filter: string;
  matches: number;
  group_by: string;
  noun: string;
  label: string;
  legend: string;
  placeholder: string;
  filter_hint: string;
  shortcuts: string[];
  _data: Columns;
}

type Message =
  | { kind: "data"; columns: Columns }
  | { kind: "patch"; rows: (Partial<Row> & { id: number })[] };

let instances = 0;

function styles(): HTMLStyleElement {
  const style = document.createElement("style");
  style.textContent = `${tabulatorCss}\n${ownCss}`;
  return style;
}

function legendOf(columns: readonly ColumnSpec[], key: string): HTMLElement {
  const legend = document.createElement("div");
  legend.className = "cs-legend";
  for (const glyph of columns.find((column) => column.key === key)?.glyphs ?? []) {
    if (!glyph.text) continue;
    const item = document.createElement("span");
    const mark = document.createElement("span");
    mark.className = `cs-glyph cs-tone-${glyph.tone}`;
    mark.textContent = glyph.text;
    mark.setAttribute("aria-hidden", "true");
    item.append(mark, glyph.title);
    legend.append(item);
  }
  return legend;
}

function render({ model, el }: RenderProps<TableModel>): () => void {
  const columns = model.get("columns");
  el.classList.add("cs-table");
  const bar = document.createElement("div");
  bar.className = "cs-table-bar";
  const search = document.createElement("input");
  search.type = "search";
  search.className = "cs-filter";
  search.placeholder = model.get("filter_hint");
  search.setAttribute("aria-label", `Filter ${model.get("label")}`);
  search.value = model.get("filter");
  const host = document.createElement("div");
  host.className = "cs-grid";
  host.id = `cs-table-${++instances}`;
  const count = document.createElement("span");
  count.className = "cs-count";
  count.setAttribute("role", "status");
  const foot = document.createElement("div");
  foot.className = "cs-table-foot";
  foot.append(legendOf(columns, model.get("legend")), count);
  const menu = columnsMenu(columns, (key, visible) => {
    const hidden = model.get("hidden").filter((one) => one !== key);
    model.set("hidden", visible ? hidden : [...hidden, key]);
    model.save_changes();
  });
  bar.append(search, menu.element);
  el.append(styles(), bar, host, foot);

  // A grid laid out while hidden (a tab, a page still loading) has no width to share out.
  let grid: Grid | undefined;
  let pending: Columns | undefined;
  let stopped = false;

  function choose(id: number | null): void {
    if (id === null || id === model.get("selected")) return;
    model.set("selected", id);
    model.save_changes();
  }

  function showCount(): void {
    if (!grid) return;
    const shown = grid.order().length;
    count.textContent =
      shown === grid.size
        ? counted(shown, model.get("noun"))
        : `${formatNumber(shown)} of ${formatNumber(grid.size)}`;
    el.dataset["rows"] = String(shown);
    if (model.get("matches") !== shown) {
      model.set("matches", shown);
      model.save_changes();
    }
  }

  async function build(data: Columns): Promise<void> {
    const built = new Grid(host, {
      columns,
      hidden: model.get("hidden"),
      rows: rowsOf(data),
      groupBy: model.get("group_by"),
      noun: model.get("noun"),
      label: model.get("label"),
      placeholder: model.get("placeholder"),
      onSelect: (id) => {
        host.focus({ preventScroll: true });
        choose(id);
      },
      onEdit: (id, field, value, old) => model.send({ kind: "edit", id, field, value, old }),
      onOrder: (order) => {
        showCount();
        model.send({ kind: "order", ids: order });
      },
    });
    await built.ready;
    if (stopped) {
      built.destroy();
      return;
    }
    grid = built;
    applyFilter();
    built.select(model.get("selected"));
    showCount();
    if (pending) {
      const newer = pending;
      pending = undefined;
      await built.replace(rowsOf(newer));
    }
    el.dataset["ready"] = "1";
  }

  let building = false;
  function setData(data: Columns): void {
    if (grid) {
      void grid.replace(rowsOf(data)).then(() => grid?.select(model.get("selected")));
    } else if (building) {
      pending = data;
    } else {
      building = true;
      void build(data);
    }
  }

  function applyFilter(): void {
    grid?.filter(matcher(model.get("filter"), columns));
  }

  let typing = 0;
  search.addEventListener("input", () => {
    window.clearTimeout(typing);
    typing = window.setTimeout(() => {
      model.set("filter", search.value);
      model.save_changes();
    }, 120);
  });
  search.addEventListener("keydown", (event) => {
    event.stopPropagation(); // letters typed here are no shortcuts of the host
    if (event.key === "ArrowDown" || event.key === "Enter") {
      event.preventDefault();
      host.focus();
      if (model.get("selected") === null && grid) choose(target(grid.order(), null, { step: 1 }));
    } else if (event.key === "Escape" && search.value) {
      search.value = "";
      model.set("filter", "");
      model.save_changes();
    }
  });
  host.addEventListener("keydown", (event) => {
    if (!grid) return;
    const plain = !(event.ctrlKey || event.metaKey || event.altKey);
    const move = moveOf(event);
    if (move) choose(target(grid.order(), model.get("selected"), move, grid.pageRows));
    else if (plain && event.key === "/") search.focus();
    else if (plain && model.get("shortcuts").includes(event.key.toLowerCase())) {
      model.send({ kind: "key", key: event.key.toLowerCase() });
    } else return;
    // JupyterLab moves its cells by the same keys
    event.preventDefault();
    event.stopPropagation();
  });

  const onSelected = () => grid?.select(model.get("selected"));
  const onFilter = () => {
    if (document.activeElement !== search) search.value = model.get("filter");
    applyFilter();
  };
  const onHidden = () => {
    const hidden = model.get("hidden");
    menu.update(hidden);
    for (const column of columns) grid?.show(column.key, !hidden.includes(column.key));
  };
  const onData = () => {
    if ("id" in model.get("_data")) setData(model.get("_data"));
  };
  const onMessage = (message: Message) => {
    if (message.kind === "data") setData(message.columns);
    else if (message.kind === "patch") grid?.patch(message.rows);
  };
  const onGroup = () => grid?.group(model.get("group_by"));
  const off = listen(model, {
    "change:group_by": onGroup,
    "change:selected": onSelected,
    "change:filter": onFilter,
    "change:hidden": onHidden,
    "change:_data": onData,
    "msg:custom": onMessage,
  });
  menu.update(model.get("hidden"));
  onData();
  model.send({ kind: "ready" });

  return () => {
    stopped = true;
    window.clearTimeout(typing);
    off();
    menu.destroy();
    grid?.destroy();
    el.replaceChildren();
  };
}

function listen(
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

export default { render };

// What Python declares of a table: its columns, and what a cell may hold.

export type Value = string | number | boolean | null;
export type Row = { id: number } & Record<string, Value>;
/** Column-wise, as it travels: {"id": [0, 1], "name": ["a", "b"]}; one value where all rows have it. */
export type Columns = { id?: Value[] } & Record<string, Value[] | Value>;

export interface Glyph {
  value: Value;
  text: string;
  title: string;
  /** "ok" | "warn" | "bad" | "dim": the colour, never the only sign. */
  tone: string;
}

export interface ColumnSpec {
  key: string;
  title: string;
  kind: "text" | "number" | "glyph";
  unit?: string;
  help?: string;
  width?: number;
  /** Width up to which the column takes what room is left. */
  grow?: number;
  /** Decimals of a number; null: as many as it needs. */
  digits?: number | null;
  glyphs?: Glyph[];
  /** Row key of a boolean: a dot after the text where true, explained by `badge_title`. */
  badge?: string;
  badge_title?: string;
  /** Row key of a text shown dimly after the value, whole in the tooltip. */
  detail?: string;
  /** Row key of a text for the tooltip alone. */
  hint?: string;
  /** Characters at the end that stay in sight where the text is too long for the column. */
  keep_end?: number;
  frozen?: boolean;
  /** A click moves a glyph to the next of `glyphs` and asks Python for it. */
  editable?: boolean;
}

export function rowsOf(columns: Columns): Row[] {
  const keys = Object.keys(columns);
  const ids = columns["id"] ?? [];
  return ids.map((id, index) => {
    const row: Row = { id: Number(id) };
    for (const key of keys) {
      const values = columns[key];
      if (key !== "id") row[key] = (Array.isArray(values) ? values[index] : values) ?? null;
    }
    return row;
  });
}

export function glyphOf(column: ColumnSpec, value: Value | undefined): Glyph | undefined {
  return column.glyphs?.find((glyph) => glyph.value === (value ?? null));
}

/** What a click on an editable glyph asks for: the next one, round and round. */
export function nextGlyph(column: ColumnSpec, value: Value | undefined): Value {
  const glyphs = column.glyphs ?? [];
  const at = glyphs.findIndex((glyph) => glyph.value === (value ?? null));
  return glyphs[(at + 1) % glyphs.length]?.value ?? null;
}

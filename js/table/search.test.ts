import { describe, expect, it } from "vitest";
import cases from "../../tests/filter_cases.json";
import type { ColumnSpec, Row } from "./schema";
import { condition, matcher, searchText, type Test } from "./search";

const columns = cases.columns as ColumnSpec[];
const rows = cases.rows as unknown as Row[];
const passing = (test: Test | undefined) =>
  rows.filter((row) => !test || test(row, searchText(columns, row))).map((row) => row.id);

describe("the filter means what the one in Python means", () => {
  for (const { filter, passes } of cases.cases) {
    it(JSON.stringify(filter), () => expect(passing(matcher(filter, columns))).toEqual(passes));
  }
  for (const { column, condition: text, passes } of cases.column_cases) {
    it(`${column} ${text}`, () => {
      const spec = columns.find((one) => one.key === column) as ColumnSpec;
      expect(passing(condition(spec, text))).toEqual(passes);
      expect(passing(matcher("", columns, { [column]: text }))).toEqual(passes);
    });
  }
});

describe("the filter", () => {
  it("lets everything through when empty", () => expect(matcher("   ", columns)).toBeUndefined());

  it("stands half-typed text", () => {
    for (const text of ['"', '""', "-", "--", "=", ":", "a:=:<>", "|", 'rois>"', "(", "\\"]) {
      expect(() => passing(matcher(text, columns))).not.toThrow();
    }
  });

  it("leaves out conditions of columns that are gone", () => {
    expect(matcher("", columns, { gone: ">1" })).toBeUndefined();
  });
});

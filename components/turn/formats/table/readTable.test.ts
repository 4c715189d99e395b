import { expect, test } from "vitest"
import { readCsv } from "./readCsv"
import { readTable } from "./readTable"

const ROWS = [
  { id: 1, name: "Ada" },
  { id: 2, name: "Bob" },
]

test.each([
  ["results in an object", { results: ROWS, total: 2 }, { key: "results", rest: { total: 2 } }],
  [
    "columns and rows",
    { columns: ["id", "name"], rows: ROWS.map(({ id, name }) => [id, name]) },
    { key: "rows", rest: {} },
  ],
  [
    "rows next to the types of their columns",
    { rows: ROWS, fields: [{ name: "id" }, { name: "name" }] },
    { key: "rows" },
  ],
  [
    "columns with types",
    {
      columns: [{ name: "id", type: "INT" }, { name: "name" }],
      data: ROWS.map(({ id, name }) => [id, name]),
    },
    { key: "data" },
  ],
  [
    "lists below a list of names",
    [
      ["id", "name"],
      [1, "Ada"],
      [2, "Bob"],
    ],
    { key: undefined, rest: {} },
  ],
])("reads %s as a table", (_name, value, more) => {
  expect(readTable(value)).toMatchObject({ columns: ["id", "name"], rows: ROWS, ...more })
})

test("reads short lists in cells", () => {
  expect(readTable([{ tags: ["a", "b"] }, { tags: [] }])?.columns).toEqual(["tags"])
})

test.each([
  [
    "a matrix",
    [
      [1, 0],
      [0, 1],
    ],
  ],
  [
    "lists of strings",
    [
      ["a", "b"],
      ["c", "d"],
    ],
  ],
  ["two lists of rows", { a: ROWS, b: ROWS }],
  ["lists of different lengths", { columns: ["a", "b"], rows: [[1], [1, 2]] }],
  ["repeated names", { columns: ["a", "a"], rows: [[1, 2]] }],
  ["a single row", { results: [{ id: 1 }] }],
  ["nested rows", { results: [{ a: { b: 1 } }, { a: 2 }] }],
])("leaves %s", (_name, value) => {
  expect(readTable(value)).toBeUndefined()
})

test.each([
  [
    "commas",
    'id,name\r\n1,"Lovelace, ""Ada"""\r\n2,Bob\r\n',
    [
      { id: "1", name: 'Lovelace, "Ada"' },
      { id: "2", name: "Bob" },
    ],
  ],
  [
    "tabs",
    "id\tname\n1\ta, b\n2\t\n",
    [
      { id: "1", name: "a, b" },
      { id: "2", name: "" },
    ],
  ],
  [
    "semicolons",
    'id;name\n1;"x"\n2;"y;z"',
    [
      { id: "1", name: "x" },
      { id: "2", name: "y;z" },
    ],
  ],
])("reads text that is separated by %s", (_name, text, rows) => {
  expect(readCsv(text)?.rows).toEqual(rows)
})

test.each([
  ["prose", "Hello, world.\nThis is a, b, c.\nBye."],
  ["pipes", "a | b\nc | d\ne | f"],
  ["a log", "abc123 Fix, then test\ndef456 Add, remove, move\n"],
  ["two lines", "a,b\n1,2\n"],
  ["a single line of a million commas", "a,".repeat(500_000)],
])("leaves %s", (_name, text) => {
  expect(readCsv(text)).toBeUndefined()
})

import { expect, test } from "vitest"
import { COLUMN_GAP_PX, COLUMNS, fitColumns } from "./columns"

const ids = (px: number, hidden: Parameters<typeof fitColumns>[1] = []) =>
  fitColumns(px, hidden, {}).columns.map((column) => column.id)
const tracks = (template: string) => template.split(" ").map((track) => Number.parseInt(track, 10))

test("a wide window shows all columns, and a narrower one only the most important", () => {
  expect(ids(2_560)).toEqual(COLUMNS.map((column) => column.id))
  expect(ids(1_440)).not.toContain("labels")
  expect(ids(1_440)).toContain("activity")
  expect(ids(700)).toEqual(["state", "agent", "intent", "now", "errors"])
  expect(ids(100)).toEqual(["state", "intent", "now"])
})

test("hidden columns are omitted", () => {
  expect(ids(2_560, ["tokens", "labels"])).not.toContain("tokens")
})

test.each([640, 900, 1_100, 1_440, 1_920, 2_560, 3_840])("the tracks fit into %i px", (px) => {
  const sum = tracks(fitColumns(px, [], {}).template).reduce(
    (total, track) => total + track + COLUMN_GAP_PX,
    0,
  )
  expect(sum).toBeLessThanOrEqual(px)
})

test("columns grow up to their limits", () => {
  const { columns, template } = fitColumns(3_840, [], {})
  const widths = tracks(template).slice(1)
  for (const [at, column] of columns.entries()) expect(widths[at]).toBeLessThanOrEqual(column.max)
  expect(widths[columns.findIndex((column) => column.id === "intent")]).toBe(560)
})

test("a width that the viewer has set is kept, within limits", () => {
  const width = (px: number) => {
    const { columns, template } = fitColumns(1_440, [], { intent: px })
    return tracks(template).slice(1)[columns.findIndex((column) => column.id === "intent")]
  }
  expect(width(333)).toBe(333)
  expect(width(1)).toBe(120)
  expect(width(9_000)).toBe(560)
})

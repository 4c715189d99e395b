import type { Format, FormatInput } from "@/components/turn/formats/Format"
import { strings } from "@/components/turn/strings"
import { readCsv } from "./readCsv"
import { readTable, type Table } from "./readTable"
import { TableView } from "./TableView"

/** Longer texts are hard to read in a cell. */
const MAX_CELL_CHARS = 2_000

export const tableFormat: Format = {
  id: "table",
  name: strings.formats.table,
  detect: (input) => {
    const table = tableOf(input)
    if (table === undefined) return "no"
    // Text with commas may be a table, but the text is what was sent.
    return input.json === undefined || table.rows.some(hasLongCell) ? "possible" : "best"
  },
  Body: ({ input, pointer }) => {
    const table = tableOf(input)
    return table === undefined ? null : (
      <TableView table={table} pointer={typeof input.value === "string" ? undefined : pointer} />
    )
  },
}

function hasLongCell(row: Readonly<Record<string, unknown>>): boolean {
  return Object.values(row).some((cell) => typeof cell === "string" && cell.length > MAX_CELL_CHARS)
}

// Cached, because a long table is detected and rendered.
const cache = new WeakMap<FormatInput, Table | undefined>()

function tableOf(input: FormatInput): Table | undefined {
  if (!cache.has(input)) {
    const { json, value } = input
    cache.set(input, json === undefined && typeof value === "string" ? readCsv(value) : readTable(json))
  }
  return cache.get(input)
}

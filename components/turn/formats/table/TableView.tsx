"use client"

import { useState } from "react"
import { isBranchValue } from "@/components/turn/formats/json/findInJson"
import { isNumeric, leafText } from "@/components/turn/formats/json/parseJson"
import { ShowMore } from "@/components/turn/formats/ShowMore"
import { Marked } from "@/components/turn/text/Marked"
import { oneLine } from "@/components/ui/text/showControls"
import { stripAnsi } from "@/lib/trace/stripAnsi"

const ROWS = 100
const MAX_COLUMNS = 24
/** Longer lists are shown as a tree, because every row has to be checked for columns. */
const MAX_ROWS = 5_000

type Row = Record<string, unknown>

/** Returns true for a list of two or more flat objects with a readable number of columns. */
export function isFlatTable(value: unknown): value is Row[] {
  if (!Array.isArray(value) || value.length < 2 || value.length > MAX_ROWS) return false
  const columns = new Set<string>()
  for (const row of value) {
    if (!isBranchValue(row) || Array.isArray(row)) return false
    for (const [key, cell] of Object.entries(row)) {
      if (isBranchValue(cell)) return false
      columns.add(key)
    }
  }
  return columns.size > 0 && columns.size <= MAX_COLUMNS
}

/** A list of flat objects as a table that scrolls sideways. */
export function TableView({ rows }: { rows: readonly Row[] }) {
  const [count, setCount] = useState(ROWS)
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return (
    <>
      <div className="overflow-x-auto" dir="ltr">
        <table className="num border-collapse text-left">
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} className="border-b border-line-strong py-1 pr-4 font-medium text-ink-2">
                  <bdi>{oneLine(column)}</bdi>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, count).map((row, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows are identified by their order; the value never changes
              <tr key={at} className="hover:bg-hover">
                {columns.map((column) => (
                  <Cell key={column} value={Object.hasOwn(row, column) ? row[column] : undefined} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ShowMore left={rows.length - count} unit="rows" onMore={() => setCount(count + ROWS * 5)} />
    </>
  )
}

/** A cell. CSS truncates long text, and the tooltip shows all of it. */
function Cell({ value }: { value: unknown }) {
  const text = value === undefined ? "" : stripAnsi(leafText(value))
  return (
    <td
      title={text.length > 40 ? text.slice(0, 2_000) : undefined}
      className={`max-w-80 truncate border-b border-line py-1 pr-4 align-top ${isNumeric(value) ? "text-right" : ""}`}
    >
      <bdi>
        <Marked text={oneLine(text, 2_000)} />
      </bdi>
    </td>
  )
}

"use client"

import { ChevronRight } from "lucide-react"
import { useState } from "react"
import { JsonTree } from "@/components/turn/formats/json/JsonTree"
import { isNumeric, leafText } from "@/components/turn/formats/json/parseJson"
import { ShowMore } from "@/components/turn/formats/ShowMore"
import { strings } from "@/components/turn/strings"
import { Marked } from "@/components/turn/text/Marked"
import { cx } from "@/components/ui/cx"
import { oneLine, showControls } from "@/components/ui/text/showControls"
import { stripAnsi } from "@/lib/trace/stripAnsi"
import type { Row, Table } from "./readTable"

const ROWS = 100
/** A row with a longer text can be opened. */
const CELL_CHARS = 50

export type TableViewProps = { table: Table; pointer: string | undefined }

/** Rows as a table that scrolls sideways, below the other fields. */
export function TableView({ table: { columns, rows, key, rest }, pointer }: TableViewProps) {
  const [count, setCount] = useState(ROWS)
  const shown = rows.slice(0, count)
  const canOpen = shown.some((row) => columns.some((column) => isLong(textOf(row, column))))
  return (
    <>
      {Object.keys(rest).length === 0 ? null : <JsonTree value={rest} query="" pointer={pointer} />}
      {key === undefined ? null : <p className="num pt-1 text-ink-2">{oneLine(key)}</p>}
      <div className="overflow-x-auto" dir="ltr">
        <table className="num border-collapse text-left">
          <thead>
            <tr>
              {canOpen ? <td className="border-b border-line-strong" /> : null}
              {columns.map((column) => (
                <th key={column} className="border-b border-line-strong py-1 pr-4 font-medium text-ink-2">
                  <bdi>{oneLine(column)}</bdi>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows are identified by their order; the value never changes
              <TableRow key={at} row={row} columns={columns} canOpen={canOpen} />
            ))}
          </tbody>
        </table>
      </div>
      <ShowMore left={rows.length - count} unit="rows" onMore={() => setCount(count + ROWS * 5)} />
    </>
  )
}

function textOf(row: Row, column: string): string {
  const value = Object.hasOwn(row, column) ? row[column] : undefined
  if (value === undefined) return ""
  return stripAnsi(Array.isArray(value) ? value.map(leafText).join(", ") : leafText(value))
}

function isLong(text: string): boolean {
  return text.length > CELL_CHARS || text.includes("\n")
}

type TableRowProps = { row: Row; columns: readonly string[]; canOpen: boolean }

/** A row. Long texts are cut off until the row is opened. */
function TableRow({ row, columns, canOpen }: TableRowProps) {
  const [open, setOpen] = useState(false)
  const hasMore = canOpen && columns.some((column) => isLong(textOf(row, column)))
  return (
    <tr className="hover:bg-hover">
      {canOpen ? (
        <td className="border-b border-line py-1 align-top">
          {hasMore ? (
            <button
              type="button"
              aria-expanded={open}
              aria-label={strings.table.openRow}
              title={strings.table.openRow}
              onClick={() => setOpen(!open)}
              className="block text-ink-3 hover:text-accent"
            >
              <ChevronRight className={cx("size-4 p-0.5 transition-transform", open && "rotate-90")} />
            </button>
          ) : null}
        </td>
      ) : null}
      {columns.map((column) => (
        <td
          key={column}
          className={cx(
            "border-b border-line py-1 pr-4 align-top",
            open ? "max-w-md min-w-24 whitespace-pre-wrap wrap-anywhere" : "max-w-80 truncate",
            isNumeric(row[column]) && "text-right",
          )}
        >
          <bdi>
            <Marked
              text={
                open ? showControls(textOf(row, column)) : oneLine(textOf(row, column).slice(0, 2_000), 2_000)
              }
            />
          </bdi>
        </td>
      ))}
    </tr>
  )
}

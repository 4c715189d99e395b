"use client"

import { useState } from "react"
import { ShowMore } from "@/components/turn/formats/ShowMore"
import { oneLine } from "@/components/ui/text/showControls"
import { exactNumber } from "@/lib/protocol/exactNumbers"

const ROWS = 100

/** Rows of flat objects as a table; it scrolls sideways in its own box. */
export function TableView({ rows }: { rows: readonly Record<string, unknown>[] }) {
  const [count, setCount] = useState(ROWS)
  const columns = [...new Set(rows.slice(0, 200).flatMap((row) => Object.keys(row)))]
  return (
    <>
      <div className="overflow-x-auto">
        <table className="num border-collapse text-left">
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} className="border-b border-line-strong py-1 pr-4 font-medium text-ink-2">
                  {oneLine(column)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, count).map((row, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a row has no name but its place, and the value never changes
              <tr key={place} className="hover:bg-hover">
                {columns.map((column) => (
                  <td key={column} className="max-w-80 truncate border-b border-line py-1 pr-4 align-top">
                    {cellText(row, column)}
                  </td>
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

function cellText(row: Record<string, unknown>, column: string): string {
  if (!Object.hasOwn(row, column)) return ""
  const value = row[column]
  return exactNumber(value) ?? (typeof value === "string" ? oneLine(value) : String(value))
}

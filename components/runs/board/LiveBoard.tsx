"use client"

import { useVirtualizer } from "@tanstack/react-virtual"
import { useRef, useState } from "react"
import type { PageFilter } from "@/components/runs/filters/useRunFilter"
import { useSteady } from "@/components/runs/list/useSteady"
import { usePhone, useRowHeight } from "@/components/ui/hooks/useMedia"
import { useLiveRuns } from "@/lib/live/hooks/useRuns"
import { LiveBoardRow } from "./LiveBoardRow"
import { useBoardRunIds } from "./useBoardRunIds"

const PHONE_ROW_PX = 52
/** The heights that the wall takes, in rows: it grows in steps, so that a run that starts seldom moves what is below. */
const STEPS = [1, 2, 4, 6, 9, 12, 16]

/** How many rows the wall is tall for a count of live runs. */
export function liveBoardRows(count: number, most: number): number {
  const wanted = STEPS.find((step) => step >= count) ?? most
  return Math.min(Math.max(1, most), wanted)
}

export type LiveBoardProps = {
  filter: PageFilter
  /** The mouse is over what lies below: the wall keeps its height. */
  steady: boolean
}

/** Every live run on a line, waiting ones first. */
export function LiveBoard({ filter, steady }: LiveBoardProps) {
  const [hold, setHold] = useState(false)
  const { phase, ids: all } = useLiveRuns({ hold })
  const ids = useBoardRunIds(all, filter)
  const phone = usePhone()
  const oneLine = useRowHeight()
  const rowPx = phone ? PHONE_ROW_PX : oneLine
  const rows = liveBoardRows(ids.length, phone ? 5 : 12)
  // Half a row more shows that there is more to scroll to; the last hairline is the section's own.
  const wanted = rows * rowPx + (ids.length > rows ? Math.round(rowPx / 2) : -1)
  const height = useSteady(wanted, steady, `${phone} ${JSON.stringify(filter)}`)
  const more = ids.length * rowPx > height + 1
  const box = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: ids.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowPx,
    getItemKey: (at) => ids[at] ?? at,
    overscan: 3,
  })
  const moved = useRef(rowPx)
  if (moved.current !== rowPx) {
    moved.current = rowPx
    virtual.measure()
  }
  return (
    <section aria-labelledby="live-runs" className="border-b border-line">
      <h2 id="live-runs" className="sr-only">
        Live runs
      </h2>
      <div
        ref={box}
        className={`overscroll-contain ${more ? "overflow-y-auto" : "overflow-hidden"}`}
        style={{ height }}
        onPointerEnter={(event) => setHold(event.pointerType === "mouse")}
        onPointerLeave={() => setHold(false)}
      >
        {ids.length === 0 && phase !== "loading" ? <Nobody filtered={all.length > 0} /> : null}
        <ul aria-label="Live runs" className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ key, index, start }) => (
            <LiveBoardRow
              key={key}
              runId={String(key)}
              top={start}
              height={rowPx}
              at={index + 1}
              of={ids.length}
              phone={phone}
            />
          ))}
        </ul>
      </div>
    </section>
  )
}

function Nobody({ filtered }: { filtered: boolean }) {
  return (
    <p className="flex h-row items-center px-6 text-ink-3">
      {filtered ? "No live run is what the filter asks for." : "No agent is running."}
    </p>
  )
}

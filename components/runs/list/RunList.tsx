"use client"

import { useWindowVirtualizer } from "@tanstack/react-virtual"
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react"
import { useCoarse, usePhone, useRowHeight } from "@/components/ui/hooks/useMedia"
import { useLive } from "@/lib/live/LiveProvider"
import type { RunListState } from "@/lib/live/lists/RunListState"
import { foldRuns } from "@/lib/trace/foldRuns"
import { RunListRow } from "./RunListRow"
import type { Unfolded } from "./useUnfolded"

const PHONE_ROW_PX = 52
/** How many rows before the end the next page is asked for. */
const AHEAD = 30

export type RunListProps = {
  list: RunListState & { loadMore: () => void }
  family: Unfolded
  /** Words are searched for: every run found stands by itself. */
  flat: boolean
}

/** The runs, newest first, child runs folded under their parents; only the rows in view are drawn. */
export function RunList({ list, family, flat }: RunListProps) {
  const rows = useRows(list.ids, family, flat)
  const phone = usePhone()
  const touch = useCoarse()
  const oneLine = useRowHeight()
  const rowPx = phone ? PHONE_ROW_PX : oneLine
  const box = useRef<HTMLUListElement>(null)
  const top = usePageTop(box)
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => rowPx,
    getItemKey: (at) => rows[at]?.run_id ?? at,
    scrollMargin: top,
    overscan: 4,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are measured anew when their height is another
  useEffect(() => virtual.measure(), [rowPx, virtual])
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  const { more, loadingMore, loadMore } = list
  useEffect(() => {
    if (more && !loadingMore && last >= rows.length - AHEAD) loadMore()
  }, [more, loadingMore, loadMore, last, rows.length])
  return (
    <ul ref={box} aria-label="Runs" className="relative" style={{ height: virtual.getTotalSize() }}>
      {items.map(({ index, start }) => {
        const row = rows[index]
        return row === undefined ? null : (
          <RunListRow
            key={row.run_id}
            runId={row.run_id}
            depth={row.depth}
            unfolded={row.unfolded}
            top={start - top}
            height={rowPx}
            at={index + 1}
            of={more ? -1 : rows.length}
            phone={phone}
            touch={touch}
            hit={list.hits.get(row.run_id)}
            onFold={family.toggle}
          />
        )
      })}
    </ul>
  )
}

function useRows(ids: readonly string[], { unfolded, childrenOf }: Unfolded, flat: boolean) {
  const { runs } = useLive()
  return useMemo(() => {
    if (flat) return ids.map((run_id) => ({ run_id, depth: 0, unfolded: false }))
    // A run's parent never changes, so reading it once per list is enough.
    const { byId } = runs.getState()
    return foldRuns(ids, unfolded, { parentOf: (id) => byId.get(id)?.parent?.run_id, childrenOf })
  }, [ids, unfolded, childrenOf, flat, runs])
}

/** Where an element stands on the page, in CSS pixels from its top; kept true when what is above it grows. */
function usePageTop(element: React.RefObject<HTMLElement | null>): number {
  const [top, setTop] = useState(0)
  useLayoutEffect(() => {
    const measure = () => {
      const box = element.current?.getBoundingClientRect()
      if (box !== undefined) setTop(Math.round(box.top + window.scrollY))
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(document.body)
    return () => observer.disconnect()
  }, [element])
  return top
}

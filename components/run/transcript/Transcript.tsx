"use client"

import { useVirtualizer } from "@tanstack/react-virtual"
import { useEffect, useLayoutEffect, useRef, useState } from "react"
import type { RunTree } from "@/components/run/header/useRunTree"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { NewTurnsChip } from "@/components/run/timeline/NewTurnsChip"
import { useKeptPlace } from "@/components/run/timeline/useKeptPlace"
import { usePauseFollow } from "@/components/run/timeline/usePauseFollow"
import { useRowActions } from "@/components/run/timeline/useRowActions"
import { TranscriptProgress } from "./TranscriptProgress"
import { TranscriptTurn } from "./TranscriptTurn"

const GUESSED_PX = 160

/** The turns one below the other, to be read; shares selection and cursor with the timeline. */
export function Transcript({ tree }: { tree: RunTree }) {
  const { runId } = useRunPageStore()
  const [scroller, setScroller] = useState<HTMLElement | null>(null)
  const at = useRunPageState((state) => state.at)
  const following = useRunPageState((state) => state.following)
  const selected = useRunPageState((state) => state.selected)
  const count = tree.cursor
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller,
    estimateSize: () => GUESSED_PX,
    getItemKey: (index) => index,
    overscan: 4,
  })
  const { onSelect } = useRowActions(tree)
  usePauseFollow(scroller, tree.views.get(runId)?.cursor ?? 0)
  useKeptPlace(
    scroller,
    (box) => virtual.getVirtualItemForOffset(box.scrollTop)?.index,
    (index) => virtual.scrollToIndex(index, { align: "start" }),
  )
  useScrollToSelected(scroller === null ? undefined : virtual.scrollToIndex, count, runId)
  useLayoutEffect(() => {
    if (following && scroller !== null) scroller.scrollTop = scroller.scrollHeight
  })
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={setScroller}
        className="h-full overflow-x-hidden overflow-y-auto overscroll-contain [overflow-anchor:none]"
      >
        <ol
          aria-label="Transcript"
          className="relative mx-auto max-w-4xl"
          style={{ height: virtual.getTotalSize() }}
        >
          {virtual.getVirtualItems().map((item) => (
            <li
              key={item.key}
              ref={virtual.measureElement}
              data-index={item.index}
              className="absolute inset-x-0 top-0"
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <TranscriptTurn
                runId={runId}
                index={item.index}
                selected={selected?.runId === runId && selected.index === item.index}
                onSelect={onSelect}
              />
            </li>
          ))}
        </ol>
        {at === undefined ? <TranscriptProgress runId={runId} /> : null}
      </div>
      <NewTurnsChip />
    </div>
  )
}

/** Brings the selected turn into view when the transcript is opened and when another is selected, not when data comes. */
function useScrollToSelected(
  scrollTo: ((index: number, options: { align: "auto" | "start" }) => void) | undefined,
  count: number,
  runId: string,
): void {
  const { reader } = useRunPageStore()
  const selected = useRunPageState((state) => state.selected)
  const index = selected?.runId === runId ? selected.index : undefined
  const isThere = index !== undefined && index < count && scrollTo !== undefined
  const first = useRef(true)
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another selection, or its turn's arrival, may scroll
  useEffect(() => {
    if (isThere && !reader.store.getState().following) {
      scrollTo(index, { align: first.current ? "start" : "auto" })
    }
    if (scrollTo !== undefined) first.current = false
  }, [index, isThere])
}

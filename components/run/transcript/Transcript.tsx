"use client"

import { useVirtualizer } from "@tanstack/react-virtual"
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { strings } from "@/components/run/strings"
import { NewTurnsChip } from "@/components/run/timeline/NewTurnsChip"
import { usePageKeys } from "@/components/run/timeline/usePageKeys"
import { usePauseFollow } from "@/components/run/timeline/usePauseFollow"
import { useRowActions } from "@/components/run/timeline/useRowActions"
import { useScrollHandover } from "@/components/run/timeline/useScrollHandover"
import type { RunTree } from "@/components/run/useRunTree"
import { FormatsContext } from "@/components/turn/formats/FormattedValue"
import { formatsOf } from "@/components/turn/formats/formats"
import { PendingEntry } from "./PendingEntry"
import { TranscriptTurn } from "./TranscriptTurn"

/** The height of a turn before it has been measured. */
const ESTIMATED_PX = 120

/** The turns as a conversation. Shares selection, filter and position with the timeline. */
export function Transcript({ tree }: { tree: RunTree }) {
  const { runId } = useRunPageStore()
  const [scroller, setScroller] = useState<HTMLElement | null>(null)
  const isLive = useRunPageState(({ mode }) => mode.kind === "live")
  const isReplaying = useRunPageState(({ mode }) => mode.kind === "replaying")
  const selected = useRunPageState((state) => state.selected)
  // A conversation is chronological and shows repeated turns one by one.
  const indices = useMemo(() => tree.list.indices.toSorted(), [tree.list])
  const virtual = useVirtualizer({
    count: indices.length,
    getScrollElement: () => scroller,
    estimateSize: () => ESTIMATED_PX,
    getItemKey: (row) => indices[row] ?? row,
    overscan: 4,
  })
  const { onSelect } = useRowActions(tree)
  const cursor = tree.views.get(runId)?.cursor ?? 0
  usePauseFollow(scroller, cursor)
  usePageKeys(scroller, cursor)
  const rowOf = (index: number) => indices.indexOf(index)
  useScrollHandover(
    scroller,
    (box) => indices[virtual.getVirtualItemForOffset(box.scrollTop)?.index ?? -1],
    (index) => virtual.scrollToIndex(Math.max(0, rowOf(index)), { align: "start" }),
  )
  const selectedRow = selected?.runId === runId ? rowOf(selected.index) : -1
  useScrollToSelected(scroller === null ? undefined : virtual.scrollToIndex, selectedRow)
  useLayoutEffect(() => {
    if (isLive && scroller !== null) scroller.scrollTop = scroller.scrollHeight
  })
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={setScroller}
        data-turns=""
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard
        tabIndex={0}
        className="h-full overflow-x-hidden overflow-y-auto overscroll-contain outline-offset-[-2px] [overflow-anchor:none]"
      >
        <FormatsContext value={formatsOf}>
          <div
            role="feed"
            aria-label={strings.transcript.label}
            className="relative mx-auto max-w-4xl"
            style={{ height: virtual.getTotalSize() }}
          >
            {virtual.getVirtualItems().map((item) => {
              const index = indices[item.index] ?? 0
              return (
                <div
                  key={item.key}
                  ref={virtual.measureElement}
                  data-index={item.index}
                  className="absolute inset-x-0 top-0"
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <TranscriptTurn
                    runId={runId}
                    index={index}
                    total={tree.cursor}
                    selected={selected?.runId === runId && selected.index === index}
                    onSelect={onSelect}
                  />
                </div>
              )
            })}
          </div>
          {isReplaying ? null : <PendingEntry runId={runId} />}
        </FormatsContext>
        {tree.cursor > 0 && indices.length === 0 ? (
          <p className="p-4 text-ink-3">{strings.facets.noMatch}</p>
        ) : null}
      </div>
      <NewTurnsChip />
    </div>
  )
}

/** Scrolls to the selected turn when the transcript opens or the selection changes, but not when data arrives. */
function useScrollToSelected(
  scrollTo: ((row: number, options: { align: "auto" | "start" }) => void) | undefined,
  row: number,
): void {
  const { page, runId } = useRunPageStore()
  const selected = useRunPageState((state) => state.selected)
  const index = selected?.runId === runId ? selected.index : undefined
  const isShown = row >= 0 && scrollTo !== undefined
  const isFirst = useRef(true)
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another selection, or its turn's arrival, scrolls
  useEffect(() => {
    if (isShown && page.store.getState().mode.kind !== "live")
      scrollTo(row, { align: isFirst.current ? "start" : "auto" })
    if (scrollTo !== undefined) isFirst.current = false
  }, [index, isShown])
}

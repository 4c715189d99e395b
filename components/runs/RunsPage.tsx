"use client"

import { useRef } from "react"
import { CompareBar } from "@/components/compare/CompareBar"
import { useOnDemand } from "@/components/ui/hooks/useOnDemand"
import { useRuns } from "@/lib/live/hooks/useRuns"
import { LiveBoard } from "./board/LiveBoard"
import { Counters } from "./Counters"
import { FilterBar } from "./filters/FilterBar"
import { isEmptyFilter, useRunFilter } from "./filters/useRunFilter"
import { AgentLanes } from "./lanes/AgentLanes"
import { ListError } from "./list/ListError"
import { ListHeads } from "./list/ListHeads"
import { RunList } from "./list/RunList"
import { useHold } from "./list/useHold"
import { useNewRunWords } from "./list/useNewRunWords"
import { useRowKeys } from "./list/useRowKeys"
import { useUnfolded } from "./list/useUnfolded"
import { useWaitingTitle } from "./useWaitingTitle"

const loadEmpty = () => import("./EmptyRuns").then((module) => module.EmptyRuns)

/** Every run: what is live now, who worked when, and the list of all. */
export function RunsPage() {
  const { filter, wire, set } = useRunFilter()
  const rows = useRef<HTMLDivElement>(null)
  const bar = useRef<HTMLDivElement>(null)
  const hold = useHold(rows, bar)
  const list = useRuns(wire, { hold })
  const family = useUnfolded()
  useRowKeys(family.fold)
  useWaitingTitle()
  useNewRunWords(list.pendingNew)
  const showNew = () => {
    list.showNew()
    toFirstRow(rows.current, bar.current)
  }
  const empty =
    list.phase === "ready" && list.ids.length === 0 && isEmptyFilter(filter) && list.pendingNew === 0
  const EmptyRuns = useOnDemand(empty, loadEmpty)
  return (
    <main data-page="runs" className="flex flex-col">
      <CompareBar />
      <div className="flex flex-wrap items-center gap-x-4 border-b border-line px-4 py-1 max-sm:px-2">
        <h1 className="pl-2 text-list font-semibold max-sm:sr-only">Runs</h1>
        <Counters filter={filter} set={set} />
      </div>
      {empty ? (
        EmptyRuns && <EmptyRuns />
      ) : (
        <>
          <LiveBoard filter={filter} steady={hold} />
          <AgentLanes steady={hold} />
          <div className="flex flex-col">
            <div ref={bar} className="sticky top-(--header) z-20 border-b border-line bg-bg">
              <FilterBar filter={filter} set={set} pendingNew={list.pendingNew} onShowNew={showNew} />
              <ListHeads />
            </div>
            <div ref={rows}>
              <RunList list={list} family={family} flat={filter.q !== undefined} />
            </div>
            <ListError list={list} filtered={!isEmptyFilter(filter)} onClear={() => set({})} />
          </div>
        </>
      )}
    </main>
  )
}

/** Brings the first row, where the new ones come in, from under the bar that stays above the rows. */
function toFirstRow(rows: HTMLElement | null, bar: HTMLElement | null): void {
  if (rows === null || bar === null) return
  const hidden = bar.getBoundingClientRect().bottom - rows.getBoundingClientRect().top
  if (hidden > 0) window.scrollBy({ top: -hidden })
}

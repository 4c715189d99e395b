"use client"

import { useEffect, useLayoutEffect, useRef } from "react"
import { useStore } from "zustand"
import { CompareBar } from "@/components/compare/CompareBar"
import { useOnDemand } from "@/components/ui/hooks/useOnDemand"
import { Counters } from "./Counters"
import { endedTotal } from "./filters/endedTotal"
import { FilterBar } from "./filters/FilterBar"
import { isEmptyFilter } from "./filters/PageFilter"
import { useRunFilter } from "./filters/useRunFilter"
import { GridContext } from "./grid/GridContext"
import { GridStatus } from "./grid/GridStatus"
import { RunGrid } from "./grid/RunGrid"
import { useGridModel } from "./grid/useGridModel"
import { AgentLanes } from "./lanes/AgentLanes"
import { runsPreferences } from "./runsPreferences"
import { strings } from "./strings"
import { usePageTitle } from "./usePageTitle"
import { useShownCounts } from "./useShownCounts"

const loadSelection = () => import("./selection/SelectionBar").then((module) => module.SelectionBar)
const loadEmpty = () => import("./EmptyRuns").then((module) => module.EmptyRuns)

/** All runs: counters, agents over time, filters, and the grid. */
export function RunsPage() {
  const view = useRunFilter()
  const { filter, wire, order, set, setOrder } = view
  const bar = useRef<HTMLDivElement>(null)
  const model = useGridModel(wire, order, bar)
  const { list, groups, isEmpty, pendingNew, moved } = model
  const shown = useShownCounts(model.live)
  const isFiltered = !isEmptyFilter(filter)
  const hasNoRuns = list.phase === "ready" && isEmpty && !isFiltered && pendingNew === 0 && moved === 0
  const EmptyRuns = useOnDemand(hasNoRuns, loadEmpty)
  const hasSelection = useStore(model.actions.store, ({ selected }) => selected.size > 0)
  const SelectionBar = useOnDemand(hasSelection, loadSelection)
  usePageTitle(shown?.counts)
  useHeightVariable(bar, "--filter-bar")
  useEffect(() => void runsPreferences.persist.rehydrate(), [])
  return (
    <main data-page="runs" className="flex flex-col">
      <CompareBar activeRun={model.activeRun} />
      {SelectionBar && <SelectionBar store={model.actions.store} listed={model.layout.itemOf} />}
      <div className="flex flex-wrap items-center gap-x-4 border-b border-line px-4 py-1 max-sm:px-2">
        <h1 className="pl-2 text-list font-semibold max-sm:sr-only">{strings.title}</h1>
        <Counters filter={filter} set={set} shown={shown} isLiveExact={model.live !== undefined} />
      </div>
      {hasNoRuns ? (
        EmptyRuns && <EmptyRuns />
      ) : (
        <GridContext value={model.actions}>
          <AgentLanes filter={wire} isHeld={model.hold} />
          <div className="flex flex-col pb-14">
            <div ref={bar} className="sticky top-(--header) z-20 bg-bg sm:border-b sm:border-line">
              <FilterBar {...view} pendingNew={pendingNew} moved={moved} onApply={model.apply} />
            </div>
            <RunGrid
              grid={model.grid}
              groups={groups}
              layout={model.layout}
              hits={list.hits}
              query={filter.q}
              more={list.more}
              loadingMore={list.loadingMore}
              loadMore={list.loadMore}
              endedTotal={endedTotal(filter, shown)}
              sizes={model.sizes}
              live={model.live}
              order={order}
              onOrder={setOrder}
              onFoldSection={model.foldSection}
            />
            <GridStatus list={list} isEmpty={isEmpty} filter={filter} set={set} />
          </div>
        </GridContext>
      )}
    </main>
  )
}

/** Publishes an element's height as a CSS variable, for elements that stick below it. */
function useHeightVariable(element: React.RefObject<HTMLElement | null>, name: string): void {
  useLayoutEffect(() => {
    const { current } = element
    if (current === null) return
    const publish = () => document.documentElement.style.setProperty(name, `${current.offsetHeight}px`)
    publish()
    const observer = new ResizeObserver(publish)
    observer.observe(current)
    return () => observer.disconnect()
  })
}

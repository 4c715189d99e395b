"use client"

import { useRouter } from "next/navigation"
import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from "react"
import type { RunOrder } from "@/components/runs/filters/PageFilter"
import { runsPreferences } from "@/components/runs/runsPreferences"
import { strings } from "@/components/runs/strings"
import { announce } from "@/components/shell/announce"
import { runPath } from "@/components/ui/runPath"
import { useRunSections, useRuns } from "@/lib/live/hooks/useRuns"
import { useLive } from "@/lib/live/LiveProvider"
import type { RunFilter } from "@/lib/protocol/commands"
import type { RunSection } from "@/lib/trace/state/runSection"
import type { GridActions } from "./GridContext"
import { createGridStore, keepSelected, selectRange, toggleSelected } from "./gridStore"
import { layoutGrid } from "./layoutGrid"
import { useGridHold } from "./useGridHold"
import { scrollToActive, useGridKeys } from "./useGridKeys"
import { useGroups } from "./useGroups"
import { useScrollPlace } from "./useScrollPlace"
import { useUnfolded } from "./useUnfolded"

/** Returns everything that the grid shows, and its actions. `bar` is the element that sticks above the grid. */
export function useGridModel(
  filter: RunFilter,
  order: RunOrder | undefined,
  bar: RefObject<HTMLElement | null>,
) {
  const grid = useRef<HTMLDivElement>(null)
  const hold = useGridHold(grid, bar)
  const family = useUnfolded(hold)
  const [store] = useState(createGridStore)
  const sections = useRunSections(filter, { hold, enabled: order === undefined })
  const sorted = useRuns({ ...filter, ...order }, { hold, enabled: order !== undefined })
  const list = order === undefined ? sections : sorted
  const groups = useGroups({ filter, order, sections: sections.sections, ids: sorted.ids, family, hold })
  const layout = useMemo(() => layoutGrid(groups), [groups])
  const isEmpty = layout.items.length === 0 || groups.every(({ count }) => count === 0)
  const hits = useRef(list.hits)
  hits.current = list.hits
  const turnOf = useCallback((runId: string) => hits.current.get(runId)?.index, [])
  const actions = useActions(store, layout.stops, family.toggle, list.phase === "ready" && !isEmpty)
  useGridKeys({
    grid,
    layout,
    groups,
    actions,
    turnOf,
    setFolded: family.setFolded,
    onFoldSection: foldSection,
  })
  const pendingNew = order === undefined ? sections.pendingNew : sorted.pending.length
  const moved = order === undefined ? sections.moved : 0
  useNewRunAnnouncements(pendingNew)
  useDroppedSelection(store)
  const apply = () => {
    list.applyPending()
    family.applyPending()
    // The list gets the focus and is scrolled to its top, where the new runs are.
    grid.current?.focus({ preventScroll: true })
    scrollToTop(grid.current, bar.current)
  }
  const activeRun = useCallback(() => store.getState().active, [store])
  return {
    grid,
    hold,
    list,
    sizes: sections.sizes,
    // Without sections, not all runs in progress are loaded.
    live: order === undefined ? sections.live : undefined,
    groups,
    layout,
    isEmpty,
    pendingNew,
    moved,
    actions,
    apply,
    foldSection,
    activeRun,
  }
}

function useActions(
  store: GridActions["store"],
  stops: readonly string[],
  toggleFold: (runId: string) => void,
  isReady: boolean,
): GridActions {
  const router = useRouter()
  const rowOrder = useRef(stops)
  rowOrder.current = stops
  const restore = useCallback((runId: string) => store.setState({ active: runId }), [store])
  const rememberPlace = useScrollPlace(isReady, restore)
  return useMemo(() => {
    const leave = (runId: string) => {
      store.setState({ active: runId })
      rememberPlace(runId)
    }
    return {
      store,
      leave,
      toggleFold,
      open(runId, turn, newTab) {
        if (newTab) return void window.open(runPath(runId, turn), "_blank", "noopener")
        leave(runId)
        router.push(runPath(runId, turn))
      },
      select(runId, isRange) {
        store.setState((state) => ({
          ...(isRange ? selectRange(state, runId, rowOrder.current) : toggleSelected(state, runId)),
          active: runId,
        }))
      },
    }
  }, [store, rememberPlace, toggleFold, router])
}

/** Deselects runs that have been deleted. */
function useDroppedSelection(store: GridActions["store"]): void {
  const { runs } = useLive()
  useEffect(
    () => runs.subscribe(({ byId }) => store.setState((state) => keepSelected(state, (id) => byId.has(id)))),
    [runs, store],
  )
}

function foldSection(section: RunSection): void {
  const { foldedSections } = runsPreferences.getState()
  const others = foldedSections.filter((one) => one !== section)
  const isFolded = others.length < foldedSections.length
  runsPreferences.setState({ foldedSections: isFolded ? others : [...others, section] })
}

/** Scrolls so that the first row isn't under the sticky headers. */
function scrollToTop(grid: HTMLElement | null, bar: HTMLElement | null): void {
  if (grid === null || bar === null) return
  const covered = bar.getBoundingClientRect().bottom - grid.getBoundingClientRect().top
  if (covered > 0) window.scrollBy({ top: -covered })
  else scrollToActive(grid)
}

/** Tells screen readers how many runs have been held back since the last announcement. */
function useNewRunAnnouncements(pending: number): void {
  const announced = useRef(0)
  useEffect(() => {
    announce(strings.grid.announceNew, pending - announced.current)
    announced.current = pending
  }, [pending])
}

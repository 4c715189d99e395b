"use client"

import { useMemo, useRef } from "react"
import { useStore } from "zustand"
import type { RunOrder } from "@/components/runs/filters/PageFilter"
import { runsPreferences } from "@/components/runs/runsPreferences"
import { useLive } from "@/lib/live/LiveProvider"
import { watchScope } from "@/lib/live/lists/listFilter"
import type { SectionRows } from "@/lib/live/lists/RunListState"
import type { RunFilter } from "@/lib/protocol/commands"
import { flatRows, gridSections, rootsOf } from "./gridItems"
import type { GridGroup } from "./layoutGrid"
import type { Unfolded } from "./useUnfolded"

type GroupsOptions = {
  filter: RunFilter
  /** Undefined: the runs are shown in sections. */
  order: RunOrder | undefined
  sections: readonly SectionRows[]
  /** The runs of the sorted list. */
  ids: readonly string[]
  family: Unfolded
  /** True while no row may move. */
  hold: boolean
}

type Shown = { readonly list: string; readonly applied: number; readonly roots: ReadonlySet<string> }

const NO_RUNS: ReadonlySet<string> = new Set()

/** Returns the groups of rows that the grid shows. */
export function useGroups({
  filter,
  order,
  sections,
  ids,
  family,
  hold,
}: GroupsOptions): readonly GridGroup[] {
  const { unfolded, childrenOf, applied } = family
  const { runs } = useLive()
  const folded = useStore(runsPreferences, (state) => state.foldedSections)
  const last = useRef<Shown>({ list: "", applied, roots: NO_RUNS })
  const list = JSON.stringify(filter)
  // With a filter, runs aren't folded, because a parent and its children needn't both match.
  const isFlat = Object.keys(watchScope(filter)).length > 0
  return useMemo(() => {
    if (order !== undefined)
      return [{ section: undefined, count: ids.length, isFolded: false, rows: flatRows(ids) }]
    // A run's parent never changes, so no subscription is needed.
    const { byId } = runs.getState()
    const isHeld = hold && last.current.list === list && last.current.applied === applied
    const groups = gridSections(sections, folded, {
      unfolded,
      parentOf: (id) => (isFlat ? undefined : byId.get(id)?.parent?.run_id),
      childrenOf,
      roots: isHeld ? last.current.roots : NO_RUNS,
    })
    last.current = { list, applied, roots: rootsOf(groups) }
    return groups
  }, [order, ids, sections, folded, unfolded, childrenOf, isFlat, runs, hold, list, applied])
}

"use client"

import { useMemo } from "react"
import { useStore } from "zustand"
import { useStores } from "@/lib/live/hooks/useStores"
import { useLive } from "@/lib/live/LiveProvider"
import type { RunSummary } from "@/lib/protocol/run"
import { facetFilter, type TurnFacets, turnFacets } from "@/lib/timeline/rows/turnFacets"
import { type TurnList, turnList } from "@/lib/timeline/rows/turnList"
import { type RowSource, type TurnRows, turnRows } from "@/lib/timeline/rows/turnRows"
import { outlineAt } from "@/lib/trace/view/OutlineList"
import type { RunView } from "@/lib/trace/view/RunView"
import { replayCursor } from "./createRunPageStore"
import { useRunPageState, useRunPageStore } from "./RunPageStoreProvider"

type ChildrenByTurn = ReadonlyMap<number, readonly string[]>

/** The displayed run, its expanded child runs, and the resulting rows. */
export type RunTree = {
  /** The run and its expanded child runs, by id. */
  views: ReadonlyMap<string, RunView>
  /** The cursor at which the run is shown. */
  cursor: number
  rows: TurnRows
  /** The visible turns of the run itself. */
  list: TurnList
  facets: TurnFacets
  /** Returns a run's child runs by the turn that they belong to. */
  childrenOf: (runId: string) => ChildrenByTurn
}

const NO_CHILDREN: ChildrenByTurn = new Map()

/** Follows the run and its expanded child runs. Returns a new object with each batch of events. */
export function useRunTree(): RunTree {
  const { runId } = useRunPageStore()
  const live = useLive()
  const expandedRuns = useRunPageState((state) => state.expandedRuns)
  const expandedRepeats = useRunPageState((state) => state.expandedRepeats)
  const filter = useRunPageState((state) => state.filter)
  const sort = useRunPageState((state) => state.sort)
  const at = useRunPageState(replayCursor)
  const pausedAt = useRunPageState(({ mode }) => (mode.kind === "paused" ? mode.at : undefined))
  const ids = useMemo(() => [runId, ...[...expandedRuns].filter((id) => id !== runId)], [runId, expandedRuns])
  const followed = useMemo(() => ids.map((id) => live.followRun(id)), [live, ids])
  const children = useMemo(() => ids.map((id) => live.childRuns(id)), [live, ids])
  const runsVersion = useStores(followed)
  const childrenVersion = useStores(children)
  const summaries = useStore(live.runs, (state) => state.byId)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version says that one of the stores has changed
  const views = useMemo(
    () => new Map(followed.map((run) => [run.runId, run.store.getState().view])),
    [followed, runsVersion],
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version says that one of the stores has changed
  const childrenBy = useMemo(
    () =>
      new Map(
        ids.map((id, place) => {
          const known = children[place]?.store.getState().ids ?? []
          return [id, childrenByTurn(views.get(id), known, summaries)] as const
        }),
      ),
    [ids, views, children, childrenVersion, summaries],
  )
  const view = views.get(runId)
  const cursor = Math.min(at ?? Number.POSITIVE_INFINITY, view?.cursor ?? 0)
  const facets = useMemo(
    () => (view === undefined ? NO_FACETS : turnFacets(view.outlines, cursor)),
    [view, cursor],
  )
  const list = useMemo(() => {
    if (view === undefined) return EMPTY_LIST
    const matches = facetFilter(filter, facets.costlyFrom)
    const cyclesBefore = pausedAt ?? cursor
    return turnList(view.outlines, cursor, { matches, sort, expanded: expandedRepeats, cyclesBefore })
  }, [view, cursor, filter, facets.costlyFrom, sort, expandedRepeats, pausedAt])
  return useMemo(() => {
    const childrenOf = (id: string) => childrenBy.get(id) ?? NO_CHILDREN
    const sourceOf = (id: string): RowSource => ({
      list: id === runId ? list : listOf(views.get(id)),
      expandedAt: onlyExpanded(childrenOf(id), sort === undefined ? expandedRuns : NO_RUNS),
    })
    return { views, cursor, rows: turnRows(runId, sourceOf), list, facets, childrenOf }
  }, [views, childrenBy, cursor, list, facets, expandedRuns, sort, runId])
}

const NO_RUNS: ReadonlySet<string> = new Set()
const NO_FACETS: TurnFacets = { facets: [], costlyFrom: Number.POSITIVE_INFINITY }
const EMPTY_LIST = turnList({ chunks: [] }, 0)

function listOf(view: RunView | undefined): TurnList {
  return view === undefined ? EMPTY_LIST : turnList(view.outlines, view.cursor)
}

function childrenByTurn(
  view: RunView | undefined,
  known: readonly string[],
  summaries: ReadonlyMap<string, RunSummary>,
): ChildrenByTurn {
  const byTurn = new Map<number, string[]>()
  const add = (index: number | undefined, id: string) => {
    if (index === undefined) return
    const siblings = byTurn.get(index)
    if (siblings === undefined) byTurn.set(index, [id])
    else if (!siblings.includes(id)) siblings.push(id)
  }
  if (view !== undefined) {
    for (let index = view.base; index < view.cursor; index++) {
      const child = outlineAt(view.outlines, index)?.child_run_id
      if (child !== undefined) add(index, child)
    }
  }
  for (const id of known) add(summaries.get(id)?.parent?.turn_index, id)
  return byTurn
}

function onlyExpanded(children: ChildrenByTurn, expandedRuns: ReadonlySet<string>): ChildrenByTurn {
  if (expandedRuns.size === 0) return NO_CHILDREN
  const expanded = [...children].map(
    ([index, ids]) => [index, ids.filter((id) => expandedRuns.has(id))] as const,
  )
  return new Map(expanded.filter(([, ids]) => ids.length > 0))
}

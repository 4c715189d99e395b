"use client"

import { useMemo } from "react"
import { useStore } from "zustand"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { useStores } from "@/lib/live/hooks/useStores"
import { useLive } from "@/lib/live/LiveProvider"
import type { RunSummary } from "@/lib/protocol/run"
import { type RowSource, type RunRows, runRows } from "@/lib/timeline/rows/runRows"
import { outlineAt } from "@/lib/trace/view/OutlineList"
import type { RunView } from "@/lib/trace/view/RunView"

/** The run shown, the child runs that are open in it, and the rows that they make together. */
export type RunTree = {
  /** The run and its open child runs, by id. */
  views: ReadonlyMap<string, RunView>
  /** The cursor as of which the run itself is shown. */
  cursor: number
  rows: RunRows
  /** The child runs of a run by the turn that they belong to. */
  childrenOf: (runId: string) => ReadonlyMap<number, readonly string[]>
}

/** Follows the run and its open child runs. Another object with each batch of events. */
export function useRunTree(): RunTree {
  const { runId } = useRunPageStore()
  const live = useLive()
  const openRuns = useRunPageState((state) => state.openRuns)
  const at = useRunPageState((state) => state.at)
  const ids = useMemo(() => [runId, ...[...openRuns].filter((id) => id !== runId)], [runId, openRuns])
  const followed = useMemo(() => ids.map((id) => live.followRun(id)), [live, ids])
  const children = useMemo(() => ids.map((id) => live.childRuns(id)), [live, ids])
  const changed = useStores(followed)
  const changedChildren = useStores(children)
  const summaries = useStore(live.runs, (state) => state.byId)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the two counts say that the stores read here have changed
  return useMemo(() => {
    const views = new Map<string, RunView>()
    ids.forEach((id, place) => {
      const view = viewOf(followed[place])
      if (view !== undefined) views.set(id, view)
    })
    const childrenBy = new Map(
      ids.map((id, place) => {
        const known = children[place]?.store.getState().ids ?? []
        return [id, childrenByTurn(views.get(id), known, summaries)] as const
      }),
    )
    const none: ReadonlyMap<number, readonly string[]> = new Map()
    const childrenOf = (id: string) => childrenBy.get(id) ?? none
    const cursorOf = (id: string) => {
      const cursor = views.get(id)?.cursor ?? 0
      return id === runId ? Math.min(at ?? cursor, cursor) : cursor
    }
    const sourceOf = (id: string): RowSource => ({
      cursor: cursorOf(id),
      expandedAt: onlyOpen(childrenOf(id), openRuns),
    })
    return { views, cursor: cursorOf(runId), rows: runRows(runId, sourceOf), childrenOf }
  }, [ids, followed, children, changed, changedChildren, summaries, openRuns, at, runId])
}

function viewOf(followed: { store: { getState(): { view: RunView } } } | undefined): RunView | undefined {
  return followed?.store.getState().view
}

function childrenByTurn(
  view: RunView | undefined,
  known: readonly string[],
  summaries: ReadonlyMap<string, RunSummary>,
): ReadonlyMap<number, readonly string[]> {
  const byTurn = new Map<number, string[]>()
  const put = (index: number | undefined, id: string) => {
    if (index === undefined) return
    const there = byTurn.get(index)
    if (there === undefined) byTurn.set(index, [id])
    else if (!there.includes(id)) there.push(id)
  }
  if (view !== undefined) {
    for (let index = view.base; index < view.cursor; index++) {
      const child = outlineAt(view.outlines, index)?.child_run_id
      if (child !== undefined) put(index, child)
    }
  }
  for (const id of known) put(summaries.get(id)?.parent?.turn_index, id)
  return byTurn
}

function onlyOpen(
  children: ReadonlyMap<number, readonly string[]>,
  openRuns: ReadonlySet<string>,
): ReadonlyMap<number, readonly string[]> {
  if (openRuns.size === 0) return new Map()
  const open = [...children].map(([index, ids]) => [index, ids.filter((id) => openRuns.has(id))] as const)
  return new Map(open.filter(([, ids]) => ids.length > 0))
}

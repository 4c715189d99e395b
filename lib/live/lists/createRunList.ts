import { createStore } from "zustand/vanilla"
import type { LiveConnection } from "@/lib/live/connection/createConnection"
import { createSharedStore } from "@/lib/live/createSharedStore"
import type { RunList } from "@/lib/live/Live"
import type { ListedRun } from "@/lib/protocol/catalog"
import type { RunSummary } from "@/lib/protocol/run"
import { runOrder } from "@/lib/trace/state/runOrder"
import { createDelay } from "./createDelay"
import { createHeldRows } from "./createHeldRows"
import type { LoadedRuns } from "./createLoadedRuns"
import { createPager } from "./createPager"
import type { RunsChange } from "./createRunsWatch"
import { admits } from "./listFilter"
import type { RunListQuery, RunListState, SearchHits } from "./RunListState"

const RETRY_MS = 3_000
/** Minimum time between reorderings of rows whose values have changed. */
const SORT_MS = 2_000

const LOADING: RunListState = {
  phase: "loading",
  error: undefined,
  ids: [],
  hits: new Map(),
  more: false,
  loadingMore: false,
  pending: [],
}

/**
 * Creates a list of the runs that match a filter: pages from the server, kept up to date by the watch. While held,
 * nothing moves: new runs are pending, and runs that no longer match stay.
 */
export function createRunList(query: RunListQuery, connection: LiveConnection, runs: LoadedRuns): RunList {
  const { sort = "started", order = "desc", ...filter } = query
  const store = createStore<RunListState>(() => LOADING)
  const rows = createHeldRows(
    (id) => runs.store.getState().byId.get(id),
    () => runOrder(sort, order, connection.clock.now()),
  )
  const pager = createPager(query, connection)
  let hold = false
  let retry: ReturnType<typeof setTimeout> | undefined
  const sorting = createDelay(SORT_MS, () => {
    if (!hold) rows.sort()
    publish()
  })

  function publish(patch: Partial<RunListState> = {}) {
    if (!hold) rows.apply()
    const { ids, pending } = store.getState()
    const isSame = ids === rows.ids() && hasSameIds(pending, rows.pending())
    if (isSame && Object.keys(patch).length === 0) return
    store.setState({ ids: rows.ids(), ...(!isSame && { pending: [...rows.pending()] }), ...patch })
  }

  function addPage(page: readonly ListedRun[]): string[] {
    runs.addSummaries(page)
    return page.map((run) => run.run_id)
  }

  async function load() {
    clearTimeout(retry)
    const loaded = rows.ids().length
    const page = await pager.reload(loaded)
    if (page === undefined) return
    const { phase, hits } = store.getState()
    if (!page.ok) {
      if (connection.socket().connected) retry = setTimeout(load, RETRY_MS)
      return store.setState({ error: page.error, ...(phase !== "ready" && { phase: "error" }) })
    }
    const ids = addPage(page.runs)
    if (loaded === 0) rows.reset(ids)
    else rows.reconcile(ids, page.next === undefined)
    const more = pager.hasMore()
    publish({ phase: "ready", error: undefined, hits: withHits(hits, page.runs), more, loadingMore: false })
  }

  function onChange({ upserts, removed }: RunsChange) {
    const { hits, phase, more } = store.getState()
    if (phase !== "ready") return
    const { byId } = runs.store.getState()
    const changed = upserts.flatMap(({ run_id }) => byId.get(run_id) ?? [])
    const isWatched = runs.isWatched(filter)
    const nowMs = connection.clock.now()
    const isAdmitted = (run: RunSummary) =>
      admits(filter, run, { isHit: hits.has(run.run_id), isWatched, nowMs })
    rows.consider(changed, isAdmitted, more)
    rows.drop(removed)
    if (sort !== "started") sorting.schedule()
    publish()
  }

  async function loadMore() {
    const { loadingMore, more, phase } = store.getState()
    if (loadingMore || !more || phase !== "ready") return
    store.setState({ loadingMore: true })
    const page = await pager.readNext()
    if (!page?.ok) return store.setState({ loadingMore: false })
    rows.append(addPage(page.runs))
    const hits = withHits(store.getState().hits, page.runs)
    publish({ hits, more: pager.hasMore(), loadingMore: false })
  }

  const shared = createSharedStore(
    store,
    () => {
      const stops = [runs.watch(filter), runs.onChange(onChange), connection.onConnect(() => void load())]
      return () => {
        pager.cancel()
        clearTimeout(retry)
        sorting.cancel()
        for (const stop of stops) stop()
      }
    },
    0,
  )
  return {
    ...shared,
    loadMore: () => void loadMore(),
    applyPending() {
      rows.apply()
      if (sort !== "started") rows.sort()
      publish()
    },
    setHold(wanted) {
      hold = wanted
      if (!hold && sort !== "started") rows.sort()
      publish()
    },
  }
}

/** Adds the places where a page's runs contain the search text. */
export function withHits(known: SearchHits, page: readonly ListedRun[]): SearchHits {
  const found = page.flatMap((run) => (run.hit === undefined ? [] : [[run.run_id, run.hit] as const]))
  return found.length === 0 ? known : new Map([...known, ...found])
}

function hasSameIds(array: readonly string[], set: ReadonlySet<string>): boolean {
  return array.length === set.size && array.every((id) => set.has(id))
}

import { createStore } from "zustand/vanilla"
import type { LiveConnection } from "@/lib/live/connection/createConnection"
import { createSharedStore } from "@/lib/live/createSharedStore"
import type { RunList } from "@/lib/live/Live"
import type { ListedRun } from "@/lib/protocol/catalogue"
import type { RunFilter } from "@/lib/protocol/commands"
import type { RunSummary } from "@/lib/protocol/run"
import { matchesFilter } from "@/lib/trace/matchesFilter"
import { createHeldRows } from "./createHeldRows"
import type { Runs, RunsChange } from "./createRuns"
import type { RunListState } from "./RunListState"
import { readRunPages } from "./readRunPages"

const PAGE = 100
/** How many rows are read again after a reconnect; of what is older the watch alone tells. */
const READ_AGAIN = 1_000
const RETRY_MS = 3_000

const EMPTY: RunListState = {
  phase: "loading",
  error: undefined,
  ids: [],
  hits: new Map(),
  more: false,
  loadingMore: false,
  pendingNew: 0,
}

/**
 * The list under a filter: pages from the log, kept current by the watch. While held nothing in it moves: new runs wait,
 * runs that the filter no longer admits stay.
 */
export function createRunList(filter: RunFilter, connection: LiveConnection, runs: Runs): RunList {
  const store = createStore<RunListState>(() => EMPTY)
  const rows = createHeldRows((id) => runs.store.getState().byId.get(id))
  let hold = false
  let next: string | undefined
  let begun = 0
  let retry: ReturnType<typeof setTimeout> | undefined

  function show(more: Partial<RunListState> = {}) {
    if (!hold) rows.putIn()
    const { ids, pendingNew } = store.getState()
    const same = ids === rows.ids() && pendingNew === rows.pendingNew() && Object.keys(more).length === 0
    if (!same) store.setState({ ids: rows.ids(), pendingNew: rows.pendingNew(), ...more })
  }

  async function load() {
    const mine = ++begun
    clearTimeout(retry)
    const had = rows.ids().length
    const page = await readRunPages(connection.request, filter, Math.min(READ_AGAIN, Math.max(PAGE, had)))
    if (mine !== begun) return
    if (!page.ok) {
      if (connection.socket().connected) retry = setTimeout(load, RETRY_MS)
      return store.setState({ error: page.error, ...(had === 0 && { phase: "error" }) })
    }
    runs.learn(page.runs)
    const ids = page.runs.map((run) => run.run_id)
    if (had === 0) {
      next = page.next
      rows.reset(ids)
    } else rows.reconcile(ids, page.next === undefined)
    show({
      phase: "ready",
      error: undefined,
      hits: withHits(store.getState().hits, page.runs),
      more: next !== undefined,
      loadingMore: false,
    })
  }

  function take({ upserts, removed }: RunsChange) {
    const { hits, phase, more } = store.getState()
    if (phase !== "ready") return
    const { byId } = runs.store.getState()
    const changed = upserts.flatMap(({ run_id }) => byId.get(run_id) ?? [])
    rows.consider(changed, (run) => admits(filter, run, hits.has(run.run_id)), more)
    rows.drop(removed)
    show()
  }

  async function loadMore() {
    const { loadingMore, more, phase } = store.getState()
    if (loadingMore || !more || phase !== "ready") return
    store.setState({ loadingMore: true })
    const mine = begun
    const page = await readRunPages(connection.request, filter, PAGE, next)
    if (mine !== begun || !page.ok) return store.setState({ loadingMore: false })
    next = page.next
    runs.learn(page.runs)
    rows.append(page.runs.map((run) => run.run_id))
    const hits = withHits(store.getState().hits, page.runs)
    show({ hits, more: next !== undefined, loadingMore: false })
  }

  const kept = createSharedStore(store, () => {
    const offs = [runs.watch(filter), runs.onChange(take), connection.onConnect(() => void load())]
    return () => {
      begun++
      clearTimeout(retry)
      for (const off of offs) off()
    }
  })
  return {
    ...kept,
    loadMore: () => void loadMore(),
    showNew() {
      rows.putIn()
      show()
    },
    setHold(wanted) {
      hold = wanted
      show()
    },
  }
}

function withHits(known: RunListState["hits"], page: readonly ListedRun[]): RunListState["hits"] {
  const found = page.flatMap((run) => (run.hit === undefined ? [] : [[run.run_id, run.hit] as const]))
  return found.length === 0 ? known : new Map([...known, ...found])
}

// The server found the words in a turn's text, which a summary does not hold.
function admits(filter: RunFilter, run: RunSummary, hit: boolean): boolean {
  const { q, ...rest } = filter
  return matchesFilter(hit || q === undefined ? rest : { ...rest, q }, run)
}

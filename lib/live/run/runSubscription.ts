import type { StoreApi } from "zustand/vanilla"
import type { LiveConnection } from "@/lib/live/connection/createConnection"
import type { WireError } from "@/lib/protocol/codes"
import type { RunStatus } from "@/lib/protocol/enums"
import { applyOutlines } from "@/lib/trace/view/applyOutlines"
import type { FollowState } from "./FollowState"
import { type OutlinePage, outlinePages, readOutlines } from "./outlinePages"

/** A run with at most this many turns is subscribed from its first turn, which also delivers the bodies. */
const SHORT_RUN_TURNS = 200
const FIRST_PAGE_SIZE = 1_000
const RETRY_MS = 2_000
/** Errors that another attempt wouldn't fix. */
const FINAL_CODES: readonly string[] = ["not_found", "forbidden", "invalid_params"]

type SubscriptionOptions = {
  runId: string
  connection: LiveConnection
  store: StoreApi<FollowState>
  /**
   * Returns the run's cursor according to a list that contains the run, if any. This saves a request for a short run.
   */
  knownCursor(): number | undefined
}

/** Requests what the view of a followed run is missing, and retries on failure. Events are applied elsewhere. */
export function runSubscription({ runId, connection, store, knownCursor }: SubscriptionOptions) {
  // Incremented on every start, to ignore replies to earlier requests.
  let starts = 0
  let retry: ReturnType<typeof setTimeout> | undefined
  const { request } = connection
  const view = () => store.getState().view

  function fail(error: WireError) {
    if (FINAL_CODES.includes(error.code)) {
      starts++
      store.setState({ phase: "error", subscribed: false, error })
    } else if (connection.socket().connected) {
      clearTimeout(retry)
      retry = setTimeout(start, RETRY_MS)
    }
  }

  /** Returns the run's status if the subscription was accepted. */
  async function subscribe(): Promise<RunStatus | undefined> {
    const current = starts
    const result = await request("runs.subscribe", { run_id: runId, cursor: view().cursor })
    if (current !== starts) return undefined
    if (!result.ok) fail(result.error)
    return result.ok ? result.status : undefined
  }

  /** Reads the newest outlines of a long run, so that its subscription doesn't send every body. */
  async function readNewest(current: number): Promise<boolean> {
    const known = knownCursor()
    if (view().cursor > 0 || (known !== undefined && known <= SHORT_RUN_TURNS)) return true
    const page = await request("runs.get_outline", { run_id: runId, limit: FIRST_PAGE_SIZE })
    if (current !== starts) return false
    if (!page.ok) fail(page.error)
    else if (page.cursor > SHORT_RUN_TURNS) store.setState({ view: applyOutlines(view(), page) })
    return page.ok
  }

  /** Applies a page of older outlines. Returns true if more pages are needed. */
  function applyOlder(page: OutlinePage, current: number, generation: number): boolean {
    if (current !== starts || view().generation !== generation) return false
    if (!page.ok) {
      fail(page.error)
      return false
    }
    const before = view()
    store.setState({ view: applyOutlines(before, page) })
    // Stop if there was no progress. Otherwise, the same page would be requested forever.
    return view().base < before.base || view().earlier !== before.earlier
  }

  /**
   * Reads older outlines, newest first. For an ended run, the first page of turns is read before the others, because
   * people start reading there.
   */
  async function readOlder(current: number, status: RunStatus): Promise<void> {
    const { generation, earlier } = view()
    if (status !== "in_progress" && view().base > FIRST_PAGE_SIZE && earlier === undefined) {
      const first = await readOutlines(request, runId, 0, FIRST_PAGE_SIZE)
      if (!applyOlder(first, current, generation)) return
    }
    const { base, earlier: start } = view()
    for await (const page of outlinePages(request, runId, start?.to ?? 0, base))
      if (!applyOlder(page, current, generation)) return
  }

  async function start(): Promise<void> {
    clearTimeout(retry)
    const current = ++starts
    if (!(await readNewest(current))) return
    const status = await subscribe()
    if (status !== undefined) await readOlder(current, status)
  }

  return {
    /** Starts on a new connection. Transfers only what the view is missing. */
    start: () => void start(),
    /** Subscribes again from the view's cursor. */
    resubscribe: () => void subscribe(),
    fail,
    /** Ignores pending replies. */
    stop() {
      starts++
      clearTimeout(retry)
    },
  }
}

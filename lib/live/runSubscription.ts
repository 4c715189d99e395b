import type { StoreApi } from "zustand/vanilla"
import type { WireError } from "@/lib/protocol/codes"
import { applyOutlines } from "@/lib/trace/applyOutlines"
import type { Connection } from "./connection"
import type { FollowState } from "./followState"

/** A run of at most this many turns is subscribed from its first turn, so that its bodies come along. */
export const SHORT_RUN_TURNS = 200
const FIRST_PAGE = 1_000
const OLDER_PAGE = 4_000
/** A refused subscription is tried again after this long, unless the refusal is final. */
const RETRY_MS = 2_000
const FINAL: readonly string[] = ["not_found", "forbidden", "invalid_params"]

type SubscriptionOptions = {
  runId: string
  connection: Connection
  store: StoreApi<FollowState>
  /** The cursor that a list knows of, if any; saves a question about a short run. */
  knownCursor(): number | undefined
}

/** Asks for what a followed run lacks, and asks again where that fails. What comes is taken in elsewhere. */
export function runSubscription({ runId, connection, store, knownCursor }: SubscriptionOptions) {
  // Counts the beginnings: an answer to an earlier one is of no use.
  let begun = 0
  let retry: ReturnType<typeof setTimeout> | undefined
  const { request } = connection
  const view = () => store.getState().view

  function refuse(error: WireError) {
    if (FINAL.includes(error.code)) {
      begun++
      store.setState({ phase: "error", subscribed: false, error })
    } else if (connection.socket().connected) {
      clearTimeout(retry)
      retry = setTimeout(begin, RETRY_MS)
    }
  }

  async function subscribe(): Promise<boolean> {
    const mine = begun
    const answer = await request("runs.subscribe", { run_id: runId, cursor: view().cursor })
    if (mine !== begun) return false
    if (!answer.ok) refuse(answer.error)
    return answer.ok
  }

  /** Reads the newest outlines of a long run, so that its subscription need not bring every body. */
  async function readNewest(mine: number): Promise<boolean> {
    const known = knownCursor()
    if (view().cursor > 0 || (known !== undefined && known <= SHORT_RUN_TURNS)) return true
    const page = await request("runs.get_outline", { run_id: runId, limit: FIRST_PAGE })
    if (mine !== begun) return false
    if (!page.ok) refuse(page.error)
    else if (page.cursor > SHORT_RUN_TURNS) store.setState({ view: applyOutlines(view(), page) })
    return page.ok
  }

  async function readOlder(mine: number): Promise<void> {
    while (view().base > 0) {
      const { base, generation } = view()
      const from = Math.max(0, base - OLDER_PAGE)
      const page = await request("runs.get_outline", { run_id: runId, from, limit: base - from })
      if (mine !== begun || view().generation !== generation) return
      if (!page.ok) return refuse(page.error)
      store.setState({ view: applyOutlines(view(), page) })
      // A page that brings the view no further would be asked for for ever.
      if (view().base === base) return
    }
  }

  async function begin(): Promise<void> {
    clearTimeout(retry)
    const mine = ++begun
    if ((await readNewest(mine)) && (await subscribe())) await readOlder(mine)
  }

  return {
    /** Begins on a fresh connection: only what the view lacks is transferred. */
    begin: () => void begin(),
    /** Subscribes again with the view's cursor. */
    heal: () => void subscribe(),
    refuse,
    /** Forgets what is under way. */
    stop() {
      begun++
      clearTimeout(retry)
    },
  }
}

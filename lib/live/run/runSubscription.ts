import type { StoreApi } from "zustand/vanilla"
import type { LiveConnection } from "@/lib/live/connection/createConnection"
import type { Answer } from "@/lib/live/connection/LiveSocket"
import type { CommandReplies } from "@/lib/protocol/catalogue"
import type { WireError } from "@/lib/protocol/codes"
import type { RunStatus } from "@/lib/protocol/words"
import { applyOutlines } from "@/lib/trace/view/applyOutlines"
import type { FollowState } from "./FollowState"

type OutlinePage = Answer<CommandReplies["runs.get_outline"]>

/** A run of at most this many turns is subscribed from its first turn, so that its bodies come along. */
export const SHORT_RUN_TURNS = 200
const FIRST_PAGE = 1_000
const OLDER_PAGE = 2_000
/** So many pages are on their way at once: the next one is read and sent while this one is taken in. */
const PAGES_AHEAD = 2
/** A refused subscription is tried again after this long, unless the refusal is final. */
const RETRY_MS = 2_000
const FINAL: readonly string[] = ["not_found", "forbidden", "invalid_params"]

type SubscriptionOptions = {
  runId: string
  connection: LiveConnection
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

  /** The run's status, when the subscription was accepted. */
  async function subscribe(): Promise<RunStatus | undefined> {
    const mine = begun
    const answer = await request("runs.subscribe", { run_id: runId, cursor: view().cursor })
    if (mine !== begun) return undefined
    if (!answer.ok) refuse(answer.error)
    return answer.ok ? answer.status : undefined
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

  /** Takes in a page of older outlines; whether the view has come on and more of them are of use. */
  function takeOlder(page: OutlinePage, mine: number, generation: number): boolean {
    if (mine !== begun || view().generation !== generation) return false
    if (!page.ok) {
      refuse(page.error)
      return false
    }
    const before = view()
    store.setState({ view: applyOutlines(before, page) })
    // A page that brings the view no further would be asked for for ever.
    return view().base < before.base || view().island !== before.island
  }

  /** Reads what lies before the newest outlines, the latest first; of a run that is over its beginning, where it is read from. */
  async function readOlder(mine: number, status: RunStatus): Promise<void> {
    const { generation } = view()
    const ask = (from: number, to: number) =>
      request("runs.get_outline", { run_id: runId, from, limit: to - from })
    if (status !== "in_progress" && view().base > FIRST_PAGE && view().island === undefined) {
      if (!takeOlder(await ask(0, FIRST_PAGE), mine, generation)) return
    }
    const floor = view().island?.to ?? 0
    let to = view().base
    const asked: Promise<OutlinePage>[] = []
    for (;;) {
      while (asked.length < PAGES_AHEAD && to > floor) {
        const from = Math.max(floor, to - OLDER_PAGE)
        asked.push(ask(from, to))
        to = from
      }
      const next = asked.shift()
      if (next === undefined || !takeOlder(await next, mine, generation)) return
    }
  }

  async function begin(): Promise<void> {
    clearTimeout(retry)
    const mine = ++begun
    if (!(await readNewest(mine))) return
    const status = await subscribe()
    if (status !== undefined) await readOlder(mine, status)
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

import { type WireError, wireError } from "@/lib/protocol/codes"
import type { RunTurn } from "@/lib/protocol/turn"
import { createBoundedTurns } from "./createBoundedTurns"
import type { TurnBodyState } from "./FollowState"

/** Memory limit for the bodies of one run, approximate. */
const MAX_BYTES = 48 * 1_048_576
/** How many turns a request fetches, starting with the requested one, and how many missing turns before it. */
const FETCH_AHEAD = 16
const FETCH_BEHIND = 8

const LOADING: TurnBodyState = { state: "loading" }

export type FetchTurns = (
  cursor: number,
  limit: number,
) => Promise<{ ok: true; turns: RunTurn[] } | { ok: false; error: WireError }>

export type TurnBodies = ReturnType<typeof createTurnBodies>

/** Creates a bounded cache of the bodies of a run's turns, filled by the live stream and, on demand, from the log. */
export function createTurnBodies(fetchTurns: FetchTurns, maxBytes = MAX_BYTES) {
  const listeners = new Map<number, Set<() => void>>()
  // Visible turns are pinned, because nothing would request them again.
  const turns = createBoundedTurns(maxBytes, (index) => listeners.has(index))
  const errors = new Map<number, TurnBodyState>()
  const inFlight = new Set<number>()
  let generation = 0

  function notify(index: number) {
    for (const listener of [...(listeners.get(index) ?? [])]) listener()
  }

  function put(turn: RunTurn, whole = false) {
    if (!turns.put(turn, whole)) return
    errors.delete(turn.index)
    notify(turn.index)
  }

  async function load(cursor: number, limit: number) {
    const range = Array.from({ length: limit }, (_, at) => cursor + at)
    const fresh = range.filter((index) => !inFlight.has(index))
    for (const index of fresh) inFlight.add(index)
    const requestedIn = generation
    const page = await fetchTurns(cursor, limit)
    if (requestedIn !== generation) return
    for (const index of fresh) inFlight.delete(index)
    if (page.ok) for (const turn of page.turns) put(turn)
    if (!turns.has(cursor)) {
      const error = page.ok ? wireError("not_found", "This turn doesn't exist yet.") : page.error
      errors.set(cursor, { state: "error", error })
      notify(cursor)
    }
    loadMissing()
  }

  /** Loads visible turns that are neither loaded nor loading, since a page may have ended before them. */
  function loadMissing() {
    for (const index of listeners.keys()) {
      if (!turns.has(index) && !inFlight.has(index) && !errors.has(index)) void load(index, FETCH_AHEAD)
    }
  }

  /** Retries turns that couldn't be loaded. */
  function retryFailed() {
    const failed = [...errors.keys()]
    errors.clear()
    for (const index of failed) notify(index)
    loadMissing()
  }

  return {
    put,
    retryFailed,
    read: (index: number): TurnBodyState => turns.get(index) ?? errors.get(index) ?? LOADING,
    on(index: number, listener: () => void): () => void {
      const listening = listeners.get(index) ?? new Set()
      listeners.set(index, listening.add(listener))
      return () => {
        listening.delete(listener)
        if (listening.size > 0 || listeners.get(index) !== listening) return
        listeners.delete(index)
        turns.trim()
      }
    },
    /** Loads a turn and its neighbors, unless they are loaded or loading. */
    request(index: number) {
      if (!turns.touch(index) && !inFlight.has(index)) {
        if (errors.delete(index)) notify(index)
        void load(index, FETCH_AHEAD)
      }
      const from = Math.max(0, index - FETCH_BEHIND)
      const previous = index - 1
      if (previous >= 0 && !turns.has(previous) && !inFlight.has(previous)) void load(from, index - from)
    },
    /** Drops everything: the run now has different turns. */
    clear() {
      generation++
      turns.clear()
      errors.clear()
      inFlight.clear()
      for (const index of listeners.keys()) notify(index)
      loadMissing()
    },
    /** Returns the approximate memory in use, in bytes. For tests. */
    size: turns.size,
  }
}

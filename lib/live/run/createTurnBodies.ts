import { type WireError, wireError } from "@/lib/protocol/codes"
import type { RunTurn } from "@/lib/protocol/turn"
import { createBoundedTurns } from "./createBoundedTurns"
import type { TurnBodyState } from "./FollowState"

/** What the bodies of one run may take, in about bytes of memory. */
const MAX_BYTES = 48 * 1_048_576
/** Turns fetched with the one asked for: those that follow, and those before when they are missing. */
const FORWARD = 16
const BACKWARD = 8

const LOADING: TurnBodyState = { state: "loading" }

export type FetchTurns = (
  cursor: number,
  limit: number,
) => Promise<{ ok: true; turns: RunTurn[] } | { ok: false; error: WireError }>

export type TurnBodies = ReturnType<typeof createTurnBodies>

/** The bodies of one run's turns: a bounded cache, fed by the live stream and, where looked at, by pages of the log. */
export function createTurnBodies(fetchTurns: FetchTurns, maxBytes = MAX_BYTES) {
  const listeners = new Map<number, Set<() => void>>()
  // What is on screen stays: its listener would find it gone and never ask again.
  const turns = createBoundedTurns(maxBytes, (index) => listeners.has(index))
  const errors = new Map<number, TurnBodyState>()
  const asked = new Set<number>()
  let generation = 0

  function tell(index: number) {
    for (const listener of [...(listeners.get(index) ?? [])]) listener()
  }

  function put(turn: RunTurn, whole = false) {
    if (!turns.put(turn, whole)) return
    errors.delete(turn.index)
    tell(turn.index)
  }

  async function load(cursor: number, limit: number) {
    const range = Array.from({ length: limit }, (_, at) => cursor + at)
    const fresh = range.filter((index) => !asked.has(index))
    for (const index of fresh) asked.add(index)
    const begun = generation
    const page = await fetchTurns(cursor, limit)
    if (begun !== generation) return
    for (const index of fresh) asked.delete(index)
    if (page.ok) for (const turn of page.turns) put(turn)
    if (!turns.has(cursor)) {
      const error = page.ok ? wireError("not_found", "There is no such turn yet.") : page.error
      errors.set(cursor, { state: "error", error })
      tell(cursor)
    }
    loadMissing()
  }

  /** Asks for what is looked at and neither here nor on its way: a page may have ended before it. */
  function loadMissing() {
    for (const index of listeners.keys()) {
      if (!turns.has(index) && !asked.has(index) && !errors.has(index)) void load(index, FORWARD)
    }
  }

  /** Asks again for what is looked at and could not be had. */
  function wantAgain() {
    const failed = [...errors.keys()]
    errors.clear()
    for (const index of failed) tell(index)
    loadMissing()
  }

  return {
    put,
    wantAgain,
    read: (index: number): TurnBodyState => turns.get(index) ?? errors.get(index) ?? LOADING,
    on(index: number, listener: () => void): () => void {
      const heard = listeners.get(index) ?? new Set()
      listeners.set(index, heard.add(listener))
      return () => {
        heard.delete(listener)
        if (heard.size > 0 || listeners.get(index) !== heard) return
        listeners.delete(index)
        turns.trim()
      }
    },
    /** Asks for a turn and its neighbours, unless they are here or on their way. */
    want(index: number) {
      if (!turns.touch(index) && !asked.has(index)) {
        if (errors.delete(index)) tell(index)
        void load(index, FORWARD)
      }
      const from = Math.max(0, index - BACKWARD)
      const near = index - 1
      if (near >= 0 && !turns.has(near) && !asked.has(near)) void load(from, index - from)
    },
    /** Forgets all: the run's turns are others now. */
    clear() {
      generation++
      turns.clear()
      errors.clear()
      asked.clear()
      for (const index of listeners.keys()) tell(index)
      loadMissing()
    },
    /** About how many bytes are held; for tests. */
    size: turns.size,
  }
}

import { type WireError, wireError } from "@/lib/protocol/codes"
import type { RunTurn } from "@/lib/protocol/turn"
import { approximateBytes } from "./approximateBytes"
import type { TurnBodyState } from "./followState"

/** What the bodies of one run may take, in about bytes of memory. */
const MAX_BYTES = 48 * 1_048_576
/** Turns fetched with the one asked for: those that follow, and those before when they are missing. */
const FORWARD = 16
const BACKWARD = 8

const LOADING: TurnBodyState = { state: "loading" }

type Entry = { state: TurnBodyState & { state: "turn" }; bytes: number }
export type FetchTurns = (
  cursor: number,
  limit: number,
) => Promise<{ ok: true; turns: RunTurn[] } | { ok: false; error: WireError }>

export type TurnBodies = ReturnType<typeof createTurnBodies>

/** The bodies of one run's turns: a bounded cache, fed by the live stream and, where looked at, by pages of the log. */
export function createTurnBodies(fetchTurns: FetchTurns, maxBytes = MAX_BYTES) {
  const entries = new Map<number, Entry>()
  const errors = new Map<number, TurnBodyState>()
  const asked = new Set<number>()
  const listeners = new Map<number, Set<() => void>>()
  let bytes = 0
  let generation = 0

  function tell(index: number) {
    for (const listener of [...(listeners.get(index) ?? [])]) listener()
  }

  function put(turn: RunTurn, whole = false) {
    const known = entries.get(turn.index)
    if (known?.state.whole && !whole) return
    if (known !== undefined && !whole) return touch(turn.index, known)
    bytes -= known?.bytes ?? 0
    entries.delete(turn.index)
    const entry: Entry = {
      state: { state: "turn", turn, whole: whole || turn.truncated === undefined },
      bytes: approximateBytes(turn),
    }
    entries.set(turn.index, entry)
    errors.delete(turn.index)
    bytes += entry.bytes
    evict()
    tell(turn.index)
  }

  function touch(index: number, entry: Entry) {
    entries.delete(index)
    entries.set(index, entry)
  }

  // What is on screen stays, however large: a listener would find it gone and never ask again.
  function evict() {
    if (bytes <= maxBytes) return
    for (const [index, entry] of entries) {
      if (bytes <= maxBytes) return
      if (listeners.has(index)) continue
      entries.delete(index)
      bytes -= entry.bytes
    }
  }

  async function load(cursor: number, limit: number) {
    const range = Array.from({ length: limit }, (_, at) => cursor + at)
    const fresh = range.filter((index) => !asked.has(index))
    for (const index of fresh) asked.add(index)
    const begun = generation
    const page = await fetchTurns(cursor, limit)
    for (const index of fresh) asked.delete(index)
    if (begun !== generation) return
    if (page.ok) for (const turn of page.turns) put(turn)
    const error = page.ok ? wireError("not_found", "There is no such turn yet.") : page.error
    if (entries.has(cursor)) return
    errors.set(cursor, { state: "error", error })
    tell(cursor)
  }

  return {
    put,
    read(index: number): TurnBodyState {
      return entries.get(index)?.state ?? errors.get(index) ?? LOADING
    },
    on(index: number, listener: () => void): () => void {
      const heard = listeners.get(index) ?? new Set()
      listeners.set(index, heard.add(listener))
      return () => {
        heard.delete(listener)
        if (heard.size > 0 || listeners.get(index) !== heard) return
        listeners.delete(index)
        evict()
      }
    },
    /** Asks for a turn and its neighbours, unless they are here or on their way. */
    want(index: number) {
      const entry = entries.get(index)
      if (entry !== undefined) touch(index, entry)
      else if (!asked.has(index)) {
        if (errors.delete(index)) tell(index)
        void load(index, FORWARD)
      }
      const before = Math.max(0, index - BACKWARD)
      const near = index - 1
      if (near >= 0 && !entries.has(near) && !asked.has(near)) void load(before, index - before)
    },
    /** Asks again for what is looked at and missing; after a reconnect. */
    wantAgain() {
      for (const index of listeners.keys()) {
        if (entries.has(index) || asked.has(index)) continue
        errors.delete(index)
        void load(index, FORWARD)
        tell(index)
      }
    },
    /** Forgets all: the run's turns are others now. */
    clear() {
      generation++
      bytes = 0
      entries.clear()
      errors.clear()
      asked.clear()
      for (const index of listeners.keys()) {
        void load(index, FORWARD)
        tell(index)
      }
    },
    /** About how many bytes are held; for tests. */
    size: () => bytes,
  }
}

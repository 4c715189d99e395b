import type { RunTurn } from "@/lib/protocol/turn"
import type { TurnBodyState } from "./FollowState"

type Entry = { state: TurnBodyState & { state: "turn" }; bytes: number }

/**
 * Creates an LRU cache of turns by index, which uses about `maxBytes` of memory. Turns for which `isPinned` returns true
 * are never evicted. (`lru-cache` can't pin entries.)
 */
export function createBoundedTurns(maxBytes: number, isPinned: (index: number) => boolean) {
  const entries = new Map<number, Entry>()
  let bytes = 0

  function touch(index: number): boolean {
    const entry = entries.get(index)
    if (entry === undefined) return false
    entries.delete(index)
    entries.set(index, entry)
    return true
  }

  function trim() {
    if (bytes <= maxBytes) return
    for (const [index, entry] of entries) {
      if (bytes <= maxBytes) return
      if (isPinned(index)) continue
      entries.delete(index)
      bytes -= entry.bytes
    }
  }

  return {
    has: (index: number) => entries.has(index),
    get: (index: number): TurnBodyState | undefined => entries.get(index)?.state,
    touch,
    trim,
    /**
     * Stores a turn. Returns false if the turn was already stored and wasn't replaced. A cut turn never replaces a
     * stored one.
     */
    put(turn: RunTurn, whole: boolean): boolean {
      const known = entries.get(turn.index)
      if (known !== undefined && !whole) return !touch(turn.index)
      bytes -= known?.bytes ?? 0
      entries.delete(turn.index)
      const entry: Entry = {
        state: { state: "turn", turn, whole: whole || turn.truncated === undefined },
        bytes: approximateBytes(turn),
      }
      entries.set(turn.index, entry)
      bytes += entry.bytes
      trim()
      return true
    },
    clear() {
      entries.clear()
      bytes = 0
    },
    /** Returns the approximate memory in use, in bytes. */
    size: () => bytes,
  }
}

/**
 * Estimates the memory that a JSON value takes: two bytes per character, plus an overhead per value and key. Recursion
 * is safe, because the wire limits the depth of values.
 */
function approximateBytes(value: unknown): number {
  if (typeof value === "string") return 16 + value.length * 2
  if (typeof value !== "object" || value === null) return 8
  let bytes = 32
  if (Array.isArray(value)) {
    for (const item of value) bytes += approximateBytes(item)
    return bytes
  }
  for (const [key, item] of Object.entries(value)) bytes += 16 + key.length + approximateBytes(item)
  return bytes
}

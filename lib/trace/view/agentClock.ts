import type { TurnOutline } from "@/lib/protocol/turn"
import { type OutlineList, outlineSlice, withOutlines } from "./OutlineList"

/** Turns that end this long after they were recorded tell of a clock that is ahead … */
const AHEAD_MS = 2_000
/** … and turns that all end at least this long before, of one that is behind, … */
const BEHIND_MS = 30_000
/** … unless they do so by different times, or by more than a wrong zone makes: then they are history, and keep their times. */
const SPREAD_MS = 120_000
const FURTHEST_MS = 26 * 3_600_000
/** A correction that changes by less is left as it is. */
const STEP_MS = 2_000

/** What is known of an agent's clock: how long after a turn's end by that clock it was recorded, at least and at most. */
export type AgentClock = {
  readonly leastMs: number
  readonly mostMs: number
  /** What has been added to every `started_at` held. */
  readonly shiftMs: number
}

export const UNKNOWN_CLOCK: AgentClock = {
  leastMs: Number.POSITIVE_INFINITY,
  mostMs: Number.NEGATIVE_INFINITY,
  shiftMs: 0,
}

/**
 * Adds outlines to those held, their `started_at` made server time where the agent's clock is off: a view then needs to
 * know of one clock alone. What the agent said itself stays in the turn.
 */
export function addOutlines(
  held: { outlines: OutlineList; clock: AgentClock },
  fresh: readonly TurnOutline[],
): { outlines: OutlineList; clock: AgentClock } {
  let { leastMs, mostMs, shiftMs } = held.clock
  for (const { started_at, duration_ms = 0, recorded_at } of fresh) {
    if (started_at === undefined) continue
    const lateMs = Date.parse(recorded_at) - Date.parse(started_at) - Math.max(0, duration_ms)
    if (!Number.isFinite(lateMs)) continue
    leastMs = Math.min(leastMs, lateMs)
    mostMs = Math.max(mostMs, lateMs)
  }
  const wanted = wantedShift(leastMs, mostMs)
  const changed = Math.abs(wanted - shiftMs) > STEP_MS || (wanted === 0 && shiftMs !== 0)
  let { outlines } = held
  if (changed) {
    const known = outlineSlice(outlines, 0, Number.MAX_SAFE_INTEGER)
    outlines = withOutlines(
      outlines,
      known.map((outline) => shifted(outline, wanted - shiftMs)),
    )
    shiftMs = wanted
  }
  const added = shiftMs === 0 ? fresh : fresh.map((outline) => shifted(outline, shiftMs))
  return { outlines: withOutlines(outlines, added), clock: { leastMs, mostMs, shiftMs } }
}

function wantedShift(leastMs: number, mostMs: number): number {
  if (leastMs > mostMs) return 0
  if (leastMs < -AHEAD_MS) return leastMs
  return leastMs > BEHIND_MS && mostMs < FURTHEST_MS && mostMs - leastMs < SPREAD_MS ? leastMs : 0
}

function shifted(outline: TurnOutline, byMs: number): TurnOutline {
  if (outline.started_at === undefined) return outline
  const ms = Date.parse(outline.started_at) + byMs
  // Beyond what a date can hold there is nothing to make right.
  return Math.abs(ms) <= 8.64e15 ? { ...outline, started_at: new Date(ms).toISOString() } : outline
}

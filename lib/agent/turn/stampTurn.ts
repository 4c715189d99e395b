import type { AgentTurn } from "@/lib/agent/AgentTurn"
import { asNumber } from "@/lib/protocol/tolerance/values"
import { isoTimeOf } from "./isoTimeOf"

/**
 * Sets a turn's times when it is recorded, because it may reach the server much later. If only one of `started_at` and
 * `duration_ms` is given, the other is computed. If neither is, the turn started when progress was first reported for
 * it (`beganAt`); without progress, it starts now and has no duration.
 */
export function stampTurn(turn: AgentTurn, now: number, beganAt: number | undefined): AgentTurn {
  const hasDuration = turn.duration_ms !== undefined && turn.duration_ms !== null
  if (turn.started_at !== undefined && turn.started_at !== null) {
    const started = Date.parse(isoTimeOf(turn.started_at) ?? "")
    return hasDuration || !(started <= now) ? turn : { ...turn, duration_ms: now - started }
  }
  if (hasDuration) return { ...turn, started_at: now - Math.max(0, asNumber(turn.duration_ms) ?? 0) }
  if (beganAt !== undefined) return { ...turn, started_at: beganAt, duration_ms: Math.max(0, now - beganAt) }
  return { ...turn, started_at: now }
}

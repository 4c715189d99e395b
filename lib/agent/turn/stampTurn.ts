import type { AgentTurn } from "@/lib/agent/AgentTurn"

/**
 * Gives a turn its times while they are known, since it may reach the server much later.
 * With one of `started_at` and `duration_ms` the other follows from now; with neither, the turn began when progress
 * was first reported for it (`beganAt`), or else it is taken to be a moment: now, without a duration.
 */
export function stampTurn(turn: AgentTurn, now: number, beganAt: number | undefined): AgentTurn {
  if (turn.started_at !== undefined) {
    const started = new Date(turn.started_at).getTime()
    if (turn.duration_ms !== undefined || !(started <= now)) return turn
    return { ...turn, duration_ms: now - started }
  }
  if (turn.duration_ms !== undefined)
    return { ...turn, started_at: now - Math.max(0, Number(turn.duration_ms) || 0) }
  if (beganAt !== undefined) return { ...turn, started_at: beganAt, duration_ms: Math.max(0, now - beganAt) }
  return { ...turn, started_at: now }
}

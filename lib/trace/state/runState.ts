import { FAILED_OUTCOMES, type OutcomeStatus, type WaitingKind } from "@/lib/protocol/enums"
import type { RunSummary } from "@/lib/protocol/run"

/** A connected run is quiet if nothing has arrived for this long and no tool is known to be running. */
export const QUIET_MS = 60_000

/** A run's state. Times are milliseconds of server time, durations milliseconds. */
export type RunState =
  | { state: "working"; tool?: string }
  | { state: "waiting"; waitingFor: string; kind: WaitingKind; sinceMs: number | undefined }
  | { state: "quiet"; lastSeenMs: number; silentMs: number }
  | { state: "gone"; goneAtMs: number | undefined; backWithinMs: number | undefined }
  | { state: "completed"; outcome: OutcomeStatus }
  | { state: "incomplete" }

/** Converts an ISO time to milliseconds since 1970, or undefined if it is missing or invalid. */
export function timeMs(iso: string | undefined): number | undefined {
  if (iso === undefined) return undefined
  const ms = Date.parse(iso)
  return Number.isNaN(ms) ? undefined : ms
}

/**
 * Returns when the run was last active: when it started, or when a turn, progress or a command of its owner last
 * arrived. 0 without a valid time.
 */
function lastSeenMs(run: RunSummary): number {
  const times = [run.started_at, run.last_turn_at, run.last_seen_at, run.activity?.since].map(timeMs)
  return times.reduce<number>((latest, time) => Math.max(latest, time ?? 0), 0)
}

/** Returns a run's state at `serverNowMs`. Never throws; invalid or missing times never result in NaN. */
export function runState(run: RunSummary, serverNowMs: number): RunState {
  if (run.status === "completed") {
    const outcome = run.termination?.kind === "outcome" ? run.termination.outcome.status : "done"
    return { state: "completed", outcome }
  }
  if (run.status === "incomplete") return { state: "incomplete" }
  if (!run.connected) {
    const graceEnd = timeMs(run.grace_ends_at)
    const backWithinMs = graceEnd === undefined ? undefined : Math.max(0, graceEnd - serverNowMs)
    return { state: "gone", goneAtMs: timeMs(run.disconnected_at), backWithinMs }
  }
  const { activity } = run
  if (activity?.waiting_for !== undefined) {
    return {
      state: "waiting",
      waitingFor: activity.waiting_for,
      kind: activity.waiting_kind ?? "other",
      sinceMs: timeMs(run.waiting_since ?? activity.since),
    }
  }
  if (activity?.tool !== undefined) return { state: "working", tool: activity.tool }
  const last = lastSeenMs(run)
  const silentMs = serverNowMs - last
  return silentMs >= QUIET_MS ? { state: "quiet", lastSeenMs: last, silentMs } : { state: "working" }
}

/** Groups of outcomes that share a color. */
export type OutcomeClass = "good" | "bad" | "done" | "cut"

/** Returns the outcome of a run for `data-outcome`; undefined while it is in progress, and for an incomplete run. */
export function outcomeOf(run: RunSummary): OutcomeStatus | undefined {
  return run.status === "completed" && run.termination?.kind === "outcome"
    ? run.termination.outcome.status
    : undefined
}

/**
 * Returns the class of a run's outcome. `good`: success, partial success. `bad`: failure, timeout, give up. `done`: no
 * verdict. `cut`: incomplete.
 *
 * @returns undefined while the run is in progress.
 */
export function outcomeClass(run: RunSummary): OutcomeClass | undefined {
  if (run.status === "in_progress") return undefined
  if (run.status === "incomplete") return "cut"
  const outcome = outcomeOf(run) ?? "done"
  if (FAILED_OUTCOMES.includes(outcome)) return "bad"
  return outcome === "done" ? "done" : "good"
}

import type { RunSummary } from "@/lib/protocol/run"
import { hasFailed, isWaiting } from "@/lib/trace/matchesFilter"
import { outcomeWord } from "./describeState"
import { outcomeOf, timeMs } from "./runState"

/** Why the reader of a followed run is called. */
export type RunNotice = "waits" | "failed" | "ended"

/** An end received later than this is history: the tab slept, or the connection was away. */
const OLD_END_MS = 10 * 60_000

/**
 * What a change of a run is worth saying to somebody who does not look: it began to wait (for something else), failed or
 * ended. Never for a run seen for the first time, nor for an end that lies back; `nowMs` is server time.
 */
export function runNotice(
  before: RunSummary | undefined,
  after: RunSummary,
  nowMs: number,
): RunNotice | undefined {
  if (before === undefined || before.status !== "in_progress") return undefined
  if (after.status !== "in_progress") {
    const endedMs = timeMs(after.ended_at)
    if (endedMs !== undefined && nowMs - endedMs > OLD_END_MS) return undefined
    return hasFailed(after) ? "failed" : "ended"
  }
  const waits = isWaiting(after) && after.activity?.waiting_for !== before.activity?.waiting_for
  return waits ? "waits" : undefined
}

/** A notice in words, verbatim from the agent where it speaks; the caller cuts its lines. */
export function describeNotice(notice: RunNotice, run: RunSummary): { title: string; body: string } {
  const agent = run.agent_name ?? run.agent_id
  if (notice === "waits")
    return { title: `${agent} waits for you`, body: `${run.activity?.waiting_for ?? ""}\n${run.intent}` }
  const outcome = outcomeOf(run)
  const word = outcome === undefined ? "incomplete" : outcomeWord(outcome)
  const summary = run.termination?.kind === "outcome" ? run.termination.outcome.summary : undefined
  const text = summary ?? (run.status === "incomplete" ? "The agent went away." : undefined)
  return { title: `${agent}: ${word}`, body: text === undefined ? run.intent : `${run.intent}\n${text}` }
}

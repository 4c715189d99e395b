import type { RunSummary } from "@/lib/protocol/run"
import { hasFailed, isWaiting } from "@/lib/trace/matchesFilter"
import { spokenIn } from "@/lib/trace/spokenText"
import { outcomeWord } from "./describeState"
import { outcomeOf, timeMs } from "./runState"

/** Why a viewer who follows a run is notified. */
export type RunNotice = "waits" | "failed" | "ended"

/** An end that is older than this isn't reported. It is noticed late if the tab slept or the connection was down. */
const OLD_END_MS = 10 * 60_000

/**
 * Returns the notice for a change of a run, if any: it started to wait, or to wait for something else, it failed, or it
 * ended. There is none for a run seen for the first time, or for an old end. `nowMs` is server time.
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

/** Returns the text of a notice, with the agent's own words verbatim. The caller shortens it. */
export function describeNotice(notice: RunNotice, run: RunSummary): { title: string; body: string } {
  const agent = run.agent_name ?? run.agent_id
  if (notice === "waits")
    return {
      title: `${agent} is waiting for you`,
      body: `${run.activity?.waiting_for ?? ""}\n${spokenIn(run.intent)}`,
    }
  const outcome = outcomeOf(run)
  const word = outcome === undefined ? "incomplete" : outcomeWord(outcome)
  const summary = run.termination?.kind === "outcome" ? run.termination.outcome.summary : undefined
  const text = summary ?? (run.status === "incomplete" ? "The agent disconnected." : undefined)
  return {
    title: `${agent}: ${word}`,
    body: text === undefined ? spokenIn(run.intent) : `${spokenIn(run.intent)}\n${text}`,
  }
}

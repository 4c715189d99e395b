import { NEXT_PROMPT } from "@/lib/dialects/activityOperations"
import type { Operation } from "@/lib/dialects/operations"
import type { TraceSettings } from "@/lib/dialects/TraceSettings"
import type { TracedRun } from "@/lib/dialects/traces/TracedRun"
import { emitExceptions } from "@/lib/dialects/traces/turns/exceptions"
import { decideUndecided, flushSteps } from "@/lib/dialects/traces/turns/flushSteps"
import { agentAsModelTurn, isOver, outcome } from "./outcome"

/** Returns when a run ends if nothing more arrives, on the caller's clock. */
export function endsAt(run: TracedRun, settings: TraceSettings): number {
  if (run.isBare) return run.lastRecordAt + settings.gapMs
  return run.lastRecordAt + (isOver(run) ? settings.settleMs : settings.silenceMs)
}

/** Converts all held steps to turns and ends the run. */
export function endRun(run: TracedRun, now: number, operations: Operation[]): void {
  run.isEnding = true
  flushSteps(run, now, true, operations)
  decideUndecided(run, operations)
  run.undecided.length = 0
  emitExceptions(run, now, true, operations)
  delete run.isEnding
  if (run.sent.progress !== undefined) {
    delete run.sent.progress
    operations.push({ op: "progress", key: run.key, progress: null })
  }
  const isFinished = run.isBare || isOver(run) || isIdleSession(run)
  if (isFinished) agentAsModelTurn(run, operations)
  const operation = isFinished ? outcome(run) : undefined
  run.end = { status: operation?.status ?? "incomplete" }
  run.open.clear()
  operations.push(operation ?? { op: "end", key: run.key, status: "incomplete", inferred: true })
}

/** Returns true if a session has nothing left to do: it is waiting for a prompt, or its last turn is an answer. */
function isIdleSession(run: TracedRun): boolean {
  if (run.sender.sessionKey === undefined) return false
  if (run.sent.waiting !== undefined) return true
  // The prompt may have arrived after the turns that answer it.
  const isAnswered = run.prompt === undefined || run.prompt.at <= (run.lastTurn?.at ?? 0n)
  return run.lastTurn?.kind === "model" && isAnswered
}

/**
 * Keeps the session's waiting state current: waiting for the next prompt once the agent is done with the last one,
 * otherwise not waiting.
 */
export function closeSession(run: TracedRun, operations: Operation[]): void {
  if (run.sender.sessionKey === undefined) return
  const isIdle = isInteractionOver(run)
  if (isIdle === (run.sent.waiting !== undefined)) return
  if (isIdle) {
    run.sent.waiting = "prompt"
    operations.push({ op: "wait", key: run.key, waiting: NEXT_PROMPT })
  } else {
    delete run.sent.waiting
    operations.push({ op: "wait", key: run.key, waiting: null })
  }
}

/** Returns true if the newest top-level agent has ended, and no prompt, call or tool started after it. */
function isInteractionOver(run: TracedRun): boolean {
  let lastEnd: bigint | undefined
  for (const node of run.nodes.values())
    if (
      node.role === "agent" &&
      node.isTop &&
      node.end !== undefined &&
      (lastEnd === undefined || node.end > lastEnd)
    )
      lastEnd = node.end
  if (lastEnd === undefined || run.open.size > 0) return false
  if (run.prompt !== undefined && run.prompt.at > lastEnd) return false
  for (const node of run.nodes.values())
    if (node.role !== "agent" && node.role !== "context" && node.start > lastEnd) return false
  return true
}

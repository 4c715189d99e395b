import { activityOperations, NEXT_PROMPT } from "@/lib/dialects/activityOperations"
import { defined } from "@/lib/dialects/json"
import type { DialectProgress, Operation, RunKey } from "@/lib/dialects/operations"
import { activeCalls, type CodexState } from "./state"

/** Returns the operations for changed progress and waiting. */
export function progressOperations(state: CodexState, key: RunKey): Operation[] {
  if (!state.started) return []
  const { process, taskOpen } = state
  const isIdle = process !== undefined && process.status !== "exiting" && !taskOpen
  return activityOperations(state, key, progressOf(state), isIdle ? NEXT_PROMPT : null)
}

function progressOf(state: CodexState): DialectProgress | null {
  if (!state.taskOpen) return null
  const call = activeCalls(state).at(0)
  if (call !== undefined)
    return defined<DialectProgress>({
      kind: "tool",
      tool: call.name,
      parameters: call.parameters,
      started_at: call.at,
    })
  const { answer } = state
  return defined<DialectProgress>({
    kind: "model",
    model: state.model,
    text: answer === undefined || answer.texts.length === 0 ? undefined : answer.texts.join("\n\n"),
    started_at: answer?.startedAt ?? state.lastAt,
  })
}

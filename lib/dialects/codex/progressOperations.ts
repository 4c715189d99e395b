import { defined } from "@/lib/dialects/json"
import type { DialectProgress, Operation, RunKey } from "@/lib/dialects/operations"
import { activeCalls, type CodexState } from "./state"

/** Returns the operations for changed progress and waiting. */
export function progressOperations(state: CodexState, key: RunKey): Operation[] {
  if (!state.started) return []
  const operations: Operation[] = []
  const progress = progressOf(state)
  const shown =
    progress === null
      ? ""
      : [progress.kind, progress.tool, progress.started_at, progress.text?.length].join(" ")
  if (shown !== state.shownProgress) {
    state.shownProgress = shown
    operations.push({ op: "progress", key, progress })
  }
  const idle =
    state.process !== undefined && state.process.status !== "exiting" && !state.taskOpen ? "prompt" : ""
  if (idle !== state.shownWaiting) {
    state.shownWaiting = idle
    const waiting = idle === "" ? null : ({ for: "the next prompt", kind: "prompt" } as const)
    operations.push({ op: "wait", key, waiting })
  }
  return operations
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

import { defined } from "@/lib/dialects/json"
import type { EndOperation, ForeignTime, RunKey } from "@/lib/dialects/operations"
import { activeCalls, type ClaudeCodeState } from "./state"

/** How the run of a process that is gone ended. */
export function conclude(
  state: ClaudeCodeState,
  key: RunKey,
  died: boolean,
  at: ForeignTime | undefined,
): EndOperation {
  const ended_at = at ?? state.seenAt
  const end = (status: "done" | "failure" | "give_up", summary: string | undefined): EndOperation =>
    defined<EndOperation>({ op: "end", key, status, summary, ended_at })
  if (state.modelError !== undefined) return end("failure", state.modelError)
  const openCall = state.interrupted ? undefined : activeCalls(state).at(0)
  if (died || openCall !== undefined) return end("failure", diedSummary(openCall?.name))
  if (!state.promptOpen) return end("done", state.lastAnswer)
  return end(
    "give_up",
    state.interrupted ? "Interrupted by the user" : "The prompt was left without an answer",
  )
}

function diedSummary(tool: string | undefined): string {
  return tool === undefined ? "The process died" : `The process died while ${tool} was running`
}

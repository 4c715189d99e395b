import type { EndOperation, ForeignTime, RunKey } from "@/lib/dialects/operations"
import { sessionEnd } from "@/lib/dialects/sessionEnd"
import { activeCalls, type ClaudeCodeState } from "./state"

/** Builds the end of the run after its process has ended. */
export function endOperation(
  state: ClaudeCodeState,
  key: RunKey,
  died: boolean,
  at: ForeignTime | undefined,
): EndOperation {
  const openCall = state.interrupted ? undefined : activeCalls(state).at(0)
  return sessionEnd(key, state, { died: died || openCall !== undefined, tool: openCall?.name, at })
}

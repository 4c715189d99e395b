import type { EndOperation, ForeignTime, RunKey } from "@/lib/dialects/operations"
import { sessionEnd } from "@/lib/dialects/sessionEnd"
import { activeCalls, type CodexState } from "./state"

/** Builds the end of a run whose thread isn't open in any process anymore. */
export function endOperation(
  state: CodexState,
  key: RunKey,
  died: boolean,
  at: ForeignTime | undefined,
): EndOperation {
  const isCut = state.taskOpen || (died && state.promptOpen && !state.interrupted)
  return sessionEnd(key, state, { died: isCut, tool: activeCalls(state).at(0)?.name, at })
}

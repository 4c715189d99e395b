import type { OutcomeStatus } from "@/lib/protocol/enums"
import type { RunState } from "./runState"

const OUTCOME_WORDS: Record<OutcomeStatus, string> = {
  success: "success",
  partial_success: "partial success",
  give_up: "gave up",
  timeout: "timeout",
  failure: "failure",
  done: "done",
}

/** Returns the label of an outcome. */
export function outcomeWord(outcome: OutcomeStatus): string {
  return OUTCOME_WORDS[outcome]
}

/**
 * Describes a state: `word` is shown next to its icon, `detail` adds to it. For `waiting`, the detail is the agent's
 * text.
 *
 * @param formatMs formats a duration in milliseconds.
 */
export function describeState(
  state: RunState,
  formatMs: (ms: number) => string,
): { word: string; detail?: string } {
  switch (state.state) {
    case "working":
      return state.tool === undefined ? { word: "working" } : { word: "working", detail: state.tool }
    case "waiting":
      return { word: state.kind === "prompt" ? "idle" : "waiting", detail: state.waitingFor }
    case "quiet":
      return { word: "silent", detail: `silent for ${formatMs(state.silentMs)}` }
    case "gone":
      return { word: "disconnected", detail: disconnectedDetail(state.backWithinMs, formatMs) }
    case "completed":
      return { word: outcomeWord(state.outcome) }
    case "incomplete":
      return { word: "incomplete", detail: "the agent disconnected" }
  }
}

function disconnectedDetail(backWithinMs: number | undefined, formatMs: (ms: number) => string): string {
  return backWithinMs === undefined || backWithinMs === 0
    ? "incomplete soon"
    : `incomplete in ${formatMs(backWithinMs)}`
}

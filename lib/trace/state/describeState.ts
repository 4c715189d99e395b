import type { OutcomeStatus } from "@/lib/protocol/words"
import type { RunState } from "./runState"

const OUTCOME_WORDS: Record<OutcomeStatus, string> = {
  success: "success",
  partial_success: "partial success",
  give_up: "gave up",
  timeout: "timeout",
  failure: "failure",
  done: "done",
}

/** An outcome in words for people. */
export function outcomeWord(outcome: OutcomeStatus): string {
  return OUTCOME_WORDS[outcome]
}

/**
 * A state in words: `word` stands beside its shape, `detail` says more (verbatim from the agent for `waiting`).
 * `formatMs` turns a duration into text (lib/timeline's `durationText`).
 */
export function describeState(
  state: RunState,
  formatMs: (ms: number) => string,
): { word: string; detail?: string } {
  switch (state.state) {
    case "working":
      return state.tool === undefined ? { word: "working" } : { word: "working", detail: state.tool }
    case "waiting":
      return { word: "waiting", detail: state.waitingFor }
    case "quiet":
      return { word: "quiet", detail: `last sign of life ${formatMs(state.silentMs)} ago` }
    case "gone":
      return { word: "gone", detail: goneDetail(state.backWithinMs, formatMs) }
    case "completed":
      return { word: outcomeWord(state.outcome) }
    case "incomplete":
      return { word: "incomplete", detail: "the agent went away" }
  }
}

function goneDetail(backWithinMs: number | undefined, formatMs: (ms: number) => string): string {
  if (backWithinMs === undefined) return "back soon or incomplete"
  return backWithinMs === 0 ? "about to be incomplete" : `back within ${formatMs(backWithinMs)} or incomplete`
}

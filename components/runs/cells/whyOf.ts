import { oneLine } from "@/components/ui/text/showControls"
import type { RunSummary } from "@/lib/protocol/run"
import { runState } from "@/lib/trace/state/runState"

/** What the second line of a run in trouble shows. */
type Why = { kind: "error"; text: string } | { kind: "activity" } | { kind: "last-turn" }

/**
 * Returns what explains a run's trouble, in addition to its chips. For a silent run, it is the last turn, because a chip
 * already says for how long it has been silent.
 */
export function whyOf(run: RunSummary, nowMs: number): Why {
  const text = errorOf(run)
  if (text !== "") return { kind: "error", text }
  return { kind: runState(run, nowMs).state === "quiet" ? "last-turn" : "activity" }
}

/** Returns the last error of a run that is in trouble because of errors, or an empty string. */
export function errorOf({ trouble = [], last_error: error }: RunSummary): string {
  const isFailing = trouble.some(({ kind }) => kind === "errors")
  return isFailing ? oneLine(error?.text ?? "", 240) : ""
}

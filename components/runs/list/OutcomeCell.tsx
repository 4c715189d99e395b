import { plainLine } from "@/components/ui/text/plainLine"
import { oneLine } from "@/components/ui/text/showControls"
import type { ListedRun } from "@/lib/protocol/catalogue"
import type { RunSummary } from "@/lib/protocol/run"
import { NowCell } from "./NowCell"

export type OutcomeCellProps = { run: RunSummary; state: string; hit: ListedRun["hit"] }

/** Where the words were found; else what the run does now, or what its agent said in the end. */
export function OutcomeCell({ run, state, hit }: OutcomeCellProps) {
  if (hit !== undefined) return <Hit hit={hit} />
  if (run.status === "in_progress") return <NowCell run={run} state={state} />
  if (run.termination?.kind !== "outcome") {
    return <span className="truncate text-ink-3">the agent went away</span>
  }
  return <span className="truncate text-ink-2">{plainLine(run.termination.outcome.summary ?? "", 240)}</span>
}

function Hit({ hit }: { hit: NonNullable<ListedRun["hit"]> }) {
  return (
    <span className="truncate text-ink-2">
      {hit.index === undefined ? null : <span className="num text-accent">turn {hit.index} </span>}
      {oneLine(hit.text, 240)}
    </span>
  )
}

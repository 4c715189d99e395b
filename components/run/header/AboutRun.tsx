"use client"

import { ValueView } from "@/components/turn/ValueView"
import { CopyButton } from "@/components/ui/CopyButton"
import { exactTime } from "@/components/ui/text/exactTime"
import { oneLine } from "@/components/ui/text/showControls"
import { useRunSummary } from "@/lib/live/hooks/useFollowedRun"
import type { RunSummary } from "@/lib/protocol/run"

/** What the run is about and how it ended, while no turn is selected. */
export function AboutRun({ runId }: { runId: string }) {
  const run = useRunSummary(runId)
  if (run === undefined) return null
  const outcome = run.termination?.kind === "outcome" ? run.termination.outcome : undefined
  return (
    <section aria-label="About this run" className="min-h-0 flex-1 overflow-y-auto">
      <h2 className="sr-only">About this run</h2>
      <ValueView name="Intent" value={run.intent} leaning="markdown" />
      {run.outcome_description === undefined ? null : (
        <ValueView name="Wanted outcome" value={run.outcome_description} leaning="markdown" />
      )}
      {outcome?.summary === undefined ? null : (
        <ValueView name="Outcome" value={outcome.summary} leaning="markdown" />
      )}
      {outcome?.evidence === undefined ? null : <ValueView name="Evidence" value={outcome.evidence} />}
      {outcome?.metrics === undefined ? null : <ValueView name="Metrics" value={outcome.metrics} />}
      <dl className="num grid grid-cols-[max-content_1fr] gap-x-4 gap-y-0.5 p-3">
        {factsOf(run).map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-ink-3">{name}</dt>
            <dd className="min-w-0 wrap-anywhere">{value}</dd>
          </div>
        ))}
      </dl>
      <p className="flex items-center gap-1 px-3 pb-3 text-ink-3">
        <span className="num min-w-0 truncate">{run.run_id}</span>
        <CopyButton text={run.run_id} label="Copy the run's id" />
      </p>
    </section>
  )
}

function factsOf(run: RunSummary): [name: string, value: string][] {
  const facts: [string, string | undefined][] = [
    ["agent", run.agent_name === undefined ? run.agent_id : `${run.agent_name} (${run.agent_id})`],
    ["client", run.client_id],
    ["started", exactTime(run.started_at)],
    ["ended", run.ended_at === undefined ? undefined : exactTime(run.ended_at)],
    ["cancel asked", run.cancel_requested_at === undefined ? undefined : exactTime(run.cancel_requested_at)],
    ...Object.entries(run.labels).map(([key, value]): [string, string] => [oneLine(key, 256), value]),
  ]
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, oneLine(value, 512)]]))
}

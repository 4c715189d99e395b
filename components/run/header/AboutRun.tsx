"use client"

import { strings } from "@/components/run/strings"
import { ValueSection } from "@/components/turn/ValueSection"
import { CopyButton } from "@/components/ui/CopyButton"
import { exactTime } from "@/components/ui/text/exactTime"
import { oneLine } from "@/components/ui/text/showControls"
import { useRunSummary } from "@/lib/live/hooks/useFollowedRun"
import type { RunSummary } from "@/lib/protocol/run"

const TEXT = strings.about

/** The run's intent, outcome and details. */
export function AboutRun({ runId }: { runId: string }) {
  const run = useRunSummary(runId)
  if (run === undefined) return null
  const outcome = run.termination?.kind === "outcome" ? run.termination.outcome : undefined
  return (
    <section aria-label={TEXT.label} className="min-h-0 flex-1 overflow-y-auto">
      <h2 className="sr-only">{TEXT.label}</h2>
      <ValueSection name={TEXT.intent} value={run.intent} hint="prose" />
      {run.outcome_description === undefined ? null : (
        <ValueSection name={TEXT.expectedOutcome} value={run.outcome_description} hint="prose" />
      )}
      {outcome?.summary === undefined ? null : (
        <ValueSection name={TEXT.outcome} value={outcome.summary} hint="prose" />
      )}
      {outcome?.evidence === undefined ? null : (
        <ValueSection name={TEXT.evidence} value={outcome.evidence} hint="output" />
      )}
      {outcome?.metrics === undefined ? null : (
        <ValueSection name={TEXT.metrics} value={outcome.metrics} hint="output" />
      )}
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
        <CopyButton text={run.run_id} label={TEXT.copyId} />
      </p>
    </section>
  )
}

function factsOf(run: RunSummary): [name: string, value: string][] {
  const { source } = run
  const facts: [string, string | undefined][] = [
    [TEXT.agent, run.agent_name === undefined ? run.agent_id : `${run.agent_name} (${run.agent_id})`],
    [TEXT.client, run.client_id],
    [TEXT.source, source === undefined ? undefined : [source.name, source.version].filter(Boolean).join(" ")],
    [TEXT.session, source?.session],
    [TEXT.started, exactTime(run.started_at)],
    [TEXT.ended, run.ended_at === undefined ? undefined : exactTime(run.ended_at)],
    [TEXT.cancelRequested, run.cancel_requested_at && exactTime(run.cancel_requested_at)],
    [TEXT.interruptions, interruptionsText(run)],
    [TEXT.imported, run.imported === true ? TEXT.yes : undefined],
    ...Object.entries(run.labels).map(([key, value]): [string, string] => [oneLine(key, 256), value]),
  ]
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, oneLine(value, 2_000)]]))
}

function interruptionsText({ interruptions = [] }: RunSummary): string | undefined {
  if (interruptions.length === 0) return undefined
  return interruptions.map(({ from, to }) => `${exactTime(from)} – ${exactTime(to)}`).join(", ")
}

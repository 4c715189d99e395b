"use client"

import Link from "next/link"
import type { ReactNode } from "react"
import { exactTime } from "@/components/ui/text/exactTime"
import { oneLine } from "@/components/ui/text/showControls"
import type { RunTurn } from "@/lib/protocol/turn"
import { costText, durationText, grouped } from "@/lib/timeline/formatNumber"

/** Usage, timing, verdict, policy and hand-off of a turn, a line each. */
export function TurnFacts({ turn }: { turn: RunTurn }) {
  return (
    <section aria-label="Usage" className="border-b border-line px-3 pt-2 pb-3">
      <h3 className="pb-1 text-small font-semibold text-ink-2">Usage, timing, verdict</h3>
      <dl className="num grid grid-cols-[max-content_1fr] gap-x-4 gap-y-0.5">
        {factsOf(turn).map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-ink-3">{name}</dt>
            <dd className="min-w-0 wrap-anywhere">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function factsOf(turn: RunTurn): [name: string, value: ReactNode][] {
  const { usage } = turn
  const facts: [string, ReactNode | undefined][] = [
    ["model", turn.model === undefined ? undefined : oneLine(turn.model)],
    ["input tokens", counted(usage?.input_tokens)],
    ["output tokens", counted(usage?.output_tokens)],
    ["cached input", counted(usage?.cached_input_tokens)],
    ["cache creation", counted(usage?.cache_creation_input_tokens)],
    ["reasoning tokens", counted(usage?.reasoning_tokens)],
    ["cost", turn.cost_usd === undefined ? undefined : costText(turn.cost_usd)],
    ["started", turn.started_at === undefined ? undefined : exactTime(turn.started_at)],
    ["duration", turn.duration_ms === undefined ? undefined : durationText(turn.duration_ms)],
    ["recorded", exactTime(turn.recorded_at)],
    ["verdict", verdictWord(turn.verifier_verdict)],
    ["policy", turn.policy_rejected === undefined ? undefined : policyWord(turn.policy_rejected)],
    ["child run", turn.child_run_id === undefined ? undefined : childLink(turn.child_run_id)],
  ]
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
}

function counted(count: number | undefined): string | undefined {
  return count === undefined ? undefined : grouped(count)
}

/** A verdict in a word; one with more to it has a section of its own, one that never ran is none. */
function verdictWord(verdict: RunTurn["verifier_verdict"]): string | undefined {
  if (verdict === "not_run") return undefined
  return typeof verdict === "string" ? oneLine(verdict) : "see Verdict"
}

function policyWord(rejected: boolean): ReactNode {
  return rejected ? <span className="text-error">rejected</span> : "allowed"
}

function childLink(runId: string): ReactNode {
  return (
    <Link href={`/runs/${encodeURIComponent(runId)}`} className="text-accent hover:underline">
      {oneLine(runId, 128)}
    </Link>
  )
}

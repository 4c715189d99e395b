"use client"

import Link from "next/link"
import type { ReactNode } from "react"
import { runPath } from "@/components/ui/runPath"
import { exactTime } from "@/components/ui/text/exactTime"
import { oneLine } from "@/components/ui/text/showControls"
import type { RunTurn } from "@/lib/protocol/turn"
import { costText, durationText, grouped } from "@/lib/trace/formatNumber"
import { isCostEstimated } from "@/lib/trace/turnCost"
import { strings } from "./strings"

const TEXT = strings.details

/** The other details of a turn, one per line: usage, times, verdict, policy, ids. */
export function TurnDetails({ turn }: { turn: RunTurn }) {
  return (
    <section aria-label={strings.sections.details} className="border-b border-line px-3 pt-2 pb-3">
      <h3 className="pb-1 text-small font-semibold text-ink-2">{strings.sections.details}</h3>
      <dl className="num grid grid-cols-[max-content_1fr] gap-x-4 gap-y-0.5">
        {detailsOf(turn).map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-ink-3">{name}</dt>
            <dd className="min-w-0 wrap-anywhere">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function pathText(path: RunTurn["path"] = []): string | undefined {
  return path.length === 0 ? undefined : path.map((step) => oneLine(step)).join(" › ")
}

function detailsOf(turn: RunTurn): [name: string, value: ReactNode][] {
  const { usage } = turn
  const details: [string, ReactNode | undefined][] = [
    [TEXT.step, pathText(turn.path)],
    [TEXT.model, turn.model === undefined ? undefined : oneLine(turn.model)],
    [TEXT.input, counted(usage?.input_tokens)],
    [TEXT.output, counted(usage?.output_tokens)],
    [TEXT.cached, counted(usage?.cached_input_tokens)],
    [TEXT.cacheCreation, counted(usage?.cache_creation_input_tokens)],
    [TEXT.reasoning, counted(usage?.reasoning_tokens)],
    [TEXT.cost, turn.cost_usd === undefined ? undefined : costText(turn.cost_usd)],
    [TEXT.estimatedCost, isCostEstimated(turn) ? costText(turn.estimated_cost_usd ?? 0) : undefined],
    [TEXT.started, turn.started_at === undefined ? undefined : exactTime(turn.started_at)],
    [TEXT.duration, turn.duration_ms === undefined ? undefined : durationText(turn.duration_ms)],
    [TEXT.recorded, exactTime(turn.recorded_at)],
    [TEXT.exit, turn.exit_code],
    [TEXT.verdict, verdictText(turn.verifier_verdict)],
    [TEXT.policy, turn.policy_rejected === undefined ? undefined : policyText(turn.policy_rejected)],
    [TEXT.child, turn.child_run_id === undefined ? undefined : childLink(turn.child_run_id)],
    [TEXT.call, turn.call_id === undefined ? undefined : oneLine(turn.call_id)],
    [TEXT.response, turn.response_id === undefined ? undefined : oneLine(turn.response_id)],
  ]
  return details.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
}

function counted(count: number | undefined): string | undefined {
  return count === undefined ? undefined : grouped(count)
}

/**
 * Returns a verdict that is a string, or else a reference to the verdict's own section. Undefined without a verdict.
 */
function verdictText(verdict: RunTurn["verifier_verdict"]): string | undefined {
  if (verdict === "not_run" || verdict === null) return undefined
  return typeof verdict === "string" ? oneLine(verdict) : TEXT.seeVerdict
}

function policyText(rejected: boolean): ReactNode {
  return rejected ? <span className="text-error">{TEXT.rejected}</span> : TEXT.allowed
}

function childLink(runId: string): ReactNode {
  return (
    <Link href={runPath(runId)} className="text-accent hover:underline">
      {oneLine(runId, 128)}
    </Link>
  )
}

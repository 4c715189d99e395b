"use client"

import { strings } from "@/components/runs/strings"
import { Badge } from "@/components/ui/Badge"
import { plainLine } from "@/components/ui/text/plainLine"
import { oneLine } from "@/components/ui/text/showControls"
import { useServerNow } from "@/lib/live/hooks/useConnection"
import type { ListedRun } from "@/lib/protocol/catalogue"
import { LIMITS } from "@/lib/protocol/limits"
import type { RunActivity, RunSummary, RunTrouble } from "@/lib/protocol/run"
import { agoText, elapsedText } from "@/lib/timeline/formatNumber"
import { hasFailed, isWaiting } from "@/lib/trace/matchesFilter"
import { describeState } from "@/lib/trace/state/describeState"
import { runState } from "@/lib/trace/state/runState"
import { troubleText } from "@/lib/trace/state/troubleText"
import { HitText } from "./HitText"
import { lastLine } from "./lastLine"

const TEXT = strings.cells
/** Further reasons are counted. */
const MAX_CHIPS = 2

export type NowCellProps = { run: RunSummary; hit: ListedRun["hit"]; query: string | undefined }

/**
 * The most important information about a run: where the search text was found, what it is waiting for, its problem,
 * what it is doing, or how it ended.
 */
export function NowCell({ run, hit, query }: NowCellProps) {
  if (hit !== undefined) return <HitText hit={hit} query={query ?? ""} />
  if (run.status !== "in_progress") return <Outcome run={run} />
  if (run.connected && isWaiting(run)) {
    const waitingFor = oneLine(run.activity?.waiting_for ?? "", 300)
    return (
      <span className="truncate text-waiting" title={waitingFor}>
        {waitingFor}
      </span>
    )
  }
  if (run.trouble !== undefined && run.trouble.length > 0) return <Trouble run={run} trouble={run.trouble} />
  return <Activity run={run} />
}

/** A chip for each problem, most severe first, followed by the last error's text, which may be long. */
function Trouble({ run, trouble }: { run: RunSummary; trouble: readonly RunTrouble[] }) {
  const now = useServerNow(1_000)
  const reasons = trouble.map((one) => ({ kind: one.kind, text: oneLine(troubleText(one, now), 120) }))
  const isGone = trouble.some(({ kind }) => kind === "disconnected")
  const isFailing = trouble.some(({ kind }) => kind === "errors")
  const error = isFailing ? oneLine(run.last_error?.text ?? "", 240) : ""
  const title = [...reasons.map(({ text }) => text), error && TEXT.lastErrorOnly(error)].filter(Boolean)
  return (
    <span className="flex min-w-0 flex-1 items-center gap-1.5 overflow-hidden" title={title.join("\n")}>
      {reasons.slice(0, MAX_CHIPS).map(({ kind, text }) => (
        <Badge key={kind} tone="failure">
          {kind === "disconnected" ? TEXT.disconnectedWord : text}
        </Badge>
      ))}
      {reasons.length > MAX_CHIPS ? (
        <Badge tone="failure">{TEXT.moreReasons(reasons.length - MAX_CHIPS)}</Badge>
      ) : null}
      {error === "" ? null : <span className="min-w-24 truncate">{error}</span>}
      {isGone && error === "" ? (
        <span className="min-w-24 truncate text-ink-2">
          {describeState(runState(run, now), elapsedText).detail}
        </span>
      ) : null}
    </span>
  )
}

function Activity({ run }: { run: RunSummary }) {
  const now = useServerNow(1_000)
  const state = runState(run, now)
  if (state.state !== "working") {
    const { detail } = describeState(state, state.state === "quiet" ? coarseText : elapsedText)
    return <span className="truncate text-ink-2">{oneLine(detail ?? "", 300)}</span>
  }
  if (run.activity !== undefined) return <Doing activity={run.activity} />
  if (run.last_turn_at === undefined) return <span className="truncate text-ink-3">{TEXT.noTurns}</span>
  return (
    <span className="truncate text-ink-3">
      {TEXT.lastTurn} {now === 0 ? "" : agoText(now - Date.parse(run.last_turn_at))}
    </span>
  )
}

/** Formats a duration in whole minutes or hours: silence needs no seconds. */
function coarseText(ms: number): string {
  return agoText(ms).replace(" ago", "")
}

function Doing({ activity }: { activity: RunActivity }) {
  const { text: sent = "", tool } = activity
  // The summary keeps the end of a model's text, and the start of a tool's argument.
  const text = lastLine(sent, tool === undefined && sent.length >= LIMITS.activityTextChars)
  return (
    <span className="truncate text-ink-2">
      {tool === undefined ? null : <span className="num text-kind-tool">{oneLine(tool, 80)} </span>}
      {text === "" && tool === undefined ? TEXT.thinking : text}
    </span>
  )
}

/** How the run ended, in the agent's words. If it failed, also its last error: without such words, that is the reason. */
function Outcome({ run }: { run: RunSummary }) {
  const { termination, last_error } = run
  const said = termination?.kind === "outcome" ? (termination.outcome.summary ?? "") : TEXT.disconnected
  const error = hasFailed(run) ? oneLine(last_error?.text ?? "", 240) : ""
  const title = [oneLine(said, 600), error && TEXT.lastErrorOnly(error)].filter(Boolean).join("\n")
  return (
    <span className="flex min-w-0 flex-1 items-center gap-1.5 overflow-hidden text-ink-2" title={title}>
      {said === "" ? null : <span className="min-w-0 truncate">{plainLine(said, 240)}</span>}
      {error === "" ? null : <span className="min-w-24 truncate text-error">{error}</span>}
    </span>
  )
}

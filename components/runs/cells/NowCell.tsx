"use client"

import { strings } from "@/components/runs/strings"
import { Badge } from "@/components/ui/Badge"
import { cx } from "@/components/ui/cx"
import { plainLine } from "@/components/ui/text/plainLine"
import { oneLine } from "@/components/ui/text/showControls"
import { useServerNow } from "@/lib/live/hooks/useConnection"
import type { ListedRun } from "@/lib/protocol/catalog"
import { LIMITS } from "@/lib/protocol/limits"
import type { RunActivity, RunSummary, RunTrouble } from "@/lib/protocol/run"
import { agoText, elapsedText } from "@/lib/trace/formatNumber"
import { hasFailed, isWaiting } from "@/lib/trace/matchesFilter"
import { spokenIn } from "@/lib/trace/spokenText"
import { describeState } from "@/lib/trace/state/describeState"
import { runState } from "@/lib/trace/state/runState"
import { troubleText } from "@/lib/trace/state/troubleText"
import { HitText } from "./HitText"
import { lastLine } from "./lastLine"
import { errorOf, whyOf } from "./whyOf"

const TEXT = strings.cells
/** Maximum number of chips. Further reasons are only counted. */
const MAX_CHIPS = 2
const MAX_CHIPS_NARROW = 1

export type NowCellProps = {
  run: RunSummary
  hit: ListedRun["hit"]
  query: string | undefined
  /** True on a phone. */
  isNarrow?: boolean
  /** True if `WhyLine` shows the last error of a run in trouble, or what the run is doing. */
  isWhyBelow?: boolean
}

/**
 * The most important information about a run: where the search text was found, what it is waiting for, its problem,
 * what it is doing, or how it ended.
 */
export function NowCell({ run, hit, query, isNarrow = false, isWhyBelow = false }: NowCellProps) {
  if (hit !== undefined) return <HitText hit={hit} query={query ?? ""} />
  if (run.status !== "in_progress") return <Outcome run={run} isNarrow={isNarrow} />
  const trouble = run.trouble ?? []
  if (run.connected && isWaiting(run)) return <Waiting run={run} trouble={isNarrow ? [] : trouble} />
  if (isWhyBelow) return <Chips trouble={trouble} max={MAX_CHIPS_NARROW} />
  return trouble.length > 0 ? (
    <Trouble run={run} trouble={trouble} isNarrow={isNarrow} />
  ) : (
    <Activity run={run} />
  )
}

/** The second line of a run in trouble: its last error, what it is doing, or when it last did something. */
export function WhyLine({ run }: { run: RunSummary }) {
  const now = useServerNow(1_000)
  const why = whyOf(run, now)
  if (why.kind === "activity") return <Activity run={run} />
  if (why.kind === "last-turn") return <LastTurn run={run} />
  return (
    <span className="truncate text-error" title={TEXT.lastErrorOnly(why.text)}>
      {why.text}
    </span>
  )
}

/** Returns the last error of a run that ended without success, or an empty string. */
export function failureText(run: RunSummary): string {
  return run.status !== "in_progress" && hasFailed(run) ? oneLine(run.last_error?.text ?? "", 240) : ""
}

type TroubleProps = { run: RunSummary; trouble: readonly RunTrouble[] }

/** What the run is waiting for, followed by its trouble, if any. A waiting run can be in trouble, too. */
function Waiting({ run, trouble }: TroubleProps) {
  const waitingFor = oneLine(run.activity?.waiting_for ?? "", 300)
  return (
    <span className="flex min-w-0 flex-1 items-center gap-1.5 overflow-hidden">
      <span className="min-w-0 truncate text-waiting" title={waitingFor}>
        {waitingFor}
      </span>
      {trouble.length === 0 ? null : <Chips trouble={trouble} max={1} />}
    </span>
  )
}

function Chips({ trouble, max }: { trouble: readonly RunTrouble[]; max: number }) {
  const now = useServerNow(1_000)
  const reasons = trouble.map((one) => ({ kind: one.kind, text: oneLine(troubleText(one, now), 120) }))
  const title = reasons.map(({ text }) => text).join("\n")
  return (
    <>
      {reasons.slice(0, max).map(({ kind, text }) => (
        <Badge key={kind} tone="failure" title={title}>
          {kind === "disconnected" ? TEXT.disconnectedWord : text}
        </Badge>
      ))}
      {reasons.length > max ? (
        <Badge tone="failure" title={title}>
          {TEXT.moreReasons(reasons.length - max)}
        </Badge>
      ) : null}
    </>
  )
}

/** A chip for each problem, most severe first, followed by the last error's text, which may be long. */
function Trouble({ run, trouble, isNarrow }: TroubleProps & { isNarrow: boolean }) {
  const now = useServerNow(1_000)
  const isGone = trouble.some(({ kind }) => kind === "disconnected")
  const error = errorOf(run)
  // When the chips change width, this text becomes a new element, for the reason given in `Doing`.
  const chipsWidth = trouble.map((one) => troubleText(one, now).length).join(" ")
  const rest = cx(isNarrow ? "min-w-0" : "min-w-24", "truncate")
  return (
    <span className="flex min-w-0 flex-1 items-center gap-1.5 overflow-hidden">
      <Chips trouble={trouble} max={isNarrow ? MAX_CHIPS_NARROW : MAX_CHIPS} />
      {error === "" ? null : (
        <span key={chipsWidth} className={rest} title={TEXT.lastErrorOnly(error)}>
          {error}
        </span>
      )}
      {isGone && error === "" ? (
        <span className={cx(rest, "text-ink-2")}>
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
  return run.activity === undefined ? <LastTurn run={run} /> : <Doing activity={run.activity} />
}

function LastTurn({ run }: { run: RunSummary }) {
  const now = useServerNow(1_000)
  if (run.last_turn_at === undefined) return <span className="truncate text-ink-3">{TEXT.noTurns}</span>
  return (
    <span className="truncate text-ink-3">
      {TEXT.lastTurn} {now === 0 ? "" : agoText(now - Date.parse(run.last_turn_at))}
    </span>
  )
}

/** Formats a duration in whole minutes or hours, because seconds of silence don't matter. */
function coarseText(ms: number): string {
  return agoText(ms).replace(" ago", "")
}

function Doing({ activity }: { activity: RunActivity }) {
  const { text: sent = "", tool } = activity
  // The summary keeps the end of a model's text, and the start of a tool's argument.
  const text = lastLine(sent, tool === undefined && sent.length >= LIMITS.activityTextChars)
  // With another tool, the text starts elsewhere. It becomes a new element, because moving an element counts as a
  // layout shift.
  return (
    <span key={tool} className="truncate text-ink-2">
      {tool === undefined ? null : <span className="num text-kind-tool">{oneLine(tool, 80)} </span>}
      {text === "" && tool === undefined ? TEXT.thinking : text}
    </span>
  )
}

/** The run's outcome, and the last error of a failed run. Without a summary, only the error is shown. */
function Outcome({ run, isNarrow }: { run: RunSummary; isNarrow: boolean }) {
  const { termination } = run
  const said = termination?.kind === "outcome" ? (termination.outcome.summary ?? "") : TEXT.disconnected
  const error = failureText(run)
  const title = [oneLine(said, 600), error && TEXT.lastErrorOnly(error)].filter(Boolean).join("\n")
  return (
    <span className="flex min-w-0 flex-1 items-center gap-1.5 overflow-hidden text-ink-2" title={title}>
      {said === "" || (isNarrow && error !== "") ? null : (
        <span className="min-w-0 truncate">{plainLine(spokenIn(said), 240)}</span>
      )}
      {error === "" ? null : <span className="min-w-24 truncate text-error">{error}</span>}
    </span>
  )
}

import type { TroubleKind } from "@/lib/protocol/enums"
import type { RunTrouble } from "@/lib/protocol/run"
import { totalCost } from "@/lib/trace/turnTotals"
import { isoTime } from "@/server/platform/Clock"
import type { TroubleSettings } from "@/server/platform/TroubleSettings"
import type { LiveRun } from "@/server/registry/live/LiveRun"
import {
  disconnectedText,
  dollarText,
  factorText,
  hangingText,
  readDollars,
  silentText,
} from "./troubleTexts"

/** The kinds of trouble, most severe first. */
const SEVERITY: readonly TroubleKind[] = ["errors", "looping", "hanging", "silent", "disconnected", "costly"]

/** A run that costs less than this is never in trouble because of its cost. */
const MIN_UNUSUAL_USD = 1

/** The current wall-clock time and monotonic time. */
export type Now = { wallMs: number; ms: number }

/** Returns a run's current kinds of trouble with their start as wall-clock time. */
export function findTrouble(run: LiveRun, settings: TroubleSettings, now: Now): Map<TroubleKind, number> {
  const found = new Map<TroubleKind, number>()
  for (const kind of SEVERITY) {
    const since = CHECKS[kind](run, settings, now)
    if (since !== undefined) found.set(kind, since)
  }
  return found
}

/** Returns the monotonic time at which a deadline may change a run's trouble; infinite if there is none. */
export function nextChangeMs(run: LiveRun, { silentMs, hangingMs }: TroubleSettings, nowMs: number): number {
  const { owner, progress, signs, found, seenMs, quietUntilMs = 0 } = run
  const times: number[] = []
  if (found.has("errors")) times.push(signs.errors.nextChangeMs)
  const tool = progress.runningTool
  if (owner === undefined) times.push(quietUntilMs)
  else if (tool !== undefined && hangingMs > 0) times.push(tool.sinceMs + hangingMs)
  else if (tool === undefined && silentMs > 0 && !progress.isWaiting) times.push(seenMs + silentMs)
  return Math.min(...times.filter((time) => time > nowMs))
}

/** Describes a run's trouble in words, most severe first. */
export function describeTrouble(run: LiveRun): RunTrouble[] {
  return [...run.found].map(([kind, sinceMs]) => ({
    kind,
    since: isoTime(Math.round(sinceMs)),
    ...DESCRIPTIONS[kind](run, run.nowMs - sinceMs),
  }))
}

type Check = (run: LiveRun, settings: TroubleSettings, now: Now) => number | undefined

const CHECKS: Record<TroubleKind, Check> = {
  errors: (run, { errors }, { ms, wallMs }) => {
    if (errors === 0) return undefined
    const isFound = run.signs.errors.count(ms) >= errors || run.signs.errors.areMany
    return isFound ? (run.found.get("errors") ?? wallMs) : undefined
  },
  looping: (run, { looping }, { wallMs }) => {
    const isFound = looping > 0 && run.signs.loop.find(looping) !== undefined
    return isFound ? (run.found.get("looping") ?? wallMs) : undefined
  },
  hanging: (run, { hangingMs }, now) => {
    const tool = run.progress.runningTool
    if (hangingMs === 0 || run.owner === undefined || tool === undefined) return undefined
    return now.ms - tool.sinceMs >= hangingMs ? toWallTime(tool.sinceMs, now) : undefined
  },
  silent: (run, { silentMs }, now) => {
    const { owner, progress, seenMs } = run
    if (silentMs === 0 || owner === undefined || progress.isWaiting || progress.runningTool !== undefined)
      return undefined
    return now.ms - seenMs >= silentMs ? toWallTime(seenMs, now) : undefined
  },
  disconnected: (run, _settings, { ms, wallMs }) => {
    if (run.owner !== undefined || ms < (run.quietUntilMs ?? 0)) return undefined
    const since = Date.parse(run.disconnectedAt ?? "")
    return Number.isNaN(since) ? (run.found.get("disconnected") ?? wallMs) : since
  },
  costly: (run, { costlyFactor }, { wallMs }) => {
    const cost = totalCost(run.row.totals)
    const budget = readDollars(run.row.labels.budget_usd)
    const { usualCost } = run
    const isUnusual =
      costlyFactor > 0 &&
      usualCost !== undefined &&
      cost >= MIN_UNUSUAL_USD &&
      cost > costlyFactor * usualCost
    const isFound = isUnusual || (budget !== undefined && cost > budget)
    return isFound ? (run.found.get("costly") ?? wallMs) : undefined
  },
}

const DESCRIPTIONS: Record<
  TroubleKind,
  (run: LiveRun, forMs: number) => Pick<RunTrouble, "text" | "count" | "window_ms">
> = {
  errors: ({ row, signs }, _forMs) => ({
    text: row.last_error?.text || "errors",
    count: signs.errors.count(signs.nowMs),
    window_ms: signs.errors.windowMs,
  }),
  looping: ({ signs }) => {
    const { calls, times } = signs.loop.find(2) ?? { calls: 1, times: 1 }
    return { text: calls === 1 ? `same call ${times}×` : `same ${calls} calls ${times}×`, count: times }
  },
  hanging: ({ progress }, forMs) => ({ text: hangingText(progress.current?.tool, forMs) }),
  silent: (_run, forMs) => ({ text: silentText(forMs) }),
  disconnected: (_run, forMs) => ({ text: disconnectedText(forMs) }),
  costly: ({ row, usualCost }) => {
    const cost = totalCost(row.totals)
    const budget = readDollars(row.labels.budget_usd)
    if (budget !== undefined && cost > budget)
      return { text: `${dollarText(cost)}, over its budget of ${dollarText(budget)}` }
    const factor = usualCost === undefined || usualCost === 0 ? 1 : cost / usualCost
    return { text: `${dollarText(cost)}, ${factorText(factor)} the usual` }
  },
}

function toWallTime(ms: number, now: Now): number {
  return now.wallMs - (now.ms - ms)
}

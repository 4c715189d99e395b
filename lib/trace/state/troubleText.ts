import type { RunSummary, RunTrouble } from "@/lib/protocol/run"
import { spanText } from "@/lib/trace/formatNumber"

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/**
 * Describes a run's trouble briefly and as of now, because the server's text is as old as the summary. For errors,
 * returns their number, because `text` is the last error and can have any length.
 */
export function troubleText({ kind, since, text, count, window_ms }: RunTrouble, nowMs: number): string {
  const forMs = nowMs - Date.parse(since)
  if (kind === "errors")
    return count !== undefined && count > 1 && window_ms !== undefined
      ? `${count} errors in ${windowText(window_ms)}`
      : "errors"
  const isTimed = kind === "silent" || kind === "hanging" || kind === "disconnected"
  if (!isTimed || !(nowMs > 0) || Number.isNaN(forMs)) return text
  // All texts about time end with a duration, see `troubleTexts` of the server.
  return text.replace(/ for \S+(?: \d+m)?$/, ` for ${spanText(forMs)}`)
}

/**
 * Describes all of a run's trouble in one line: `155 errors in 5 min · same call 4× · 429 quota of tenant 118`. Undefined
 * without trouble.
 */
export function troubleLine(
  { trouble = [], last_error: error }: RunSummary,
  nowMs: number,
): string | undefined {
  if (trouble.length === 0) return undefined
  const reasons = trouble.map((one) => troubleText(one, nowMs))
  const isFailing = trouble.some(({ kind }) => kind === "errors")
  return [...reasons, ...(isFailing && error !== undefined ? [error.text] : [])].join(" · ")
}

/** Formats the period in which errors were counted: `5 min`, `90s`. */
function windowText(ms: number): string {
  return ms >= MINUTE_MS && ms < HOUR_MS ? `${Math.round(ms / MINUTE_MS)} min` : spanText(ms)
}

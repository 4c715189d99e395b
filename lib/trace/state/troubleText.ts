import type { RunTrouble } from "@/lib/protocol/run"

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
  return text.replace(/ for \S+(?: \d+m)?$/, ` for ${spanText(forMs)}`)
}

/** Formats the period in which errors were counted: `5 min`, `90s`. */
function windowText(ms: number): string {
  return ms >= MINUTE_MS && ms < HOUR_MS ? `${Math.round(ms / MINUTE_MS)} min` : spanText(ms)
}

/** Formats a duration without unnecessary seconds: `45s`, `12m`, `3h 5m`. */
function spanText(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.max(0, Math.floor(ms / 1_000))}s`
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)}m`
  const minutes = Math.floor((ms % HOUR_MS) / MINUTE_MS)
  return `${Math.floor(ms / HOUR_MS)}h${minutes === 0 ? "" : ` ${minutes}m`}`
}

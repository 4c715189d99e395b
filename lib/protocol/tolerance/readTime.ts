import { asNumber } from "./values"

const MIN_MS = Date.UTC(2000, 0, 1)
const DAY_MS = 86_400_000
/** The years that can be written with four digits. */
const YEAR_0_MS = Date.parse("0000-01-01T00:00:00Z")
const YEAR_10000_MS = Date.parse("+010000-01-01T00:00:00Z")

/**
 * Matches ISO 8601 and close variants, such as the basic format or the name of a zone after the offset. A time without an
 * offset is in UTC.
 */
const TIME =
  /^(\d{4})-?(\d{2})-?(\d{2})(?:[Tt ](\d{2}):?(\d{2})(?::?(\d{2}(?:[.,]\d+)?))?)?\s*([Zz]|UTC|[+-]\d{2}(?::?\d{2})?)?(?:\[[^\]]*\])?$/
/** Long enough for the full names of a weekday and a time zone. */
const MAX_TIME_LENGTH = 200
const OTHER_TIME_WITH_ZONE = /(?:GMT|UTC|Z|[+-]\d{2}:?\d{2})(?:\s*\([^)]*\))?$/

/**
 * Converts a time to the wire format (UTC with milliseconds). Accepts ISO 8601 with or without an offset, text with a
 * zone as in mail headers and browsers, and the time since 1970 as a number or numeric text: seconds below 1e11,
 * milliseconds below 1e14, microseconds below 1e17, else nanoseconds. Returns undefined for anything else.
 */
export function readTime(value: unknown): string | undefined {
  const number = asNumber(value)
  const ms =
    number !== undefined ? epochMs(number) : typeof value === "string" ? textMs(value.trim()) : Number.NaN
  return ms >= YEAR_0_MS && ms < YEAR_10000_MS ? new Date(ms).toISOString() : undefined
}

/** Returns true if a time is implausible for an agent's work: before 2000, or more than a day in the future. */
export function isImpossibleTime(time: string, nowMs: number): boolean {
  const ms = Date.parse(time)
  return !(ms >= MIN_MS && ms <= nowMs + DAY_MS)
}

function epochMs(number: number): number {
  const size = Math.abs(number)
  if (size < 1e11) return number * 1_000
  if (size < 1e14) return number
  return size < 1e17 ? number / 1_000 : number / 1_000_000
}

function textMs(text: string): number {
  if (text.length > MAX_TIME_LENGTH) return Number.NaN
  const parts = TIME.exec(text)
  if (parts === null) return OTHER_TIME_WITH_ZONE.test(text) ? Date.parse(text) : Number.NaN
  const [, year, month, day, hour = "00", minute = "00", second = "00", zone = "Z"] = parts
  const time = `${hour}:${minute}:${second.replace(",", ".")}`
  return Date.parse(`${year}-${month}-${day}T${time}${offsetOf(zone)}`)
}

function offsetOf(zone: string): string {
  if (!/^[+-]/.test(zone)) return "Z"
  const digits = zone.replace(":", "").padEnd(5, "0")
  return `${digits.slice(0, 3)}:${digits.slice(3)}`
}

import type { ForeignTime } from "./operations"

/** A century. A longer duration is a mistake, and may exceed the range of a date. */
const MAX_DURATION_MS = 100 * 366 * 86_400_000

/** Returns true if a number of milliseconds is a plausible duration. */
export function isDuration(ms: number): boolean {
  return ms >= 0 && ms <= MAX_DURATION_MS
}

/** Converts an ISO 8601 string or epoch milliseconds to ISO 8601 in UTC. Returns undefined for anything else. */
export function asTime(value: unknown): ForeignTime | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined
  const time = new Date(value)
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString()
}

/** Returns the milliseconds between two times, or undefined if one is missing or they are in reverse order. */
export function msBetween(from: ForeignTime | undefined, to: ForeignTime | undefined): number | undefined {
  if (from === undefined || to === undefined) return undefined
  const ms = Date.parse(to) - Date.parse(from)
  return ms >= 0 ? ms : undefined
}

/** Converts nanoseconds since the epoch to ISO 8601. Returns undefined for 0 and for times beyond a date's range. */
export function isoOfNanos(nanos: bigint): string | undefined {
  if (nanos <= 0n) return undefined
  const date = new Date(Number(nanos / 1_000_000n))
  return Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9999 ? undefined : date.toISOString()
}

/** The latest time that a date can represent. */
const MAX_TIME_MS = 8.64e15

/** Converts ISO text, or a number of milliseconds or seconds, to nanoseconds since the epoch. */
export function nanosOf(value: unknown): bigint | undefined {
  if (typeof value === "number") {
    if (!(value > 0 && value <= MAX_TIME_MS)) return undefined
    return value < 1e11 ? BigInt(Math.round(value * 1e6)) * 1000n : BigInt(Math.round(value * 1e3)) * 1000n
  }
  if (typeof value !== "string") return undefined
  const match = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/.exec(value)
  if (match === null) return undefined
  const seconds = Date.parse(`${match[1]?.replace(" ", "T")}${match[3] ?? "Z"}`)
  if (Number.isNaN(seconds)) return undefined
  return BigInt(seconds) * 1_000_000n + BigInt((match[2] ?? "").padEnd(9, "0"))
}

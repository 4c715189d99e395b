import { isTooDeep } from "./limitDepth"
import type { ForeignTime } from "./operations"

/** A JSON object of unknown shape. */
export type JsonObject = { readonly [key: string]: unknown }

export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Returns a non-empty string, or undefined for anything else. */
export function asText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined
}

export function asNumber(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined
}

/** Returns a non-negative integer, such as a token count, or undefined. */
export function asCount(value: unknown): number | undefined {
  const number = asNumber(value)
  return number !== undefined && number >= 0 ? Math.round(number) : undefined
}

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

/** Parses JSON text. Returns the text itself if it isn't JSON or is nested too deeply. */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return isTooDeep(value) ? text : value
  } catch {
    return text
  }
}

/** T, with `undefined` allowed for its optional fields. */
type Loose<T> = { [K in keyof T]: object extends Pick<T, K> ? T[K] | undefined : T[K] }

/** Removes undefined fields from an object. */
export function defined<T extends object>(fields: Loose<T>): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T
}

/** Removes undefined values from a record. */
export function compact<V>(values: { [key: string]: V | undefined }): { [key: string]: V } {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, V] => entry[1] !== undefined),
  )
}

import type { Json } from "@/lib/protocol/fields"
import { parseJson } from "./json"

/** A foreign object. The functions below accept any value and return a plain one, or undefined. */
export type JsonObject = { readonly [name: string]: Json | undefined }

export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined
}

export function asList(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value : []
}

/** Returns a non-empty string. */
export function asText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined
}

/** Returns a finite number, which may be given as text. */
export function asNumber(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined
  if (typeof value !== "string" || value.trim() === "") return undefined
  const number = Number(value)
  return Number.isFinite(number) ? number : undefined
}

/** Returns a boolean, which may be given as text. */
export function asFlag(value: unknown): boolean | undefined {
  if (typeof value === "boolean") return value
  if (value === "true") return true
  return value === "false" ? false : undefined
}

/** Parses JSON text. Returns anything else unchanged, including invalid or too deeply nested JSON. */
export function parsed(value: Json | undefined): Json | undefined {
  if (typeof value !== "string") return value
  const first = value.trimStart()[0]
  if (first === undefined || !'{["-0123456789tfn'.includes(first)) return value
  return parseJson(value) as Json
}

/** Like `parsed`, but only parses objects and lists: the answer `42` stays text. */
export function parsedStructure(value: Json | undefined): Json | undefined {
  const result = parsed(value)
  return typeof result === "object" ? result : value
}

/** Converts a value to text: strings are returned unchanged, everything else as JSON. */
export function toText(value: Json | undefined): string {
  if (value === undefined || value === null) return ""
  return typeof value === "string" ? value : JSON.stringify(value)
}

/** Returns JSON with sorted keys, so that equal values have equal text. Very deep values are cut off. */
export function canonical(value: unknown, depth = 0): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null"
  if (depth > 32) return '"…"'
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join(",")}]`
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item, depth + 1)}`).join(",")}}`
}

/** Returns a 53-bit hash (cyrb53) that identifies a string within one run. Not for security. */
export function digest(text: string): string {
  let h1 = 0xdeadbeef
  let h2 = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    h1 = Math.imul(h1 ^ code, 2654435761)
    h2 = Math.imul(h2 ^ code, 1597334677)
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 2246822507) ^ Math.imul(h2 ^ (h2 >>> 13), 3266489909)
  h2 = Math.imul(h2 ^ (h2 >>> 16), 2246822507) ^ Math.imul(h1 ^ (h1 >>> 13), 3266489909)
  return (4294967296 * (2097151 & h2) + (h1 >>> 0)).toString(36)
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

/** Converts a name to part of an agent id: characters that aren't allowed become `-`, and at most 110 are kept. */
export function slugOf(name: string, fallback: string): string {
  const slug = name
    .slice(0, 500)
    .replace(/[^A-Za-z0-9._:/@-]+/g, "-")
    .replace(/^-|-$/g, "")
  return slug === "" ? fallback : slug.slice(0, 110)
}

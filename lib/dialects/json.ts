import type { Json } from "@/lib/protocol/fields"
import { isTooDeep } from "./limitDepth"

/** A JSON object of unknown shape. The functions below accept any value. */
export type JsonObject = { readonly [key: string]: Json | undefined }

export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined
}

export function asArray(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value : []
}

/** Returns a non-empty string, or undefined for anything else. */
export function asText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined
}

export function asNumber(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined
}

/** Returns a finite number, which may be given as text. */
export function asNumeric(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined
  if (typeof value !== "string" || value.trim() === "") return undefined
  const number = Number(value)
  return Number.isFinite(number) ? number : undefined
}

/** Returns a non-negative integer, such as a token count, or undefined. */
export function asCount(value: unknown): number | undefined {
  const number = asNumber(value)
  return number !== undefined && number >= 0 ? Math.round(number) : undefined
}

/** Returns a boolean, which may be given as text. */
export function asFlag(value: unknown): boolean | undefined {
  if (typeof value === "boolean") return value
  if (value === "true") return true
  return value === "false" ? false : undefined
}

/** Parses JSON text. Returns the text itself if it isn't JSON or is nested too deeply. */
export function parseJson(text: string): Json {
  try {
    const value: Json = JSON.parse(text)
    return isTooDeep(value) ? text : value
  } catch {
    return text
  }
}

/** Parses JSON text. Returns anything else unchanged, including invalid or too deeply nested JSON. */
export function parseIfJson(value: Json | undefined): Json | undefined {
  if (typeof value !== "string") return value
  const first = value.trimStart()[0]
  if (first === undefined || !'{["-0123456789tfn'.includes(first)) return value
  return parseJson(value)
}

/** Like `parseIfJson`, but only parses objects and lists: the answer `42` stays text. */
export function parseIfStructured(value: Json | undefined): Json | undefined {
  const result = parseIfJson(value)
  return typeof result === "object" ? result : value
}

/** Converts a value to text: strings are returned unchanged, everything else as JSON. */
export function toText(value: Json | undefined): string {
  if (value === undefined || value === null) return ""
  return typeof value === "string" ? value : JSON.stringify(value)
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

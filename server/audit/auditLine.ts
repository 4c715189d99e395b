import { createHash } from "node:crypto"
import type { AuditEntry } from "./Audit"

const MAX_CHARS = 256
/** Characters that terminals or editors interpret, beyond those that JSON escapes. */
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** The `prev` of the first line, which has no previous line. */
export const FIRST_PREV = "0".repeat(64)

/** Formats a line, without its line end: JSON that contains the hash of the previous line. */
export function auditLine(entry: AuditEntry, place: { at: string; seq: number; prev: string }): string {
  const { at, seq, prev } = place
  const cut = (_: string, value: unknown) => (typeof value === "string" ? value.slice(0, MAX_CHARS) : value)
  return JSON.stringify({ at, seq, ...entry, prev }, cut).replace(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  )
}

/** Returns the `prev` of the next line. */
export function lineHash(line: string): string {
  return createHash("sha256").update(line).digest("hex")
}

/** Parses a line's position in the chain. Returns undefined if it isn't a line of an audit log. */
export function readLine(line: string): { seq: number; prev: string; at: string } | undefined {
  try {
    const { seq, prev, at }: { seq?: unknown; prev?: unknown; at?: unknown } = JSON.parse(line)
    return typeof seq === "number" && typeof prev === "string" && typeof at === "string"
      ? { seq, prev, at }
      : undefined
  } catch {
    return undefined
  }
}

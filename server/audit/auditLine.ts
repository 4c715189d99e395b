import { createHash } from "node:crypto"
import type { AuditEntry } from "./Audit"

const MAX_CHARS = 256
/** What a terminal or an editor would obey, beyond what JSON escapes. */
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** The first line's `prev`. */
export const NO_LINE = "0".repeat(64)

/** One line, without its end: JSON that holds the hash of the line before, in characters that no terminal obeys. */
export function auditLine(entry: AuditEntry, place: { at: string; seq: number; prev: string }): string {
  const { at, seq, prev } = place
  const cut = (_: string, value: unknown) => (typeof value === "string" ? value.slice(0, MAX_CHARS) : value)
  return JSON.stringify({ at, seq, ...entry, prev }, cut).replace(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  )
}

/** What the line after this one must hold as `prev`. */
export function lineHash(line: string): string {
  return createHash("sha256").update(line).digest("hex")
}

/** A line's place in the chain; undefined for what is no line of an audit log. */
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

import { fitsBytes, keepEnd, keepStart, utf8Bytes } from "@/lib/protocol/bytes"
import { LIMITS } from "@/lib/protocol/limits"
import type { TurnBody } from "@/lib/protocol/turn"
import { scalarBytes, stringBytes } from "./jsonBytes"

/** A position in a turn: a key and the path to its parent. */
type Path = { key: string; parent: Path | undefined; bytes: number }
type Pending = { value: unknown; path: Path }
type Cut = { path: Path; bytes: number; tail: string }
/** A top-level field: its size as JSON before and after cutting, and its cuts. */
type Field = { key: string; fullBytes: number; cutBytes: number; cuts: Cut[] }

type WireTurn = TurnBody & { truncated?: Record<string, number>; tails?: Record<string, string> }

/**
 * Cuts a turn for events and pages. Strings over 16 KiB keep their first 12 KiB, and their last 4 KiB go to `tails`,
 * both cut at character boundaries. While the turn is over 256 KiB, its largest top-level values are omitted.
 * `truncated` lists the cut strings and the omitted values by JSON pointer, with their full size in bytes (UTF-8 for a
 * string, JSON for an omitted value). Returns the turn itself if nothing is cut. Takes linear time and doesn't recurse.
 * `jsonBytes` is an upper bound of the turn's size as JSON, if known; if it is small, the turn isn't measured.
 */
export function cutForWire(turn: TurnBody, jsonBytes?: number): WireTurn {
  if (jsonBytes !== undefined && jsonBytes <= LIMITS.wireStringBytes) return turn
  const fields = Object.entries(turn).map(([key, value]) => measure(key, value))
  const omitted = fieldsToOmit(fields)
  if (omitted.size === 0 && fields.every((field) => field.cuts.length === 0)) return turn
  const truncated: [string, number][] = []
  const tails: [string, string][] = []
  const kept: [string, unknown][] = []
  for (const [at, [key, value]] of Object.entries(turn).entries()) {
    const field = fields[at]
    if (field === undefined) continue
    if (omitted.has(field)) {
      truncated.push([pointer({ key, parent: undefined, bytes: 0 }), field.fullBytes])
      // The verdict is a required field.
      if (key === "verifier_verdict") kept.push([key, null])
      continue
    }
    for (const cut of field.cuts) {
      const at = pointer(cut.path)
      truncated.push([at, cut.bytes])
      tails.push([at, cut.tail])
    }
    kept.push([key, field.cuts.length === 0 ? value : withCuts(value, field.cuts)])
  }
  const notes: [string, unknown][] = [["truncated", Object.fromEntries(truncated)]]
  if (tails.length > 0) notes.push(["tails", Object.fromEntries(tails)])
  return Object.fromEntries([...kept, ...notes]) as WireTurn
}

/** Reserved for the outline of a cut turn: a title and a line of an error. */
const OUTLINE_BYTES = 1_024

/** Returns the largest fields that must be omitted so that the others fit. */
function fieldsToOmit(fields: readonly Field[]): Set<Field> {
  const omitted = new Set<Field>()
  const notes = '{"truncated":{},"tails":{}}'.length + OUTLINE_BYTES
  let total = fields.reduce((sum, field) => sum + field.cutBytes, notes)
  for (const field of fields.toSorted((a, b) => b.cutBytes - a.cutBytes)) {
    if (total <= LIMITS.wireTurnBytes) break
    omitted.add(field)
    total -= field.cutBytes - stringBytes(field.key) * 2 - 32
  }
  return omitted
}

/** Measures a top-level value and finds the strings in it that are too long. Not recursive. */
function measure(key: string, value: unknown): Field {
  const field: Field = { key, fullBytes: 0, cutBytes: stringBytes(key) + 2, cuts: [] }
  const stack: Pending[] = [{ value, path: { key, parent: undefined, bytes: stringBytes(key) } }]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (typeof next.value === "object" && next.value !== null)
      measureNode(field, next.value, next.path, stack)
    else measureScalar(field, next.value, next.path)
  }
  return field
}

function measureNode(field: Field, node: object, parent: Path, stack: Pending[]): void {
  const isArray = Array.isArray(node)
  const keys = isArray ? undefined : Object.keys(node)
  const length = isArray ? node.length : (keys?.length ?? 0)
  let own = 2 + Math.max(0, length - 1)
  for (let at = 0; at < length; at++) {
    const key = keys?.[at]
    const value: unknown = isArray ? node[at] : Reflect.get(node, key ?? "")
    const keyBytes = key === undefined ? 7 : stringBytes(key)
    if (key !== undefined) own += keyBytes + 1
    // Values that can't be cut need no path. This keeps a list of a million numbers cheap.
    if (isShortScalar(value)) own += scalarBytes(value)
    else stack.push({ value, path: { key: key ?? String(at), parent, bytes: parent.bytes + keyBytes + 1 } })
  }
  field.fullBytes += own
  field.cutBytes += own
}

/** Returns true for a scalar that is short enough, whatever characters it contains. */
function isShortScalar(value: unknown): boolean {
  if (typeof value === "string") return value.length * 3 <= LIMITS.wireStringBytes
  return typeof value !== "object" || value === null
}

function measureScalar(field: Field, value: unknown, path: Path): void {
  const fullBytes = scalarBytes(value)
  field.fullBytes += fullBytes
  if (typeof value !== "string" || fitsBytes(value, LIMITS.wireStringBytes)) {
    field.cutBytes += fullBytes
    return
  }
  const tail = keepEnd(value, LIMITS.wireTailBytes)
  field.cuts.push({ path, bytes: utf8Bytes(value), tail })
  // The entry in `truncated` and `tails` counts, too: the pointer twice, with its characters escaped, and a size.
  field.cutBytes += stringBytes(headOf(value)) + stringBytes(tail) + path.bytes * 4 + 32
}

function headOf(text: string): string {
  return keepStart(text, LIMITS.wireHeadBytes)
}

/** Copies a value with the given strings cut. Parts without a cut are shared with the original. */
function withCuts(value: unknown, cuts: readonly Cut[]): unknown {
  if (typeof value === "string") return headOf(value)
  const copies = new Map<object, object>()
  const root = copyOf(value as object, copies)
  for (const { path } of cuts) {
    const keys = keysOf(path)
    const last = keys.pop()
    let node: object = root
    for (const key of keys) {
      const child = copyOf(Reflect.get(node, key) as object, copies)
      define(node, key, child)
      node = child
    }
    if (last === undefined) continue
    define(node, last, headOf(Reflect.get(node, last) as string))
  }
  return root
}

function copyOf(node: object, copies: Map<object, object>): object {
  const known = copies.get(node)
  if (known !== undefined) return known
  const copy = Array.isArray(node) ? [...node] : { ...node }
  copies.set(node, copy)
  // A copy that is also on the path to another cut isn't copied again.
  copies.set(copy, copy)
  return copy
}

// Keys are defined rather than assigned, because an own key `__proto__` is data.
function define(node: object, key: string, value: unknown): void {
  Object.defineProperty(node, key, { value, enumerable: true, configurable: true, writable: true })
}

/** Returns the keys from the top-level value to the end of a path. */
function keysOf(path: Path): string[] {
  const keys: string[] = []
  for (let at: Path | undefined = path; at?.parent !== undefined; at = at.parent) keys.push(at.key)
  return keys.reverse()
}

function pointer(path: Path): string {
  const parts: string[] = []
  for (let at: Path | undefined = path; at !== undefined; at = at.parent) parts.push(at.key)
  return parts
    .reverse()
    .map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("")
}

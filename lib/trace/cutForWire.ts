import { fitsBytes, utf8Bytes } from "@/lib/protocol/bytes"
import { LIMITS } from "@/lib/protocol/limits"
import type { TurnBody } from "@/lib/protocol/turn"
import { keepStart } from "./cutText"
import { scalarBytes, stringBytes } from "./jsonBytes"

/** Where a value stands in a turn: its key and the way up. */
type Place = { key: string; up: Place | undefined; bytesOfPath: number }
type Waiting = { value: unknown; place: Place }
type Cut = { place: Place; bytes: number }
/** A top-level field: its size as JSON, whole and after the cuts, and the cuts. */
type Field = { key: string; whole: number; kept: number; cuts: Cut[] }

type WireTurn = TurnBody & { truncated?: Record<string, number> }

/**
 * Cuts a turn for events and pages: strings over 16 KiB end at a character boundary, and while the turn is over
 * 256 KiB its largest top-level values are left out. `truncated` names each by JSON pointer with its full size
 * in bytes (UTF-8 for a string cut, JSON for a value left out). Returns the turn itself when nothing is cut.
 * Linear in the turn's size and without recursion. `jsonBytes`: the turn's size as JSON, or more, if known, saves the walk.
 */
export function cutForWire(turn: TurnBody, jsonBytes?: number): WireTurn {
  if (jsonBytes !== undefined && jsonBytes <= LIMITS.wireStringBytes) return turn
  const fields = Object.entries(turn).map(([key, value]) => measure(key, value))
  const out = leaveOut(fields)
  if (out.size === 0 && fields.every((field) => field.cuts.length === 0)) return turn
  const truncated: [string, number][] = []
  const kept: [string, unknown][] = []
  for (const [at, [key, value]] of Object.entries(turn).entries()) {
    const field = fields[at]
    if (field === undefined) continue
    if (out.has(field)) {
      truncated.push([pointer({ key, up: undefined, bytesOfPath: 0 }), field.whole])
      // A reader may count on a verdict's being there.
      if (key === "verifier_verdict") kept.push([key, null])
      continue
    }
    for (const cut of field.cuts) truncated.push([pointer(cut.place), cut.bytes])
    kept.push([key, field.cuts.length === 0 ? value : withCuts(value, field.cuts)])
  }
  return Object.fromEntries([...kept, ["truncated", Object.fromEntries(truncated)]]) as WireTurn
}

/** The largest fields, until the rest fits. */
function leaveOut(fields: readonly Field[]): Set<Field> {
  const out = new Set<Field>()
  let total = fields.reduce((sum, field) => sum + field.kept, '{"truncated":{}}'.length)
  for (const field of fields.toSorted((a, b) => b.kept - a.kept)) {
    if (total <= LIMITS.wireTurnBytes) break
    out.add(field)
    total -= field.kept - stringBytes(field.key) * 2 - 32
  }
  return out
}

/** Sizes of a top-level value and the strings in it that are too long; a stack of its own instead of recursion. */
function measure(key: string, value: unknown): Field {
  const field: Field = { key, whole: 0, kept: stringBytes(key) + 2, cuts: [] }
  const stack: Waiting[] = [{ value, place: { key, up: undefined, bytesOfPath: stringBytes(key) } }]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (typeof next.value === "object" && next.value !== null)
      measureNode(field, next.value, next.place, stack)
    else measureScalar(field, next.value, next.place)
  }
  return field
}

function measureNode(field: Field, node: object, up: Place, stack: Waiting[]): void {
  const isArray = Array.isArray(node)
  const keys = isArray ? undefined : Object.keys(node)
  const length = isArray ? node.length : (keys?.length ?? 0)
  let own = 2 + Math.max(0, length - 1)
  for (let at = 0; at < length; at++) {
    const key = keys?.[at]
    const value: unknown = isArray ? node[at] : Reflect.get(node, key ?? "")
    const keyBytes = key === undefined ? 7 : stringBytes(key)
    if (key !== undefined) own += keyBytes + 1
    // What can't be cut needs no place: that keeps a list of a million numbers cheap.
    if (isWhole(value)) own += scalarBytes(value)
    else
      stack.push({ value, place: { key: key ?? String(at), up, bytesOfPath: up.bytesOfPath + keyBytes + 1 } })
  }
  field.whole += own
  field.kept += own
}

/** Whether a value is a scalar that is surely short enough. */
function isWhole(value: unknown): boolean {
  if (typeof value === "string") return value.length * 3 <= LIMITS.wireStringBytes
  return typeof value !== "object" || value === null
}

function measureScalar(field: Field, value: unknown, place: Place): void {
  const whole = scalarBytes(value)
  field.whole += whole
  if (typeof value !== "string" || fitsBytes(value, LIMITS.wireStringBytes)) {
    field.kept += whole
    return
  }
  field.cuts.push({ place, bytes: utf8Bytes(value) })
  // The note of the cut weighs too: its pointer, and room for a size.
  field.kept += stringBytes(keepStart(value, LIMITS.wireStringBytes)) + place.bytesOfPath * 2 + 16
}

/** A copy of a value in which the strings named are cut; what holds none of them is shared with the original. */
function withCuts(value: unknown, cuts: readonly Cut[]): unknown {
  if (typeof value === "string") return keepStart(value, LIMITS.wireStringBytes)
  const copies = new Map<object, object>()
  const root = copyOf(value as object, copies)
  for (const { place } of cuts) {
    const keys = keysOf(place)
    const last = keys.pop()
    let node: object = root
    for (const key of keys) {
      const child = copyOf(Reflect.get(node, key) as object, copies)
      define(node, key, child)
      node = child
    }
    if (last === undefined) continue
    define(node, last, keepStart(Reflect.get(node, last) as string, LIMITS.wireStringBytes))
  }
  return root
}

function copyOf(node: object, copies: Map<object, object>): object {
  const known = copies.get(node)
  if (known !== undefined) return known
  const copy = Array.isArray(node) ? [...node] : { ...node }
  copies.set(node, copy)
  // A copy met again on the way to the next cut is its own copy.
  copies.set(copy, copy)
  return copy
}

// Defined, not assigned: an own key `__proto__` must stay data.
function define(node: object, key: string, value: unknown): void {
  Object.defineProperty(node, key, { value, enumerable: true, configurable: true, writable: true })
}

/** The keys from below the top-level value down to a place. */
function keysOf(place: Place): string[] {
  const keys: string[] = []
  for (let at: Place | undefined = place; at?.up !== undefined; at = at.up) keys.push(at.key)
  return keys.reverse()
}

function pointer(place: Place): string {
  const parts: string[] = []
  for (let at: Place | undefined = place; at !== undefined; at = at.up) parts.push(at.key)
  return parts
    .reverse()
    .map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("")
}

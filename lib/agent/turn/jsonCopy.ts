import type { Json } from "@/lib/protocol/fields"
import { messageOf } from "./messageOf"
import { plainValue } from "./plainValue"

/** A copy that JSON can represent, with its total number of object keys and its nesting depth. */
export type JsonCopy = { value: Json | undefined; keys: number; depth: number }

/** Bounds of a copy, because JSON.stringify recurses and memory is limited. */
const MAX_DEPTH = 500
const MAX_KEYS = 200_000
const MAX_ITEMS = 250_000

type Node = {
  raw: object
  source: object
  target: Json[] | { [key: string]: Json }
  depth: number
  parent?: Node
}
type Count = { keys: number; items: number; depth: number }

/**
 * Copies any value into JSON without recursion; never throws. Strings stay verbatim, UTF-8 bytes become text, and arrays
 * of numbers become lists.
 * Cycles, functions, other binary data and everything beyond 500 levels, 200,000 keys or 250,000 items become short
 * markers in square brackets. `undefined` is omitted from objects.
 */
export function jsonCopy(value: unknown): JsonCopy {
  // Breadth first: if a limit is reached, the upper levels are already complete.
  const queue: Node[] = []
  const count: Count = { keys: 0, items: 0, depth: 0 }
  const place = (raw: unknown, depth: number, parent: Node | undefined): Json | undefined => {
    const plain = plainValue(raw)
    if (typeof plain !== "object" || plain === null) return plain
    if (isAncestor(raw as object, parent)) return "[circular]"
    if (depth > MAX_DEPTH) return `[nested deeper than ${MAX_DEPTH}]`
    count.depth = Math.max(count.depth, depth)
    const node: Node = { raw: raw as object, source: plain, target: Array.isArray(plain) ? [] : {}, depth }
    if (parent !== undefined) node.parent = parent
    queue.push(node)
    return node.target
  }
  const root = place(value, 1, undefined)
  for (let next = 0; next < queue.length; next++) {
    const node = queue[next]
    if (node !== undefined) fill(node, count, place)
  }
  return { value: root, keys: count.keys, depth: count.depth }
}

type Place = (raw: unknown, depth: number, parent: Node) => Json | undefined

function fill(node: Node, count: Count, place: Place): void {
  try {
    if (Array.isArray(node.target)) fillArray(node.source as unknown[], node.target, node, count, place)
    else fillObject(node.source, node.target, node, count, place)
  } catch (error) {
    const marker = `[unreadable: ${messageOf(error)}]`
    if (Array.isArray(node.target)) node.target.push(marker)
    else node.target["…"] = marker
  }
}

function fillArray(source: unknown[], target: Json[], node: Node, count: Count, place: Place): void {
  for (let i = 0; i < source.length; i++) {
    if (++count.items > MAX_ITEMS) {
      target.push(`[${source.length - i} more items]`)
      return
    }
    target.push(place(source[i], node.depth + 1, node) ?? null)
  }
}

function fillObject(
  source: object,
  target: { [key: string]: Json },
  node: Node,
  count: Count,
  place: Place,
): void {
  const keys = Object.keys(source)
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] ?? ""
    if (count.keys >= MAX_KEYS) {
      if (i > 0) target["…"] = `[${keys.length - i} more keys]`
      return
    }
    const value = place(readKey(source, key), node.depth + 1, node)
    if (value === undefined) continue
    count.keys++
    if (key === "__proto__")
      // An assignment would change the prototype instead of adding a key.
      Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true })
    else target[key] = value
  }
}

function readKey(source: object, key: string): unknown {
  try {
    return (source as Record<string, unknown>)[key]
  } catch (error) {
    return `[unreadable: ${messageOf(error)}]`
  }
}

function isAncestor(raw: object, parent: Node | undefined): boolean {
  for (let node = parent; node !== undefined; node = node.parent) if (node.raw === raw) return true
  return false
}

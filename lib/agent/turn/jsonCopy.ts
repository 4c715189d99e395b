import type { Json } from "@/lib/protocol/fields"

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
 * Copies any value into JSON without recursion; never throws. Strings stay verbatim, and UTF-8 bytes become text.
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

/** Converts one level to a primitive, a plain object or an array, or to undefined for what JSON omits. */
function plainValue(raw: unknown): null | boolean | number | string | object | undefined {
  switch (typeof raw) {
    case "undefined":
    case "boolean":
    case "string":
      return raw
    case "number":
      return Number.isFinite(raw) ? raw : String(raw)
    case "bigint":
      return raw.toString()
    case "symbol":
      return `[${raw.toString()}]`
    case "function":
      return `[function ${raw.name || "anonymous"}]`
    default:
      return raw === null ? null : plainObject(raw as object)
  }
}

function plainObject(raw: object): null | boolean | number | string | object | undefined {
  try {
    if (Array.isArray(raw)) return raw
    if (Object.getPrototypeOf(raw) === Object.prototype && !("toJSON" in raw)) return raw
    if (raw instanceof Error) return plainError(raw)
    if (ArrayBuffer.isView(raw) || raw instanceof ArrayBuffer) return binaryText(raw)
    if (typeof Blob !== "undefined" && raw instanceof Blob) return `[binary, ${raw.size} bytes]`
    if (raw instanceof Map) return plainMap(raw)
    if (raw instanceof Set) return [...raw]
    if (raw instanceof RegExp) return String(raw)
    if (raw instanceof Promise) return "[promise]"
    if (raw instanceof Number || raw instanceof String || raw instanceof Boolean)
      return plainValue(raw.valueOf()) ?? null
    if ("toJSON" in raw && typeof raw.toJSON === "function") {
      const json: unknown = raw.toJSON()
      return typeof json === "object" ? json : plainValue(json)
    }
    return raw
  } catch (error) {
    return `[unreadable: ${messageOf(error)}]`
  }
}

/** Converts UTF-8 bytes to text, and numeric arrays and other binary data to a marker. */
function binaryText(raw: ArrayBufferView | ArrayBuffer): string {
  const isBytes = raw instanceof Uint8Array || raw instanceof ArrayBuffer
  if (isBytes) {
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(raw)
    } catch {
      // Not UTF-8.
    }
  }
  return `[binary, ${raw.byteLength} bytes]`
}

function plainError(error: Error): object {
  return {
    ...error,
    name: error.name,
    message: error.message,
    stack: error.stack,
    cause: error.cause,
  }
}

function plainMap(map: Map<unknown, unknown>): object {
  const keys = [...map.keys()]
  return keys.every((key) => typeof key === "string") ? Object.fromEntries(map) : [...map]
}

/** Returns the message of anything that was thrown; never throws. */
export function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message || thrown.name : String(thrown)
  } catch {
    return "unknown"
  }
}

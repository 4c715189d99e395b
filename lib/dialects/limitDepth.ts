import type { Json } from "@/lib/protocol/fields"

/** How many levels of a foreign value are kept. The protocol allows more, because turns add levels around a value. */
const MAX_DEPTH = 48
const CUT = "[nested too deeply]"

/** Returns true if a value has too many levels. Not recursive, because a hostile value would overflow the stack. */
export function isTooDeep(value: unknown): boolean {
  let level: object[] = typeof value === "object" && value !== null ? [value] : []
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return true
    const below: object[] = []
    for (const node of level)
      for (const child of Object.values(node))
        if (typeof child === "object" && child !== null) below.push(child)
    level = below
  }
  return false
}

/**
 * Replaces what is nested too deeply, so that later code may recurse. Returns the value itself if there is nothing to
 * replace.
 */
export function limitDepth<T extends Json>(value: T): T {
  return isTooDeep(value) ? (cut(value, 1) as T) : value
}

function cut(value: Json, depth: number): Json {
  if (typeof value !== "object" || value === null) return value
  if (depth > MAX_DEPTH) return CUT
  if (Array.isArray(value)) return value.map((item) => cut(item, depth + 1))
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, cut(item, depth + 1)]))
}

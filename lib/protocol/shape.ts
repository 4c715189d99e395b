import { LIMITS } from "./limits"

/** Why a value is rejected: nested too deeply, or too many keys. */
export type ShapeFault = { path: string; message: string }

/**
 * Checks the depth of a JSON value and its number of object keys. Not recursive, and called before any schema, because
 * a recursive walk over a hostile value overflows the stack. Returns the first fault found, or undefined.
 */
export function checkShape(
  value: unknown,
  maxDepth: number = LIMITS.jsonDepth,
  maxKeys: number = LIMITS.keysPerTurn,
): ShapeFault | undefined {
  let keys = 0
  let level: object[] = typeof value === "object" && value !== null ? [value] : []
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > maxDepth) return { path: "", message: `nested deeper than ${maxDepth}` }
    const below: object[] = []
    for (const node of level) {
      const values = Array.isArray(node) ? node : Object.values(node)
      if (!Array.isArray(node)) keys += values.length
      if (keys > maxKeys) return { path: "", message: `more than ${maxKeys} keys` }
      for (const child of values) if (typeof child === "object" && child !== null) below.push(child)
    }
    level = below
  }
  return undefined
}

/** Returns the number of object keys at all levels of a JSON value. Not recursive. */
export function countKeys(value: unknown): number {
  let keys = 0
  const nodes: unknown[] = [value]
  while (nodes.length > 0) {
    const node = nodes.pop()
    if (typeof node !== "object" || node === null) continue
    const values = Object.values(node)
    if (!Array.isArray(node)) keys += values.length
    for (const child of values) if (typeof child === "object" && child !== null) nodes.push(child)
  }
  return keys
}

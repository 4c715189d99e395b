import { stringifyExact } from "@/lib/protocol/exactNumbers"
import { LIMITS } from "@/lib/protocol/limits"
import { checkShape, countKeys } from "@/lib/protocol/shape"
import type { Fields } from "./values"

/** Deeper values stay as they are and are refused, because converting them to text is recursive. */
const MAX_TEXT_DEPTH = 1_000

/**
 * Converts values to their JSON text until an object has as few levels and keys as the protocol allows: first those that
 * are nested too deeply, then those with the most keys. Leaves an object unchanged if that isn't possible. Never mutates.
 */
export function fitShape(fields: Fields): Fields {
  if (checkShape(fields) === undefined) return fields
  if (checkShape(fields, MAX_TEXT_DEPTH, Number.POSITIVE_INFINITY) !== undefined) return fields
  const entries = Object.entries(fields)
  const sizes = entries
    .map(([, value], at) => ({ at, isDeep: isDeep(value), keys: countKeys(value) }))
    .sort((a, b) => Number(b.isDeep) - Number(a.isDeep) || b.keys - a.keys)
  let keys = countKeys(fields)
  for (const size of sizes) {
    const entry = entries[size.at]
    if (entry === undefined || (!size.isDeep && keys <= LIMITS.keysPerTurn)) continue
    keys -= size.keys
    entries[size.at] = [entry[0], stringifyExact(entry[1])]
  }
  const fitted = Object.fromEntries(entries)
  return checkShape(fitted) === undefined ? fitted : fields
}

/** Returns true if a value is nested too deeply for a field. */
function isDeep(value: unknown): boolean {
  return checkShape(value, LIMITS.jsonDepth - 1, Number.POSITIVE_INFINITY) !== undefined
}

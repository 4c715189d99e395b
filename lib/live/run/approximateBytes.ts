/**
 * Estimates the memory that a JSON value takes: two bytes per character, plus an overhead per value and key. Recursive,
 * because the wire limits the depth of values.
 */
export function approximateBytes(value: unknown): number {
  if (typeof value === "string") return 16 + value.length * 2
  if (typeof value !== "object" || value === null) return 8
  let bytes = 32
  if (Array.isArray(value)) {
    for (const item of value) bytes += approximateBytes(item)
    return bytes
  }
  for (const [key, item] of Object.entries(value)) bytes += 16 + key.length + approximateBytes(item)
  return bytes
}

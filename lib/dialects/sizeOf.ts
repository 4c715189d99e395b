/** Approximate sizes of an object and of a scalar. */
const OBJECT_SIZE = 32
const SCALAR_SIZE = 4

/**
 * Returns the approximate memory of a value, in UTF-16 units of text. Shared parts count once. Doesn't recurse, because a
 * hostile value would overflow the stack.
 */
export function sizeOf(value: unknown): number {
  const seen = new Set<object>()
  const waiting: unknown[] = [value]
  let size = 0
  while (waiting.length > 0) {
    const next = waiting.pop()
    if (typeof next === "string") size += SCALAR_SIZE + next.length
    else if (typeof next !== "object" || next === null) size += SCALAR_SIZE
    else if (!seen.has(next)) {
      seen.add(next)
      size += OBJECT_SIZE + addParts(next, waiting)
    }
  }
  return size
}

/** Adds an object's parts to a list. Returns the size of its keys. */
function addParts(object: object, parts: unknown[]): number {
  if (object instanceof Map) {
    for (const [key, value] of object) parts.push(key, value)
    return 0
  }
  if (object instanceof Set || Array.isArray(object)) {
    for (const value of object) parts.push(value)
    return 0
  }
  let size = 0
  for (const [key, value] of Object.entries(object)) {
    size += key.length
    parts.push(value)
  }
  return size
}

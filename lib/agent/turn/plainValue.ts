import { messageOf } from "./messageOf"

/** Longer arrays of numbers are described instead of copied. */
const MAX_NUMBERS = 100_000

type Plain = null | boolean | number | string | object | undefined

/** Converts one level of any value to a primitive, a plain object or an array, or to undefined for what JSON omits. */
export function plainValue(raw: unknown): Plain {
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

function plainObject(raw: object): Plain {
  try {
    if (Array.isArray(raw)) return raw
    if (Object.getPrototypeOf(raw) === Object.prototype && !("toJSON" in raw)) return raw
    if (raw instanceof Error) return plainError(raw)
    if (ArrayBuffer.isView(raw) || isBuffer(raw)) return plainBinary(raw)
    if (typeof Blob !== "undefined" && raw instanceof Blob) return `[binary, ${raw.size} bytes]`
    if (raw instanceof Map) return plainPairs([...raw])
    if (raw instanceof Set) return [...raw]
    if (raw instanceof RegExp) return String(raw)
    if (raw instanceof Promise) return "[promise]"
    if (raw instanceof Date && Number.isNaN(raw.getTime())) return String(raw)
    if (raw instanceof Number || raw instanceof String || raw instanceof Boolean)
      return plainValue(raw.valueOf()) ?? null
    if ("toJSON" in raw && typeof raw.toJSON === "function") {
      const json: unknown = raw.toJSON()
      return typeof json === "object" ? json : plainValue(json)
    }
    return Object.keys(raw).length > 0 ? raw : plainBuiltIn(raw)
  } catch (error) {
    return `[unreadable: ${messageOf(error)}]`
  }
}

function isBuffer(raw: object): raw is ArrayBuffer | SharedArrayBuffer {
  const isShared = typeof SharedArrayBuffer !== "undefined" && raw instanceof SharedArrayBuffer
  return raw instanceof ArrayBuffer || isShared
}

/** Converts UTF-8 bytes to text, arrays of numbers to lists, and other data to a marker. */
function plainBinary(raw: ArrayBufferView | ArrayBuffer | SharedArrayBuffer): string | unknown[] {
  const isBytes = isBuffer(raw) || raw instanceof DataView
  if (!isBytes && !(raw instanceof Uint8Array) && !(raw instanceof Uint8ClampedArray))
    return plainNumbers(raw as unknown as ArrayLike<number | bigint>)
  // Copied, because text in shared memory can't be decoded.
  const bytes = isBuffer(raw)
    ? new Uint8Array(raw).slice()
    : new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength).slice()
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return `[binary, ${raw.byteLength} bytes]`
  }
}

function plainNumbers(raw: ArrayLike<number | bigint>): string | unknown[] {
  const { length } = raw
  return length <= MAX_NUMBERS ? Array.from(raw) : `[${tagOf(raw)} of ${length} numbers]`
}

/**
 * Converts objects without own properties: headers and forms become objects, other built-in objects become an object of
 * their getters, and those without getters, such as generators, become a marker.
 */
function plainBuiltIn(raw: object): object | string {
  const tag = tagOf(raw)
  if (tag === "Object") return raw
  if ("entries" in raw && typeof raw.entries === "function") {
    const entries: unknown[] = [...raw.entries()]
    if (entries.every(isPair)) return plainPairs(entries)
  }
  const getters = Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(raw)))
    .filter(([, { get }]) => get !== undefined)
    .map(([name, { get }]): [string, unknown] => [name, get?.call(raw)])
  return getters.length > 0 ? Object.fromEntries(getters) : `[${tag}]`
}

function isPair(value: unknown): value is [unknown, unknown] {
  return Array.isArray(value) && value.length === 2
}

/** Returns the name of a built-in object's class; `Object` for other objects. */
function tagOf(raw: object): string {
  return Object.prototype.toString.call(raw).slice("[object ".length, -1)
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

/** Returns an object if all keys are different strings, otherwise the pairs. */
function plainPairs(pairs: [unknown, unknown][]): object {
  const keys = new Set(pairs.map(([key]) => key))
  const isObject = keys.size === pairs.length && [...keys].every((key) => typeof key === "string")
  return isObject ? Object.fromEntries(pairs) : pairs
}

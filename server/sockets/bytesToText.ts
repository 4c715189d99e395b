import { isUtf8 } from "node:buffer"

/** Replaces all bytes in a decoded message, in place: UTF-8 becomes text, other bytes `[binary, N bytes]`. */
export function bytesToText(args: unknown[]): void {
  const stack: object[] = [args]
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    for (const key of Object.keys(node)) {
      const value: unknown = Reflect.get(node, key)
      if (isBytes(value)) setOwn(node, key, textOf(value))
      else if (typeof value === "object" && value !== null) stack.push(value)
    }
  }
}

function isBytes(value: unknown): value is Uint8Array | ArrayBuffer {
  return value instanceof Uint8Array || value instanceof ArrayBuffer
}

function textOf(bytes: Uint8Array | ArrayBuffer): string {
  const buffer =
    bytes instanceof ArrayBuffer
      ? Buffer.from(bytes)
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return isUtf8(buffer) ? buffer.toString("utf8") : `[binary, ${buffer.length} bytes]`
}

// Defines the property instead of assigning it, so that an own key `__proto__` stays data.
function setOwn(node: object, key: string, value: string): void {
  Object.defineProperty(node, key, { value, enumerable: true, configurable: true, writable: true })
}

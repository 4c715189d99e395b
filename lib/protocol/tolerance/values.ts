import { exactNumber } from "@/lib/protocol/exactNumbers"

export type Fields = { [name: string]: unknown }

/** Returns true for an object that isn't an array. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** Returns an object's own field with this name. */
export function ownField(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}

const NUMERIC = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/
/** Maximum length of text that is read as a number: the digits of the largest double, and some white space. */
const MAX_NUMBER_LENGTH = 400

/** Returns a finite number, which may be given as text. Returns undefined for any other value. */
export function asNumber(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined
  const text = exactNumber(value) ?? value
  if (typeof text !== "string" || text.length > MAX_NUMBER_LENGTH || !NUMERIC.test(text.trim()))
    return undefined
  const number = Number(text)
  return Number.isFinite(number) ? number : undefined
}

/** Returns a number of at least 0, rounded to an integer, or undefined for any other value. */
export function asCount(value: unknown): number | undefined {
  const number = asNumber(value)
  if (number === undefined || number < 0) return undefined
  const rounded = Math.round(number)
  return Number.isSafeInteger(rounded) ? rounded : undefined
}

const MAX_BLOCKS = 1_000

/**
 * Converts a value to text: strings and other scalars as they are, content blocks (`{ type: "text", text }`) joined by
 * line breaks, anything else as JSON.
 */
export function asText(value: unknown): string {
  if (typeof value === "string") return exactNumber(value) ?? value
  if (typeof value !== "object" || value === null) return String(value)
  const blocks = Array.isArray(value) ? value : [value]
  const texts = blocks.length <= MAX_BLOCKS ? blocks.map(textOfBlock) : [undefined]
  return texts.length > 0 && texts.every((text) => text !== undefined)
    ? texts.join("\n")
    : JSON.stringify(value)
}

function textOfBlock(block: unknown): string | undefined {
  if (typeof block === "string") return block
  if (!isFields(block)) return undefined
  const { type, text, ...others } = block
  const isTextBlock = type === undefined || (typeof type === "string" && type.includes("text"))
  return typeof text === "string" && isTextBlock && Object.keys(others).length <= 3 ? text : undefined
}

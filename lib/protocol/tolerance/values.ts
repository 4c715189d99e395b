import { exactNumber, stringifyExact } from "@/lib/protocol/exactNumbers"

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
/** The maximum number of fields besides type and text. An object with more is data rather than a content block. */
const MAX_BLOCK_FIELDS = 3

/**
 * Converts a value to text: strings and other scalars as they are, content blocks that consist of text
 * (`{ type: "text", text }`) joined by line breaks, anything else as JSON.
 */
export function asText(value: unknown): string {
  if (typeof value === "string") return exactNumber(value) ?? value
  if (typeof value !== "object" || value === null) return String(value)
  const { text, isWhole } = readBlocks(value)
  return isWhole && text !== undefined ? text : stringifyExact(value)
}

/**
 * Reads content blocks. `text`: their text, joined by line breaks, or undefined if any of them isn't text. `isWhole`:
 * true if the blocks contain nothing else, such as citations or annotations.
 */
export function readBlocks(value: object): { text: string | undefined; isWhole: boolean } {
  const blocks: unknown[] = Array.isArray(value) ? value : [value]
  if (blocks.length === 0 || blocks.length > MAX_BLOCKS) return { text: undefined, isWhole: false }
  const read = blocks.map(readBlock)
  const texts = read.flatMap(({ text }) => (text === undefined ? [] : [text]))
  return {
    text: texts.length === read.length ? texts.join("\n") : undefined,
    isWhole: read.every(({ isWhole }) => isWhole),
  }
}

function readBlock(block: unknown): { text?: string; isWhole: boolean } {
  if (typeof block === "string") return { text: exactNumber(block) ?? block, isWhole: true }
  if (!isFields(block)) return { isWhole: false }
  const { type, text, ...others } = block
  const isText = type === undefined || (typeof type === "string" && type.includes("text"))
  if (typeof text !== "string" || !isText || Object.keys(others).length > MAX_BLOCK_FIELDS)
    return { isWhole: false }
  return { text, isWhole: Object.values(others).every(isEmpty) }
}

function isEmpty(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0
  return value === null || value === undefined || value === ""
}

/** Returns what an error object says has happened, in one of the fields that are common for that. */
export function statedMessage({ message, error, msg, detail, description, type }: Fields): unknown {
  const stated = message ?? error ?? msg ?? detail ?? description ?? type
  // APIs respond with `{ error: { message, … } }`.
  return isFields(stated) && typeof stated.message === "string" ? stated.message : stated
}

import { isNumeric, leafText } from "@/components/turn/formats/json/parseJson"
import { oneLine } from "@/components/ui/text/showControls"

const MAX_ARGS_CHARS = 400
const MAX_VALUE_CHARS = 80
const MAX_SMALL_ITEMS = 12
/**
 * The limit for a path, or for the value of a call's only parameter. It is higher than that for other values, because
 * the end of a path is its most important part.
 */
const MAX_SINGLE_CHARS = 200

/** Formats parameters on one line: `path: "src/auth.ts", limit: 10`. */
export function shortArguments(parameters: unknown): string {
  if (parameters === undefined || parameters === null) return ""
  if (typeof parameters !== "object") return oneLine(String(parameters), MAX_ARGS_CHARS)
  const entries = Object.entries(parameters)
  const parts = optionsLast(entries).map(([name, value]) => `${name}: ${shortValue(value, entries.length)}`)
  return oneLine(parts.join(", "), MAX_ARGS_CHARS)
}

/** Moves parameters that are false or null to the end, because the first ones should show what the call is about. */
function optionsLast(entries: [string, unknown][]): [string, unknown][] {
  const isOff = (value: unknown) => value === false || value === null
  return [...entries.filter(([, value]) => !isOff(value)), ...entries.filter(([, value]) => isOff(value))]
}

function shortValue(value: unknown, count: number): string {
  if (typeof value === "string" && !isNumeric(value)) {
    if (isShortText(value, count)) return JSON.stringify(value.trimEnd())
    return `"${oneLine(value, MAX_VALUE_CHARS)}…"`
  }
  if (typeof value !== "object" || value === null) return leafText(value)
  const small = smallValue(value)
  if (small !== undefined) return small
  return Array.isArray(value) ? `[${value.length}]` : "{…}"
}

/** Returns a small object or list on one line. Undefined if it is too long or contains other objects or lists. */
function smallValue(value: object): string | undefined {
  const entries = Object.entries(value)
  if (entries.length > MAX_SMALL_ITEMS) return undefined
  if (entries.some(([, item]) => typeof item === "object" && item !== null)) return undefined
  const leaf = (item: unknown) =>
    typeof item === "string" && !isNumeric(item) ? JSON.stringify(item) : leafText(item)
  const text = Array.isArray(value)
    ? `[${value.map(leaf).join(", ")}]`
    : `{${entries.map(([name, item]) => `${name}: ${leaf(item)}`).join(", ")}}`
  return text.length <= MAX_VALUE_CHARS ? text : undefined
}

function isShortText(text: string, count: number): boolean {
  const isPath = /^\S*[/\\]\S*$/.test(text)
  const room = count === 1 || isPath ? MAX_SINGLE_CHARS : MAX_VALUE_CHARS
  return text.length <= room && !text.trimEnd().includes("\n")
}

/** Returns true if the short form shows every parameter in full. */
export function isShort(parameters: unknown): boolean {
  if (parameters === undefined || parameters === null) return true
  if (typeof parameters !== "object") return String(parameters).length <= MAX_ARGS_CHARS
  const values = Object.values(parameters)
  const isPlain = (value: unknown) =>
    typeof value === "string"
      ? isShortText(value, values.length)
      : typeof value !== "object" || value === null || smallValue(value) !== undefined
  return values.every(isPlain) && shortArguments(parameters).length < MAX_ARGS_CHARS
}

/** Returns the only parameter whose text is too long for the line, such as a file's content, and the other parameters. */
export function longText(parameters: unknown): { key: string; text: string; rest: object } | undefined {
  if (typeof parameters !== "object" || parameters === null || Array.isArray(parameters)) return undefined
  const entries = Object.entries(parameters)
  const long = entries.filter(([, value]) => typeof value === "string" && !isShortText(value, entries.length))
  const [entry] = long
  if (entry === undefined || long.length > 1) return undefined
  const [key, text] = entry
  const rest = Object.fromEntries(entries.filter(([name]) => name !== key))
  return isShort(rest) ? { key, text: String(text), rest } : undefined
}

import { exactNumber } from "@/lib/protocol/exactNumbers"
import type { FormatInput, TextHint } from "./Format"
import { parseJsonText, printJson } from "./json/parseJson"

/** Adds a value's text and its parsed JSON, so that not every format has to compute them. */
export function formatInput(value: unknown, hint: TextHint): FormatInput {
  const digits = exactNumber(value)
  if (digits !== undefined) return { value: digits, text: digits, json: undefined, hint }
  if (typeof value === "string") return { value, text: value, json: parseJsonText(value), hint }
  const json = typeof value === "object" && value !== null ? value : undefined
  return { value, text: printJson(value), json, hint }
}

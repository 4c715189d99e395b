import { exactNumber, parseExact, stringifyExact } from "@/lib/protocol/exactNumbers"

/** The ways a value can be shown. */
export const VALUE_FORMATS = ["json", "table", "terminal", "markdown", "diff", "image", "text"] as const
export type ValueFormat = (typeof VALUE_FORMATS)[number]

export const FORMAT_NAMES: Record<ValueFormat, string> = {
  json: "Tree",
  table: "Table",
  terminal: "Terminal",
  markdown: "Markdown",
  diff: "Diff",
  image: "Image",
  text: "Plain",
}

/** What a value may be shown as: the first form is the one its content suggests. `json` is the parsed value, if it is one. */
export type FormatChoice = { forms: ValueFormat[]; json?: unknown; text: string }

/** A string longer than this is not tried as JSON: parsing would hold the page up. */
const MAX_PARSED_CHARS = 2_000_000
const MAX_LOOKED_AT_CHARS = 20_000
const MAX_TABLE_COLUMNS = 24

/** Chooses by content. `leaning` says what the field usually is, for text that could be either. Total, linear. */
export function chooseFormat(value: unknown, leaning: "markdown" | "text" = "text"): FormatChoice {
  if (typeof value !== "string") return chooseForJson(value, printJson(value))
  const number = exactNumber(value)
  if (number !== undefined) return { forms: ["text"], text: number }
  const json = parseJson(value)
  if (json !== undefined) return chooseForJson(json, value)
  const head = value.slice(0, MAX_LOOKED_AT_CHARS)
  if (isDataImage(value)) return { forms: ["image", "text"], text: value }
  const forms = new Set<ValueFormat>()
  if (looksLikeTerminal(head)) forms.add("terminal")
  if (looksLikeDiff(head)) forms.add("diff")
  if (leaning === "markdown" || looksLikeMarkdown(head)) forms.add("markdown")
  forms.add("text").add("terminal").add("markdown")
  return { forms: [...forms], text: value }
}

function chooseForJson(json: unknown, text: string): FormatChoice {
  if (typeof json !== "object" || json === null) return { forms: ["text"], text }
  return { forms: isFlatTable(json) ? ["table", "json", "text"] : ["json", "text"], json, text }
}

function parseJson(text: string): object | undefined {
  const first = text.trimStart()[0]
  if ((first !== "{" && first !== "[") || text.length > MAX_PARSED_CHARS) return undefined
  try {
    const parsed = parseExact(text)
    return typeof parsed === "object" && parsed !== null ? parsed : undefined
  } catch {
    return undefined
  }
}

/** JSON text with two spaces; a value that JSON does not know is written as a string. */
export function printJson(value: unknown): string {
  return value === undefined ? "undefined" : stringifyExact(value, 2)
}

/** Whether a string is an inline picture of a kind that runs no script. */
export function isDataImage(text: string): boolean {
  return /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]/.test(text.slice(0, 64))
}

function looksLikeTerminal(head: string): boolean {
  return head.includes("\u001b[")
}

function looksLikeDiff(head: string): boolean {
  return /^(?:diff --git |--- \S.*\n\+\+\+ |@@ -\d+(?:,\d+)? \+\d+)/m.test(head)
}

function looksLikeMarkdown(head: string): boolean {
  const marks = head.match(/^(?:#{1,4} \S|```|[-*] \*\*|\d\. \*\*|\|[ :-]+\|)/gm)
  return marks !== null && marks.length >= 2
}

/** Two rows or more, each a flat object, with few enough columns to read. */
export function isFlatTable(value: unknown): value is Record<string, unknown>[] {
  if (!Array.isArray(value) || value.length < 2) return false
  const columns = new Set<string>()
  for (const row of value.slice(0, 200)) {
    if (typeof row !== "object" || row === null || Array.isArray(row)) return false
    for (const [key, cell] of Object.entries(row)) {
      if (typeof cell === "object" && cell !== null) return false
      columns.add(key)
    }
  }
  return columns.size > 0 && columns.size <= MAX_TABLE_COLUMNS
}

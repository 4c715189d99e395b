import { exactNumber } from "@/lib/protocol/exactNumbers"
import { LIMITS } from "@/lib/protocol/limits"
import type { TurnBody, TurnOutline } from "@/lib/protocol/turn"
import { commandLine, scriptOf } from "./commandLine"
import { keepChars } from "./keepChars"
import { isJsonText, spokenText } from "./spokenText"
import { stripAnsi } from "./stripAnsi"
import { errorText } from "./turnError"

/** How much of a string is searched for a title. Bounds the work for megabytes of output. */
const MAX_TITLE_INPUT_CHARS = 2_000

/** An outline without the fields that the store assigns. */
export type Outline = Omit<TurnOutline, "index" | "recorded_at">

/**
 * Returns a turn without its bodies and without what the store assigns (`index`, `recorded_at`). The title is the tool
 * and its first argument, or the first line of text: one line of at most 160 characters, without control and
 * bidirectional-formatting characters, never empty.
 */
export function outlineTurn(turn: TurnBody): Outline {
  const { kind, tool, started_at, duration_ms, usage, cost_usd, model, exit_code, child_run_id } = turn
  const title = turnTitle(turn)
  // Assigned one by one: every incoming turn passes through here, and object spread is several times slower.
  const outline: Outline = tool === undefined ? { kind, title } : { kind, tool, title }
  if (started_at !== undefined) outline.started_at = started_at
  if (duration_ms !== undefined) outline.duration_ms = duration_ms
  if (usage !== undefined) outline.tokens = (usage.input_tokens ?? 0) + (usage.output_tokens ?? 0)
  if (cost_usd !== undefined) outline.cost_usd = cost_usd
  if (turn.estimated_cost_usd !== undefined) outline.estimated_cost_usd = turn.estimated_cost_usd
  if (model !== undefined) outline.model = model
  if (exit_code !== undefined) outline.exit_code = exit_code
  const error = errorText(turn)
  if (error !== undefined) {
    outline.error = true
    const line = oneLine([errorLine(error)], LIMITS.errorTextChars)
    if (line !== "") outline.error_text = line
  }
  if (child_run_id !== undefined) outline.child_run_id = child_run_id
  return outline
}

function turnTitle(turn: TurnBody): string {
  if (turn.tool !== undefined) return oneLine([turn.tool, firstArgument(turn.parameters)]) || turn.kind
  const said = informativeTexts(turn)
  if (turn.event !== undefined)
    return oneLine([turn.event, meaningfulLine(said) || scalars(turn.parameters)]) || turn.kind
  return oneLine([meaningfulLine(said)]) || turn.kind
}

/**
 * Returns the text fields of a turn, most informative first. Text inside messages and responses in JSON comes before
 * the fields themselves.
 */
function informativeTexts({ message, thinking, error, prompt, output }: TurnBody): unknown[] {
  const isRequest = prompt !== undefined && isJsonText(prompt)
  const asked = isRequest ? spokenText(prompt, true) : prompt
  const words = [withoutThinking(spokenText(message)), thinking, error?.message]
  const result = withoutThinking(spokenText(output))
  // A request repeats the earlier conversation, but its result is new.
  return [...words, ...(isRequest ? [result, asked] : [asked, result]), message, prompt, output]
}

/** Returns text without the thinking at its start, unless there is nothing else. */
function withoutThinking(text: string | undefined): string | undefined {
  if (text === undefined || !/^\s{0,40}<[tr]/.test(text)) return text
  const rest = text.replace(THINKING, "")
  return rest.trim() === "" ? text : rest
}

/**
 * Returns the first meaningful line of the first text argument, or else the first number or boolean with its name. If
 * there is neither, returns the number of items in the first list, followed by text from the list's current or first
 * item.
 */
export function firstArgument(parameters: unknown): string {
  if (typeof parameters !== "object" || parameters === null) return scalar(parameters)
  let named = ""
  let list = ""
  for (const key in parameters) {
    if (!Object.hasOwn(parameters, key)) continue
    const value = parameters[key as keyof typeof parameters]
    const shown = scalar(value)
    if (shown !== "" && typeof value === "string" && exactNumber(value) === undefined) return shown
    if (named === "" && shown !== "") named = `${key}: ${shown}`
    if (list === "" && Array.isArray(value)) list = listText(key, value)
  }
  return named || list
}

/** Returns the first strings and numbers in an event's parameters: `anthropic claude-opus-4-5`. */
function scalars(parameters: unknown): string {
  if (typeof parameters !== "object" || parameters === null) return scalar(parameters)
  return Object.values(parameters).slice(0, 6).map(scalar).filter(Boolean).slice(0, 3).join(" ")
}

/** Describes a list. A list of strings is a command with its arguments. */
function listText(name: string, list: readonly unknown[]): string {
  const words = list.slice(0, 40)
  if (list.length > 0 && words.every((word) => typeof word === "string"))
    return argumentLine(scriptOf(words) ?? words.join(" "))
  const item = list.slice(0, 40).find(isUnderWay) ?? list[0]
  return [`${name}: [${list.length}]`, firstText(item)].filter(Boolean).join(" ")
}

/** Returns true for a task in progress, which is the most informative item of a list of tasks. */
function isUnderWay(item: unknown): boolean {
  if (typeof item !== "object" || item === null || !("status" in item)) return false
  return typeof item.status === "string" && /^(?:in[_-]progress|active|running)$/i.test(item.status)
}

/** Returns the first string with several words in an object, or else its first string. */
function firstText(item: unknown): string {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return ""
  const texts = Object.values(item)
    .slice(0, 20)
    .map((value) => (typeof value === "string" ? scalar(value) : ""))
    .filter(Boolean)
  return texts.find((text) => /\S\s+\S/.test(text)) ?? texts[0] ?? ""
}

function scalar(value: unknown): string {
  if (typeof value === "string") return argumentLine(exactNumber(value) ?? value)
  return typeof value === "number" || typeof value === "boolean" ? String(value) : ""
}

/** Returns the first line with a visible character; for a script, the first line that says what the script does. */
function argumentLine(text: string): string {
  // Most arguments are one short line.
  if (text.length <= MAX_TITLE_INPUT_CHARS && PLAIN.test(text)) return text
  return commandLine(lines([text]))
}

/** Lines that only introduce the next ones ("I will:"), tags, and Markdown's fences, rules and lines of tables. */
const INTRODUCTORY = /^(?:.{0,40}[:：]|```\S*|[-=*_#>~|:+\s]+|<\/?[a-z_-]{1,40}>)$/u
/** The thinking of an open model, at the start of its message. */
const THINKING = /^\s*<(think|thinking|thought|reasoning)>[\s\S]*?<\/\1>/

/** Returns the first meaningful line, or else the first visible one. */
function meaningfulLine(texts: readonly unknown[]): string {
  let first = ""
  for (const line of lines(texts)) {
    if (!INTRODUCTORY.test(line)) return line
    if (first === "") first = line
  }
  return first
}

/** Matches lines that precede an error's text: lines without words, exit codes, words such as `error:`, and tags. */
const INTRODUCES_ERROR =
  /^(?:[^\p{L}\p{N}]+|exit code:? -?\d+|(?:error|exception|failed|stderr):?|<\/?[a-z_]{1,40}>)$/iu
const ERROR_TAGS = /^<(error|tool_use_error)>(.*?)(?:<\/\1>)?$/
const PYTHON_TRACE = /^Traceback \(most recent call last\):$/

/**
 * Returns the line of an error that says what happened, or else its first line. In a Python stack trace, that is the
 * last line.
 */
function errorLine(error: string): string {
  let first = ""
  for (const line of lines([error])) {
    if (first === "") first = line
    if (PYTHON_TRACE.test(line)) return lastLine(error) || line
    if (!INTRODUCES_ERROR.test(line)) return ERROR_TAGS.exec(line)?.[2] || line
  }
  return first
}

function lastLine(text: string): string {
  let last = ""
  for (const line of lines([text.slice(-MAX_TITLE_INPUT_CHARS)])) last = line
  return last
}

/** Yields the lines with a visible character. */
function* lines(texts: readonly unknown[]): Generator<string> {
  for (const text of texts) {
    if (typeof text !== "string") continue
    for (const [line] of text.slice(0, MAX_TITLE_INPUT_CHARS).matchAll(/[^\r\n]+/g)) {
      const clean = visible(line)
      if (clean !== "") yield clean
    }
  }
}

function oneLine(parts: readonly string[], maxChars: number = LIMITS.titleChars): string {
  const line = parts.map(visible).filter(Boolean).join(" ")
  if (line.length <= maxChars) return line
  return `${keepChars(line, maxChars - 1)}…`
}

/** ASCII words separated by single spaces. */
const PLAIN = /^[!-~]+(?: [!-~]+)*$/

/**
 * Cleans a line for a cell: no ANSI sequences or bidirectional marks; control characters and spaces become one space.
 */
function visible(line: string): string {
  // Most lines are already clean.
  if (line.length <= MAX_TITLE_INPUT_CHARS && PLAIN.test(line)) return line
  return stripAnsi(line.slice(0, MAX_TITLE_INPUT_CHARS))
    .replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "")
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim()
}

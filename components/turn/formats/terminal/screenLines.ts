import { type AnsiSpan, type AnsiText, ansiTokens, parseAnsi } from "./parseAnsi"
import { type AnsiStyle, applySgr } from "./sgr"

/** Lines of terminal text in their final state. */
export type ScreenPart =
  | { readonly kind: "lines"; readonly text: AnsiText }
  /** A line that was overwritten, and its earlier states. */
  | {
      readonly kind: "overwritten"
      readonly text: AnsiText
      /** How many earlier states there were. */
      readonly count: number
      /** The newest of the earlier states, one per line, as plain text. */
      readonly states: string
    }

export type ScreenOptions = {
  /** True if the text starts or ends within a line of a longer text. */
  readonly startsMidLine?: boolean
  readonly endsMidLine?: boolean
}

/** Sequences that move the cursor back: a carriage return within a line, a backspace, a cursor or erase sequence. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals use control characters
const MOVES_BACK = /\r(?!\r*(?:\n|$))|[\u0008]|\u001b\[[\d;]*[ABDFGJKHf]/
const MAX_COLUMNS = 4_096
const MAX_STATES_CHARS = 65_536
const MAX_SPANS = 2_000

/**
 * Parses terminal text into what a terminal would show in the end. Text that overwrites itself, such as a progress bar,
 * keeps its last state; earlier states are counted and stored separately. Text before a cleared screen is kept, and new
 * text starts on a new line.
 */
export function screenParts(text: string, options: ScreenOptions = {}): ScreenPart[] {
  if (!MOVES_BACK.test(text)) return [{ kind: "lines", text: parseAnsi(text.replace(/\r+(?=\n|$)/g, "")) }]
  const screen = new Screen()
  screen.write(text)
  return screen.parts(options)
}

type Line = {
  chars: string[]
  styles: AnsiStyle[]
  states: string[]
  statesChars: number
  count: number
  /** True if the cursor has moved back into this line, so that the next character overwrites it. */
  isRewound: boolean
}

function emptyLine(): Line {
  return { chars: [], styles: [], states: [], statesChars: 0, count: 0, isRewound: false }
}

const UNSTYLED: AnsiStyle = {}

class Screen {
  private readonly lines: Line[] = [emptyLine()]
  private row = 0
  private column = 0
  private style = UNSTYLED

  write(text: string): void {
    for (const token of ansiTokens(text)) {
      if (token.kind === "sgr") this.style = applySgr(this.style, token.params)
      else if (token.kind === "control") this.control(token.final, token.params)
      else for (const char of token.text) this.put(char)
    }
  }

  private get line(): Line {
    const existing = this.lines[this.row]
    if (existing !== undefined) return existing
    while (this.lines.length <= this.row) this.lines.push(emptyLine())
    return this.lines[this.row] ?? emptyLine()
  }

  private put(char: string): void {
    if (char === "\n") this.moveTo(this.row + 1, 0)
    else if (char === "\r") this.moveTo(this.row, 0)
    else if (char === "\b") this.moveTo(this.row, this.column - 1)
    else {
      const { line } = this
      this.overwrite(line)
      const column = this.column++
      while (line.chars.length < column) {
        line.chars.push(" ")
        line.styles.push(UNSTYLED)
      }
      line.chars[column] = char
      line.styles[column] = this.style
    }
  }

  private moveTo(row: number, column: number): void {
    this.row = Math.max(0, row)
    this.column = Math.max(0, column)
    const { line } = this
    if (this.column < line.chars.length) line.isRewound = true
  }

  /** Stores the line's state before its first change after the cursor moved back. */
  private overwrite(line: Line): void {
    if (!line.isRewound) return
    line.isRewound = false
    const state = line.chars.join("").trimEnd()
    if (state === "") return
    line.count++
    line.states.push(state)
    line.statesChars += state.length
    while (line.statesChars > MAX_STATES_CHARS)
      line.statesChars -= line.states.shift()?.length ?? MAX_STATES_CHARS
  }

  private erase(line: Line, from: number, to: number): void {
    if (from < line.chars.length) line.isRewound = true
    this.overwrite(line)
    if (to >= line.chars.length) {
      line.chars.length = Math.min(line.chars.length, from)
      line.styles.length = line.chars.length
    } else line.chars.fill(" ", from, to)
  }

  private control(final: string, params: string): void {
    const number = Number(params.split(";")[0] || 0)
    const count = Math.max(1, number)
    if (final === "A") this.moveTo(this.row - count, this.column)
    else if (final === "B") this.moveTo(Math.min(this.lines.length, this.row + count), this.column)
    else if (final === "C") this.moveTo(this.row, Math.min(MAX_COLUMNS, this.column + count))
    else if (final === "D") this.moveTo(this.row, this.column - count)
    else if (final === "E") this.moveTo(Math.min(this.lines.length, this.row + count), 0)
    else if (final === "F") this.moveTo(this.row - count, 0)
    else if (final === "G") this.moveTo(this.row, Math.min(MAX_COLUMNS, count) - 1)
    else if (final === "K") this.eraseInLine(number)
    else if (final === "J") this.eraseScreen(number)
    else if (final === "H" || final === "f") this.startNewLine()
  }

  private eraseInLine(mode: number): void {
    const { line } = this
    if (mode === 0) this.erase(line, this.column, line.chars.length)
    else if (mode === 1) this.erase(line, 0, this.column + 1)
    else this.erase(line, 0, line.chars.length)
  }

  /** Erases the lines of a progress display below the cursor. Erasing the whole screen must not lose the log above. */
  private eraseScreen(mode: number): void {
    if (mode !== 0) {
      this.startNewLine()
      return
    }
    this.eraseInLine(0)
    for (const line of this.lines.slice(this.row + 1)) this.erase(line, 0, line.chars.length)
  }

  private startNewLine(): void {
    const isEmpty = this.lines.at(-1)?.chars.length === 0
    this.moveTo(this.lines.length - (isEmpty ? 1 : 0), 0)
  }

  parts({ endsMidLine = false }: ScreenOptions): ScreenPart[] {
    const parts: ScreenPart[] = []
    let plain: AnsiSpan[] = []
    let spanCount = 0
    const flush = () => {
      if (plain.length > 0) parts.push({ kind: "lines", text: { spans: plain, capped: false } })
      plain = []
    }
    const last = this.lines.length - 1
    for (const [at, line] of this.lines.entries()) {
      // The state at a cut is incomplete, so it counts as overwritten.
      if (endsMidLine && at === last && line.count > 0) {
        line.isRewound = true
        this.overwrite(line)
        line.chars.length = 0
      }
      const spans = spanCount < MAX_SPANS ? spansOf(line) : unstyled(line)
      spanCount += spans.length
      if (line.count > 0) {
        flush()
        parts.push({
          kind: "overwritten",
          text: { spans, capped: false },
          count: line.count,
          states: line.states.join("\n"),
        })
      } else {
        plain.push(...spans)
        if (at < last) plain.push({ text: "\n", style: UNSTYLED })
      }
    }
    flush()
    return parts
  }
}

function spansOf(line: Line): AnsiSpan[] {
  const spans: AnsiSpan[] = []
  for (const [column, char] of line.chars.entries()) {
    const style = line.styles[column] ?? UNSTYLED
    const last = spans.at(-1)
    if (last !== undefined && last.style === style) last.text += char
    else spans.push({ text: char, style })
  }
  return spans
}

function unstyled(line: Line): AnsiSpan[] {
  return line.chars.length === 0 ? [] : [{ text: line.chars.join(""), style: UNSTYLED }]
}

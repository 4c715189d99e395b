import type { ComponentType } from "react"

/**
 * What a string probably is if its content is inconclusive: something that a user or model wrote, or the output of a
 * program.
 */
export type TextHint = "prose" | "output"

/** A value as passed to formats. */
export type FormatInput = {
  readonly value: unknown
  /** The value as text: the string itself, or indented JSON. This is copied by default. */
  readonly text: string
  /** The value, or the JSON that the string contains. Undefined for a string that isn't JSON, and for scalars. */
  readonly json: object | undefined
  readonly hint: TextHint
}

export type FormatBodyProps = {
  readonly input: FormatInput
  /** The value's JSON pointer in the turn. Undefined for a value parsed from a string. */
  readonly pointer: string | undefined
  /** What to search for in the value. */
  readonly query?: string
}

/** A way to show a value. To add one, create a folder next to this file, and add a line to `formats.ts`. */
export type Format = {
  readonly id: string
  /** The format's name in the list of formats. */
  readonly name: string
  /** `best`: shown by default, unless an earlier format is also best. `possible`: can be chosen. */
  readonly detect: (input: FormatInput) => "best" | "possible" | "no"
  readonly Body: ComponentType<FormatBodyProps>
  /** Returns what Copy copies. Default: the text of the input. */
  readonly copy?: (input: FormatInput) => string
}

import type { TurnBody } from "@/lib/protocol/turn"

type ErrorSource = Pick<Partial<TurnBody>, "error" | "output" | "attributes">

/** How many blocks of an output are searched for an error flag. */
const MAX_BLOCKS = 100

/**
 * Whether a turn failed: it has an `error`, or its result has the error flag of MCP (`isError`) or Anthropic
 * (`is_error`), on the output, on one of its blocks, or in the attributes.
 */
export function hasError(turn: ErrorSource): boolean {
  return turn.error !== undefined || failedResult(turn) !== undefined
}

/** Returns the text of a turn's error; undefined without an error, empty if the error has no text. */
export function errorText(turn: ErrorSource): string | undefined {
  if (turn.error !== undefined) return turn.error.message
  const result = failedResult(turn)
  return result === undefined ? undefined : firstText(result)
}

/** Returns the part of a turn's result that is flagged as an error. */
function failedResult({ output, attributes }: ErrorSource): unknown {
  if (isFlagged(output)) return output
  if (Array.isArray(output)) {
    const block = output.slice(0, MAX_BLOCKS).find(isFlagged)
    if (block !== undefined) return block
  }
  return isFlagged(attributes) ? (output ?? "") : undefined
}

function isFlagged(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false
  const { isError, is_error } = value as { isError?: unknown; is_error?: unknown }
  return isError === true || is_error === true
}

/** Returns the first text in a result: the result itself, its content, or the text of its first block. */
function firstText(result: unknown): string {
  for (let value = result, depth = 0; depth < 4; depth++) {
    if (typeof value === "string") return value
    if (typeof value !== "object" || value === null) return ""
    value = Array.isArray(value) ? value[0] : firstOf(value)
  }
  return ""
}

function firstOf(value: object): unknown {
  const { text, content, message, error } = value as { [key: string]: unknown }
  return text ?? content ?? message ?? error
}

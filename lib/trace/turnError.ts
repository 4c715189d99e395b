import type { TurnBody } from "@/lib/protocol/turn"

type ErrorSource = Pick<Partial<TurnBody>, "error" | "output" | "cli_outcome" | "attributes">

/** How many blocks of an output are searched for an error flag. */
const MAX_BLOCKS = 100

/**
 * Returns true if a turn failed: it has an `error`, or an error flag of MCP (`isError`) or Anthropic (`is_error`) on the
 * output, on one of the output's blocks, in `cli_outcome` or in the attributes, or `cli_outcome` reports a timeout. An
 * exit code alone isn't an error.
 */
export function hasError(turn: ErrorSource): boolean {
  return turn.error !== undefined || failedResult(turn) !== undefined || hasTimedOut(turn)
}

/** Returns the text of a turn's error; undefined without an error, empty if the error has no text. */
export function errorText(turn: ErrorSource): string | undefined {
  if (turn.error !== undefined) return turn.error.message
  const result = failedResult(turn)
  if (result !== undefined) return firstText(result)
  return hasTimedOut(turn) ? timeoutText(firstText(turn.output)) : undefined
}

/** Returns the part of a turn's result that is flagged as an error. */
function failedResult({ output, cli_outcome: outcome, attributes }: ErrorSource): unknown {
  if (isFlagged(output)) return output
  if (Array.isArray(output)) {
    const block = output.slice(0, MAX_BLOCKS).find(isFlagged)
    if (block !== undefined) return block
  }
  if (isFlagged(outcome)) return hasText(output) ? output : outcome
  return isFlagged(attributes) ? (output ?? "") : undefined
}

function isFlagged(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false
  const { isError, is_error } = value as { isError?: unknown; is_error?: unknown }
  return isError === true || is_error === true
}

function hasTimedOut({ cli_outcome: outcome }: ErrorSource): boolean {
  if (typeof outcome !== "object" || outcome === null || Array.isArray(outcome)) return false
  const { timed_out, timedOut } = outcome as { timed_out?: unknown; timedOut?: unknown }
  return timed_out === true || timedOut === true
}

/**
 * Returns the output if it begins by reporting the timeout. Otherwise, the output is usually only what the command
 * printed until then, so it isn't returned.
 */
function timeoutText(output: string): string {
  return /^.{0,300}\btime(?:d|[ -])?[ -]?out\b/i.test(output.trimStart()) ? output : "timed out"
}

function hasText(output: unknown): boolean {
  return output !== undefined && output !== null && output !== ""
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
  const { text, content, message, error, stderr } = value as { [key: string]: unknown }
  return text ?? content ?? message ?? error ?? stderr
}

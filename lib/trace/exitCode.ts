type Fields = Readonly<Record<string, unknown>>

/** Names of the exit code in the results of agents and of the libraries that run processes. */
const EXIT_KEYS = [
  "exit_code",
  "exitCode",
  "returncode",
  "return_code",
  "returnCode",
  "exit_status",
  "exitStatus",
  "ExitCode",
]
/** Names that only mean an exit code next to a process's output: the response to a request has a `status`, too. */
const SHORT_EXIT_KEYS = ["rc", "code", "status", "ResponseCode"]
/**
 * Parts of a result that may contain its exit code: Codex's `metadata`, MCP's `structuredContent`, OpenAI's `outcome`, and
 * OpenHands' `extras`, which may contain `metadata`.
 */
const INNER_KEYS = ["metadata", "structuredContent", "outcome", "extras"]
const MAX_DEPTH = 2

/** Returns the exit code in a turn's results: in `cli_outcome`, else in `output`, else undefined. */
export function exitCodeOf(turn: { cli_outcome?: unknown; output?: unknown }): number | undefined {
  return exitCodeIn(turn.cli_outcome) ?? exitCodeIn(turn.output)
}

/** Returns the exit code in a process's result, or undefined. Doesn't search text for an exit code. */
export function exitCodeIn(value: unknown): number | undefined {
  return codeWithin(value, 0)
}

function codeWithin(value: unknown, depth: number): number | undefined {
  if (!isFields(value)) return undefined
  const key = exitKeyOf(value)
  if (key !== undefined) return exitCode(value[key])
  if (depth === MAX_DEPTH) return undefined
  for (const inner of INNER_KEYS) {
    const code = Object.hasOwn(value, inner) ? codeWithin(value[inner], depth + 1) : undefined
    if (code !== undefined) return code
  }
  return undefined
}

const STREAM_KEYS = ["stdout", "stderr", "StandardOutputContent", "StandardErrorContent"]

/** Returns the name of the field with a result's exit code. */
export function exitKeyOf(result: Fields): string | undefined {
  const isCode = (key: string) => Object.hasOwn(result, key) && exitCode(result[key]) !== undefined
  const key = EXIT_KEYS.find(isCode)
  if (key !== undefined) return key
  const isProcess = STREAM_KEYS.some((stream) => isStream(result[stream]))
  return isProcess ? SHORT_EXIT_KEYS.find(isCode) : undefined
}

function exitCode(value: unknown): number | undefined {
  const code = typeof value === "string" && /^-?\d{1,10}$/.test(value) ? Number(value) : value
  return Number.isSafeInteger(code) ? (code as number) : undefined
}

/** Returns true for the text of a stream, which may be a list of lines. */
export function isStream(value: unknown): value is string | readonly string[] {
  return (
    typeof value === "string" || (Array.isArray(value) && value.every((line) => typeof line === "string"))
  )
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

import { joinLines } from "@/components/turn/formats/text/joinLines"
import { exitCodeIn, exitKeyOf, isStream } from "@/lib/trace/exitCode"

type Stream = {
  readonly name: "stdout" | "stderr"
  readonly text: string
  readonly path: readonly string[]
  /** The lines of a stream that was sent as a list. */
  readonly lines?: readonly string[]
}

/** The output of a process. */
export type ProcessOutput = {
  /** Streams with content. */
  readonly streams: readonly Stream[]
  readonly exitCode: number | undefined
  /** The other fields. */
  readonly rest: Readonly<Record<string, unknown>>
}

const STDOUT_KEYS = ["stdout", "Stdout", "std_out", "StandardOutputContent", "standard_output", "out"]
const STDERR_KEYS = ["stderr", "Stderr", "std_err", "StandardErrorContent", "standard_error", "err"]
/** Keys that name a stream even without an exit code. Others are short for many things. */
const CERTAIN_KEYS = [...STDOUT_KEYS.slice(0, 5), ...STDERR_KEYS.slice(0, 5)]
/** Only used together with an exit code, because many objects have an `output`. */
const COMBINED_KEYS = [
  ...["output", "aggregated_output", "formatted_output", "combined", "text", "content", "result"],
]

/**
 * Reads `{ stdout, stderr, exit_code }` and its variants. A stream may be a list of lines. Returns undefined for any other
 * object.
 */
export function readStreams(value: unknown): ProcessOutput | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined
  const fields = value as Record<string, unknown>
  return readFields(fields) ?? readLogs(fields)
}

/** Reads the streams of a sandbox, which puts them under `logs`. */
function readLogs({ logs, ...rest }: Record<string, unknown>): ProcessOutput | undefined {
  if (typeof logs !== "object" || logs === null || Array.isArray(logs)) return undefined
  const inner = readFields(logs as Record<string, unknown>)
  if (inner === undefined) return undefined
  return {
    ...inner,
    streams: inner.streams.map((stream) => ({ ...stream, path: ["logs", ...stream.path] })),
    rest: { ...notEmpty(rest, []), ...inner.rest },
  }
}

function readFields(fields: Record<string, unknown>): ProcessOutput | undefined {
  const stdout = keyOf(fields, STDOUT_KEYS, isStream)
  const stderr = keyOf(fields, STDERR_KEYS, isStream)
  const exitCode = exitCodeIn(fields)
  const hasExit = exitCode !== undefined
  const isCertain = [stdout, stderr].some((key) => key !== undefined && CERTAIN_KEYS.includes(key))
  const isNamed = isCertain || (stdout !== undefined && hasExit)
  const combined = !isNamed && hasExit ? keyOf(fields, COMBINED_KEYS, isStream) : undefined
  if (!isNamed && combined === undefined) return undefined
  const streams = [
    streamOf(fields, "stdout", isNamed ? stdout : combined),
    streamOf(fields, "stderr", isNamed ? stderr : undefined),
  ].filter((stream) => stream !== undefined)
  // An exit code inside another field is also listed as part of that field.
  const used = [stdout, stderr, combined, exitKeyOf(fields)]
  return { streams, exitCode, rest: notEmpty(fields, used) }
}

function notEmpty(
  fields: Record<string, unknown>,
  used: readonly (string | undefined)[],
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([key, item]) => !used.includes(key) && item !== null && item !== ""),
  )
}

function keyOf(
  fields: Record<string, unknown>,
  keys: readonly string[],
  fits: (value: unknown) => boolean,
): string | undefined {
  return keys.find((key) => Object.hasOwn(fields, key) && fits(fields[key]))
}

function streamOf(
  fields: Record<string, unknown>,
  name: Stream["name"],
  key: string | undefined,
): Stream | undefined {
  const value = key === undefined ? undefined : fields[key]
  if (key === undefined || !isStream(value)) return undefined
  const isText = typeof value === "string"
  const text = isText ? value : joinLines(value)
  return text === "" ? undefined : { name, text, path: [key], ...(!isText && { lines: value }) }
}

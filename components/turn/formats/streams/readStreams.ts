type Stream = {
  readonly name: "stdout" | "stderr"
  readonly text: string
  readonly path: readonly string[]
}

/** The output of a process. */
export type ProcessOutput = {
  /** Streams with content. */
  readonly streams: readonly Stream[]
  readonly exitCode: number | undefined
  /** The other fields. */
  readonly rest: Readonly<Record<string, unknown>>
}

const STDOUT_KEYS = ["stdout", "std_out", "out"]
const STDERR_KEYS = ["stderr", "std_err", "err"]
/** Only used together with an exit code, because many objects have an `output`. */
const COMBINED_KEYS = ["output", "aggregated_output", "formatted_output", "combined", "text", "content"]
const EXIT_KEYS = [
  "exit_code",
  "exitCode",
  "returncode",
  "return_code",
  "returnCode",
  "exit_status",
  "code",
  "status",
]

/** Reads `{ stdout, stderr, exit_code }` and its variants. Returns undefined for any other object. */
export function readStreams(value: unknown): ProcessOutput | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined
  const fields = value as Record<string, unknown>
  const stdout = keyOf(fields, STDOUT_KEYS, isText)
  const stderr = keyOf(fields, STDERR_KEYS, isText)
  const exitKey = keyOf(fields, EXIT_KEYS, isExitCode)
  const nested = nestedExit(fields)
  const hasExit = exitKey !== undefined || nested !== undefined
  const isNamed = stdout === "stdout" || stderr === "stderr" || (stdout !== undefined && hasExit)
  const combined = !isNamed && hasExit ? keyOf(fields, COMBINED_KEYS, isText) : undefined
  if (!isNamed && combined === undefined) return undefined
  const streams = [
    streamOf(fields, "stdout", isNamed ? stdout : combined),
    streamOf(fields, "stderr", isNamed ? stderr : undefined),
  ].filter((stream) => stream !== undefined)
  const used = [stdout, stderr, combined, exitKey]
  const rest = Object.fromEntries(
    Object.entries(fields).filter(([key, item]) => !used.includes(key) && item !== null && item !== ""),
  )
  return { streams, exitCode: exitKey === undefined ? nested : Number(fields[exitKey]), rest }
}

function keyOf(
  fields: Record<string, unknown>,
  keys: readonly string[],
  fits: (value: unknown) => boolean,
): string | undefined {
  return keys.find((key) => Object.hasOwn(fields, key) && fits(fields[key]))
}

function isText(value: unknown): boolean {
  return typeof value === "string"
}

function isExitCode(value: unknown): boolean {
  return Number.isSafeInteger(value) || (typeof value === "string" && /^-?\d{1,10}$/.test(value))
}

/** Returns the exit code from `metadata`, where Codex puts it. It is also listed with the other metadata. */
function nestedExit({ metadata }: Record<string, unknown>): number | undefined {
  if (typeof metadata !== "object" || metadata === null) return undefined
  const key = keyOf(metadata as Record<string, unknown>, EXIT_KEYS, isExitCode)
  return key === undefined ? undefined : Number((metadata as Record<string, unknown>)[key])
}

function streamOf(
  fields: Record<string, unknown>,
  name: Stream["name"],
  key: string | undefined,
): Stream | undefined {
  const text = key === undefined ? undefined : fields[key]
  return typeof text === "string" && text !== "" && key !== undefined
    ? { name, text, path: [key] }
    : undefined
}

import { COMMANDS, type CommandName, type CommandPayload, type Refusal } from "@/lib/protocol/catalog"
import { type Issue, wireError } from "@/lib/protocol/codes"
import { LIMITS } from "@/lib/protocol/limits"
import { checkShape, type ShapeFault } from "@/lib/protocol/shape"
import { fitShape } from "@/lib/protocol/tolerance/fitShape"
import { tolerantPayload } from "@/lib/protocol/tolerance/tolerantPayload"
import { describeIssues } from "./describeIssues"
import { quickBatch } from "./quickBatch"

/** The commands whose messages may be large. Messages of other commands may have at most `MAX_PLAIN_BYTES`. */
const CONTENT: ReadonlySet<CommandName> = new Set([
  "runs.record_turns",
  "runs.report_progress",
  "runs.complete",
])
const MAX_PLAIN_BYTES = 256 * 1024
/** The fields of these commands that have values of the agent's choice. */
const CONTENT_FIELDS: ReadonlySet<string> = new Set(["turns", "progress", "outcome"])

/** Replaces a payload that can't be read. `reason` is for people. */
export class UnreadablePayload {
  constructor(readonly reason: string) {}
}

type Parsed<N extends CommandName> = { payload: CommandPayload<N> } | { refusal: Refusal }
/** `bytes`: the size of the message. `nowMs`: the server's time. */
type Context = { bytes: number; nowMs: number }

/** Returns true if an event is a command. */
export function isCommand(event: unknown): event is CommandName {
  return typeof event === "string" && Object.hasOwn(COMMANDS, event)
}

/**
 * Checks the arguments of a command: one object with limited depth and number of keys, checked before any recursion.
 * Values in turns, progress and outcomes that exceed these limits become text. Converts tolerated forms to the schema's
 * form. The schema refuses all other forms.
 */
export function parseCommand<N extends CommandName>(
  name: N,
  args: readonly unknown[],
  { bytes, nowMs }: Context,
): Parsed<N> {
  const [received = {}] = args
  if (received instanceof UnreadablePayload) return refuse(received.reason)
  if (args.length > 1 || !isRecord(received)) return refuse("A command takes exactly one object.")
  if (!CONTENT.has(name) && bytes > MAX_PLAIN_BYTES)
    return { refusal: { ok: false, error: wireError("too_large") } }
  const sent = findFault(name, received) === undefined ? received : fitContent(received)
  const fault = findFault(name, sent)
  if (fault) return refuse(undefined, [fault])
  const quick = name === "runs.record_turns" ? quickBatch(sent, nowMs) : undefined
  // The compiler can't infer from the comparison that the payload belongs to `name`.
  if (quick !== undefined) return { payload: quick as CommandPayload<N> }
  const payload = tolerantPayload(name, sent, nowMs)
  const parsed = COMMANDS[name].safeParse(payload)
  if (!parsed.success) return refuse(undefined, describeIssues(payload, parsed.error))
  // The compiler can't infer from the index that the payload belongs to `name`.
  return { payload: parsed.data as CommandPayload<N> }
}

function findFault(name: CommandName, payload: Record<string, unknown>): ShapeFault | undefined {
  return name === "runs.record_turns" ? checkBatch(payload) : checkShape(payload)
}

/** Converts values in turns, an outcome or progress to text if they have too many levels or keys. */
function fitContent(payload: Record<string, unknown>): Record<string, unknown> {
  const shorten = (value: unknown) => (isRecord(value) ? fitShape(value) : value)
  const entries = Object.entries(payload).map(([name, value]): [string, unknown] => {
    if (name === "turns" && Array.isArray(value) && value.length <= LIMITS.turnsPerBatch)
      return [name, value.map(shorten)]
    return CONTENT_FIELDS.has(name) ? [name, shorten(value)] : [name, value]
  })
  return Object.fromEntries(entries)
}

/** Checks a batch: each turn has its own limits, and a batch that is too long isn't checked further. */
function checkBatch(payload: Record<string, unknown>): ShapeFault | undefined {
  const { turns, ...rest } = payload
  const fault = checkShape(rest)
  if (fault || !Array.isArray(turns)) return fault ?? checkShape(turns)
  if (turns.length > LIMITS.turnsPerBatch)
    return { path: "turns", message: `more than ${LIMITS.turnsPerBatch} turns` }
  for (const [index, turn] of turns.entries()) {
    const found = checkShape(turn)
    if (found) return { ...found, path: `turns.${index}` }
  }
  return undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function refuse(message: string | undefined, issues?: Issue[]): { refusal: Refusal } {
  return {
    refusal: { ok: false, error: wireError("invalid_params", message, issues ? { issues } : undefined) },
  }
}

import { COMMANDS, type CommandName, type CommandPayload, type Refusal } from "@/lib/protocol/catalogue"
import { type Issue, wireError } from "@/lib/protocol/codes"
import { LIMITS } from "@/lib/protocol/limits"
import { checkShape, type ShapeFault } from "@/lib/protocol/shape"
import { describeIssues } from "./describeIssues"
import { quickBatch } from "./quickBatch"

/** Only these carry content; any other command in a longer message than this is none of ours. */
const CONTENT: ReadonlySet<CommandName> = new Set([
  "runs.record_turns",
  "runs.report_progress",
  "runs.complete",
])
const MAX_PLAIN_BYTES = 256 * 1024

type Parsed<N extends CommandName> = { payload: CommandPayload<N> } | { refusal: Refusal }

/** Whether an event's name is a command's. */
export function isCommand(event: unknown): event is CommandName {
  return typeof event === "string" && Object.hasOwn(COMMANDS, event)
}

/**
 * Checks what came with a command: exactly one object, bounded in depth and keys before anything walks it by
 * recursion, then by its schema. `bytes` is the size of the message.
 */
export function parseCommand<N extends CommandName>(
  name: N,
  args: readonly unknown[],
  bytes: number,
): Parsed<N> {
  const [payload] = args
  if (args.length !== 1 || !isRecord(payload)) return refuse("A command takes exactly one object.")
  if (!CONTENT.has(name) && bytes > MAX_PLAIN_BYTES)
    return { refusal: { ok: false, error: wireError("too_large") } }
  const fault = name === "runs.record_turns" ? checkBatch(payload) : checkShape(payload)
  if (fault) return refuse(undefined, [fault])
  const quick = name === "runs.record_turns" ? quickBatch(payload) : undefined
  // The catalogue pairs each name with its schema; the compiler can't follow that through a comparison.
  if (quick !== undefined) return { payload: quick as CommandPayload<N> }
  const parsed = COMMANDS[name].safeParse(payload)
  if (!parsed.success) return refuse(undefined, describeIssues(payload, parsed.error))
  // The catalogue pairs each name with its schema; the compiler can't follow that through an index.
  return { payload: parsed.data as CommandPayload<N> }
}

/** Every turn has bounds of its own, and a batch that is too long is not walked at all. */
function checkBatch(payload: Record<string, unknown>): ShapeFault | undefined {
  const { turns, ...rest } = payload
  const fault = checkShape(rest)
  if (fault || !Array.isArray(turns)) return fault
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

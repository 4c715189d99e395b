import { z } from "zod"
import { fitsBytes } from "@/lib/protocol/bytes"
import type { ErrorCode } from "@/lib/protocol/codes"
import { parseExact, stringifyExact } from "@/lib/protocol/exactNumbers"
import { agentId, count, runId, text } from "@/lib/protocol/fields"
import { LIMITS } from "@/lib/protocol/limits"
import {
  agentOutcome,
  type Interruption,
  parentRef,
  type RunHead,
  type RunTermination,
  runRef,
  runSource,
} from "@/lib/protocol/run"
import { checkShape } from "@/lib/protocol/shape"
import { runTurn, type TurnBody } from "@/lib/protocol/turn"

/** Thrown when a record can't be imported. The message says why. */
export class ImportError extends Error {
  override readonly name = "ImportError"

  constructor(
    message: string,
    readonly code: ErrorCode = "invalid_params",
  ) {
    super(message)
  }
}

export type ImportedEnd = { termination: RunTermination; ended_at: string; interruptions?: Interruption[] }

/**
 * A schema for a string of up to twice the usual size, because redaction may have made it longer after its size was
 * checked.
 */
const redactedText = (bytes: number) => text(2 * bytes)
const time = z.iso.datetime({ precision: 3 })
const head = z.object({
  record: z.literal("started"),
  run_id: runId,
  agent_id: agentId,
  agent_name: redactedText(LIMITS.nameBytes).optional(),
  client_id: redactedText(LIMITS.nameBytes),
  intent: redactedText(LIMITS.intentBytes),
  outcome_description: redactedText(LIMITS.noteBytes).optional(),
  started_at: time,
  parent: parentRef.optional(),
  labels: z
    .record(text(LIMITS.labelBytes), redactedText(LIMITS.labelBytes))
    .refine((given) => Object.keys(given).length <= LIMITS.labels, {
      error: `more than ${LIMITS.labels} labels`,
    }),
  source: runSource.optional(),
  continues: runRef.optional(),
})
const turn = runTurn.extend({ record: z.literal("turn"), recorded_at: time }).loose()
const end = z.object({
  record: z.literal("ended"),
  termination: z.union([
    z.object({ kind: z.literal("outcome"), outcome: agentOutcome, inferred: z.literal(true).optional() }),
    z.object({ kind: z.literal("incomplete"), reason: z.literal("disconnected") }),
  ]),
  ended_at: time,
  interruptions: z
    .array(z.object({ from: time, to: time }))
    .max(LIMITS.interruptions)
    .optional(),
})
const recordOf = z.looseObject({ record: z.string() })

/** Matches a turn's record as this server exports it. The group is the turn's JSON without its index and time. */
const TURN = /^\{"record":"turn","index":\d+,"recorded_at":"[^"]*"(?:,(.*))?\}$/s

/**
 * The maximum size of the last record. Allows for redaction, which may have made the outcome longer, and for the other
 * fields.
 */
const MAX_END_BYTES = 2 * LIMITS.outcomeBytes + 128 * (LIMITS.interruptions + 8)

/** Reads the first record of an export. */
export function readHead(text: string): RunHead {
  const { record: _, ...run } = parse(head, text)
  // The cast is safe because a parsed object has no undefined fields.
  return run as RunHead
}

/**
 * Reads a turn's record. In the result, `text` is the turn's JSON for the store, with the same bytes as in the export.
 */
export function readTurn(text: string, index: number): { recorded_at: string; body: TurnBody; text: string } {
  const { record: _, index: given, recorded_at, ...body } = parse(turn, text)
  if (count.parse(given) !== index) throw new ImportError(`expected turn ${index}, found turn ${given}`)
  const rest = TURN.exec(text)
  return { recorded_at, body, text: rest === null ? stringifyExact(body) : `{${rest[1] ?? ""}}` }
}

/** Reads the last record of an export. Returns undefined for other records. */
export function readEnd(text: string): ImportedEnd | undefined {
  if (parse(recordOf, text).record !== "ended") return undefined
  if (!fitsBytes(text, MAX_END_BYTES)) throw new ImportError("the outcome is too large", "too_large")
  const { ended_at, interruptions } = parse(end, text)
  // The schema's result isn't used, because it would change the order of the outcome's fields.
  const { termination } = parseExact(text) as Pick<ImportedEnd, "termination">
  return { termination, ended_at, ...(interruptions !== undefined && { interruptions }) }
}

function parse<T extends z.ZodType>(schema: T, text: string): z.output<T> {
  let value: unknown
  try {
    value = parseExact(text)
  } catch {
    throw new ImportError("isn't valid JSON")
  }
  const fault = checkShape(value)
  if (fault !== undefined) throw new ImportError(fault.message)
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new ImportError(`${issue?.path.join(".") || "the record"}: ${issue?.message}`)
}

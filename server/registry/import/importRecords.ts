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

/** A record that can't be imported; the message says why. */
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

/** Redaction may have made a stored text longer than it was when it was checked. */
const roomy = (bytes: number) => text(2 * bytes)
const time = z.iso.datetime({ precision: 3 })
const head = z.object({
  record: z.literal("started"),
  run_id: runId,
  agent_id: agentId,
  agent_name: roomy(LIMITS.nameBytes).optional(),
  client_id: roomy(LIMITS.nameBytes),
  intent: roomy(LIMITS.intentBytes),
  outcome_description: roomy(LIMITS.noteBytes).optional(),
  started_at: time,
  parent: parentRef.optional(),
  labels: z
    .record(text(LIMITS.labelBytes), roomy(LIMITS.labelBytes))
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

/** The beginning of a turn's record as this server exports it, and what follows. */
const TURN = /^\{"record":"turn","index":\d+,"recorded_at":"[^"]*"(?:,(.*))?\}$/s

/** The outcome, which redaction may have made longer, and the fields around it. */
const MAX_END_BYTES = 2 * LIMITS.outcomeBytes + 128 * (LIMITS.interruptions + 8)

/** Reads the first record of an export. */
export function readHead(text: string): RunHead {
  const { record: _, ...run } = parse(head, text)
  // A parsed object has no undefined fields.
  return run as RunHead
}

/** Reads a turn's record. `text`: the turn's JSON as it is stored, with the bytes of the export. */
export function readTurn(text: string, index: number): { recorded_at: string; body: TurnBody; text: string } {
  const { record: _, index: given, recorded_at, ...body } = parse(turn, text)
  if (count.parse(given) !== index) throw new ImportError(`expected turn ${index}, found turn ${given}`)
  const rest = TURN.exec(text)
  return { recorded_at, body, text: rest === null ? stringifyExact(body) : `{${rest[1] ?? ""}}` }
}

/** Reads the last record of an export; undefined for another record. */
export function readEnd(text: string): ImportedEnd | undefined {
  if (parse(recordOf, text).record !== "ended") return undefined
  if (!fitsBytes(text, MAX_END_BYTES)) throw new ImportError("the outcome is too large", "too_large")
  const { ended_at, interruptions } = parse(end, text)
  // The schema would put the fields of the outcome in its own order.
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

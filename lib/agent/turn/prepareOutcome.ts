import type { AgentOutcome } from "@/lib/agent/AgentTurn"
import { utf8Bytes } from "@/lib/protocol/bytes"
import { OUTCOME_STATUSES } from "@/lib/protocol/enums"
import { LIMITS } from "@/lib/protocol/limits"
import { readOutcome } from "@/lib/protocol/tolerance/readOutcome"
import { asText, type Fields, isFields } from "@/lib/protocol/tolerance/values"
import { cutText } from "./cutText"
import { jsonCopy } from "./jsonCopy"

const MAX_KEYS = 1_000

/**
 * Prepares an outcome, or just its status, for the server; never throws. Statuses have the same meaning as for the
 * server; an unknown one becomes `done` and is kept as `reported_status`. The summary is cut to 16 KiB, values that the
 * protocol doesn't allow become their JSON text, and above 64 KiB the largest fields are omitted.
 */
export function prepareOutcome(outcome: AgentOutcome): AgentOutcome {
  const { status, summary, timestamp, ...rest } = readFields(outcome)
  const known = OUTCOME_STATUSES.find((name) => name === status)
  const prepared: AgentOutcome = { status: known ?? "done" }
  if (known === undefined && status !== undefined && status !== null) rest.reported_status = asText(status)
  if (summary !== undefined) prepared.summary = cutText(asText(summary), LIMITS.summaryBytes)
  if (timestamp !== undefined) prepared.timestamp = asText(timestamp)
  const sizes = Object.entries(rest).map(([field, value]) => {
    prepared[field] = value
    return { field, bytes: utf8Bytes(JSON.stringify(value)) }
  })
  for (const { field } of sizes.sort((a, b) => b.bytes - a.bytes)) {
    if (utf8Bytes(JSON.stringify(prepared)) <= LIMITS.outcomeBytes - 1024) break
    delete prepared[field]
  }
  return prepared
}

/** Returns an outcome's fields as JSON, in the form of the protocol. */
function readFields(outcome: unknown): Fields {
  const given = jsonCopy(outcome).value
  const fields = isFields(given) && isFields(outcome) ? outcome : { status: given }
  const copies = Object.entries(fields).flatMap(([field, raw]) => {
    const { value, keys, depth } = jsonCopy(raw)
    if (value === undefined) return []
    const isOver = depth > LIMITS.jsonDepth - 4 || keys > MAX_KEYS
    return [[field, isOver ? JSON.stringify(value) : value] as const]
  })
  const read = readOutcome(Object.fromEntries(copies))
  return isFields(read) ? read : {}
}

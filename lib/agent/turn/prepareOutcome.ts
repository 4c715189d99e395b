import type { AgentOutcome } from "@/lib/agent/AgentTurn"
import { utf8Bytes } from "@/lib/protocol/bytes"
import { LIMITS } from "@/lib/protocol/limits"
import { OUTCOME_STATUSES } from "@/lib/protocol/words"
import { cutText } from "./cutText"
import { isoTimeOf } from "./isoTimeOf"
import { jsonCopy } from "./jsonCopy"

const MAX_KEYS = 1_000

/**
 * Prepares an outcome for the server; never throws. An unknown status becomes `done`, the summary is cut to 16 KiB,
 * values that the protocol doesn't allow become their JSON text, and above 64 KiB the largest fields are omitted.
 */
export function prepareOutcome(outcome: AgentOutcome): AgentOutcome {
  const prepared: AgentOutcome = {
    status: OUTCOME_STATUSES.includes(outcome.status) ? outcome.status : "done",
  }
  const { status: _, summary, timestamp, ...rest } = outcome
  if (summary !== undefined && summary !== null)
    prepared.summary = cutText(String(summary), LIMITS.summaryBytes)
  const time = isoTimeOf(timestamp)
  if (time !== undefined) prepared.timestamp = time
  const sizes: { field: string; bytes: number }[] = []
  for (const [field, raw] of Object.entries(rest)) {
    const { value, keys, depth } = jsonCopy(raw)
    if (value === undefined) continue
    prepared[field] = depth > LIMITS.jsonDepth - 4 || keys > MAX_KEYS ? JSON.stringify(value) : value
    sizes.push({ field, bytes: utf8Bytes(JSON.stringify(prepared[field])) })
  }
  for (const { field } of sizes.sort((a, b) => b.bytes - a.bytes)) {
    if (utf8Bytes(JSON.stringify(prepared)) <= LIMITS.outcomeBytes - 1024) break
    delete prepared[field]
  }
  return prepared
}

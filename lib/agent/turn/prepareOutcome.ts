import { utf8Bytes } from "@/lib/protocol/bytes"
import { LIMITS } from "@/lib/protocol/limits"
import type { AgentOutcome } from "@/lib/protocol/run"
import { OUTCOME_STATUSES } from "@/lib/protocol/words"
import { cutText } from "./cutText"
import { jsonCopy } from "./jsonCopy"

/**
 * Makes an outcome that the server takes; never throws. An unknown status becomes `done`, a summary is cut to 16 KiB,
 * a field whose shape JSON or the protocol doesn't allow becomes its JSON text, and past 64 KiB the largest fields are left out.
 */
export function prepareOutcome(outcome: AgentOutcome): AgentOutcome {
  const prepared: AgentOutcome = {
    status: OUTCOME_STATUSES.includes(outcome.status) ? outcome.status : "done",
  }
  const { status: _, summary, timestamp, ...rest } = outcome
  if (summary !== undefined) prepared.summary = cutText(String(summary), LIMITS.summaryBytes)
  if (typeof timestamp === "string" && !Number.isNaN(Date.parse(timestamp)))
    prepared.timestamp = new Date(timestamp).toISOString()
  const sizes: { field: string; bytes: number }[] = []
  for (const [field, raw] of Object.entries(rest)) {
    const { value, keys, depth } = jsonCopy(raw)
    if (value === undefined) continue
    prepared[field] = depth > LIMITS.jsonDepth - 4 || keys > 1_000 ? JSON.stringify(value) : value
    sizes.push({ field, bytes: utf8Bytes(JSON.stringify(prepared[field])) })
  }
  for (const { field } of sizes.sort((a, b) => b.bytes - a.bytes)) {
    if (utf8Bytes(JSON.stringify(prepared)) <= LIMITS.outcomeBytes - 1024) break
    delete prepared[field]
  }
  return prepared
}

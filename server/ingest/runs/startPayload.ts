import { createHash } from "node:crypto"
import type { StartOperation } from "@/lib/dialects/operations"
import { keepStart } from "@/lib/protocol/bytes"
import type { CommandPayload } from "@/lib/protocol/catalog"
import { LIMITS } from "@/lib/protocol/limits"
import { cutLabels } from "./cutLabels"
import { cutName, isPlausible } from "./prepareTurn"

/** Creates the payload of `runs.start` for a foreign run. Starting again with the same key finds the run. */
export function startPayload(
  { agent_id, agent_name, intent, labels, started_at, source }: StartOperation,
  key: string,
  now: number,
): Extract<CommandPayload<"runs.start">, { intent: string }> {
  return {
    agent_id,
    intent: intent.trim() === "" ? agent_id : keepStart(intent, LIMITS.intentBytes),
    idempotency_key: shortKey(key),
    // A foreign run has no connection. Its records or a long silence end it, so the grace period is as long as
    // possible.
    grace_ms: LIMITS.maxGraceMs,
    source: {
      name: cutName(source.name),
      ...(source.version !== undefined && { version: cutName(source.version) }),
      ...(source.session !== undefined && { session: cutName(source.session) }),
    },
    ...(agent_name !== undefined && { agent_name: cutName(agent_name) }),
    ...(labels !== undefined && { labels: cutLabels(labels) }),
    ...(started_at !== undefined && isPlausible(started_at, now) && { started_at }),
  }
}

function shortKey(key: string): string {
  return key.length <= LIMITS.idempotencyKeyChars
    ? key
    : `ingest:${createHash("sha256").update(key).digest("hex")}`
}

import type { RunOptions } from "@/lib/agent/AgentTurn"
import type { StartPayload } from "@/lib/agent/delivery/DeliveryOptions"
import { randomKey } from "@/lib/agent/delivery/randomKey"
import { LIMITS } from "@/lib/protocol/limits"
import { cutText } from "./cutText"
import { isoTimeOf } from "./isoTimeOf"

type AgentNames = { agentId?: string | undefined; agentName?: string | undefined }

/** Builds the payload of `runs.start`: cuts values to the protocol's limits, and adds an idempotency key if missing. */
export function prepareStart(run: RunOptions, agent: AgentNames): StartPayload {
  const agentId = run.agentId ?? agent.agentId
  const agentName = run.agentName ?? agent.agentName
  const startedAt = isoTimeOf(run.startedAt)
  const labels = prepareLabels(run.labels)
  const { source } = run
  return {
    intent: cutText(String(run.intent), LIMITS.intentBytes),
    idempotency_key: run.idempotencyKey ?? randomKey(),
    ...(agentId !== undefined && { agent_id: agentId }),
    ...(agentName !== undefined && { agent_name: cutText(String(agentName), LIMITS.nameBytes) }),
    ...(run.outcomeDescription !== undefined && {
      outcome_description: cutText(String(run.outcomeDescription), LIMITS.noteBytes),
    }),
    ...(run.parent !== undefined && { parent: run.parent }),
    ...(labels !== undefined && { labels }),
    ...(startedAt !== undefined && { started_at: startedAt }),
    ...(source !== undefined && { source }),
    ...(run.continues !== undefined && { continues: run.continues }),
    ...(run.graceMs !== undefined && { grace_ms: clampGrace(run.graceMs) }),
  }
}

/** Returns labels within the protocol's limits, or undefined if there are none. */
export function prepareLabels(labels: RunOptions["labels"] = {}): Record<string, string> | undefined {
  const prepared = Object.entries(labels)
    .filter(([, value]) => value !== undefined && value !== null)
    .slice(0, LIMITS.labels)
    .map(([key, value]) => [cutText(key, LIMITS.labelBytes), cutText(String(value), LIMITS.labelBytes)])
  return prepared.length > 0 ? Object.fromEntries(prepared) : undefined
}

function clampGrace(ms: number): number {
  return Math.round(Math.min(LIMITS.maxGraceMs, Math.max(LIMITS.minGraceMs, ms || 0)))
}

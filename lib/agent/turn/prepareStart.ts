import type { RunOptions } from "@/lib/agent/AgentTurn"
import type { StartPayload } from "@/lib/agent/delivery/DeliveryOptions"
import { randomKey } from "@/lib/agent/delivery/randomKey"
import { LIMITS } from "@/lib/protocol/limits"
import { cutText } from "./cutText"
import { isoTimeOf } from "./isoTimeOf"
import { prepareDescription } from "./prepareDescription"

type AgentNames = { agentId?: string | undefined; agentName?: string | undefined }

/** Builds the payload of `runs.start`: cuts values to the protocol's limits, and adds an idempotency key if missing. */
export function prepareStart(run: RunOptions, agent: AgentNames): StartPayload {
  const agentId = run.agentId ?? agent.agentId
  const agentName = run.agentName ?? agent.agentName
  const startedAt = isoTimeOf(run.startedAt)
  const { source } = run
  return {
    ...prepareDescription({ ...run, agentName }),
    intent: cutText(String(run.intent), LIMITS.intentBytes),
    idempotency_key: run.idempotencyKey ?? randomKey(),
    ...(agentId !== undefined && { agent_id: agentId }),
    ...(run.parent !== undefined && { parent: run.parent }),
    ...(startedAt !== undefined && { started_at: startedAt }),
    ...(source !== undefined && { source }),
    ...(run.continues !== undefined && { continues: run.continues }),
    ...(run.graceMs !== undefined && { grace_ms: clampGrace(run.graceMs) }),
  }
}

function clampGrace(ms: number): number {
  return Math.round(Math.min(LIMITS.maxGraceMs, Math.max(LIMITS.minGraceMs, ms || 0)))
}

import type { StartPayload } from "@/lib/agent/delivery/RunDelivery"
import { randomKey } from "@/lib/agent/delivery/randomKey"
import { LIMITS } from "@/lib/protocol/limits"
import type { ParentRef } from "@/lib/protocol/run"
import { cutText } from "./cutText"

/** What a run is started with. */
export type RunOptions = {
  /** What the run is for, in a sentence; cut to 64 KiB. */
  intent: string
  /** How one will know that it went well. */
  outcomeDescription?: string | undefined
  /** Who writes: else the agent's own, else what the token allows. */
  agentId?: string | undefined
  agentName?: string | undefined
  /** One run per key and agent, however often it is started: for a job that may be retried by another process. */
  idempotencyKey?: string | undefined
  labels?: Record<string, string | number | boolean>
  parent?: ParentRef
}

/** The payload of `runs.start`, with what is too long cut to the protocol's bounds and a key if there is none. */
export function prepareStart(
  run: RunOptions,
  agent: { agentId?: string | undefined; agentName?: string | undefined },
): StartPayload {
  const payload: StartPayload = {
    intent: cutText(String(run.intent), LIMITS.intentBytes),
    idempotency_key: run.idempotencyKey ?? randomKey(),
  }
  const agentId = run.agentId ?? agent.agentId
  const agentName = run.agentName ?? agent.agentName
  if (agentId !== undefined) payload.agent_id = agentId
  if (agentName !== undefined) payload.agent_name = cutText(String(agentName), LIMITS.nameBytes)
  if (run.outcomeDescription !== undefined)
    payload.outcome_description = cutText(String(run.outcomeDescription), LIMITS.noteBytes)
  if (run.parent !== undefined) payload.parent = run.parent
  const labels = Object.entries(run.labels ?? {})
    .slice(0, LIMITS.labels)
    .map(([key, value]) => [cutText(key, LIMITS.labelBytes), cutText(String(value), LIMITS.labelBytes)])
  if (labels.length > 0) payload.labels = Object.fromEntries(labels)
  return payload
}

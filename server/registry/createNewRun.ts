import type { Principal } from "@/lib/protocol/access"
import type { CommandPayload } from "@/lib/protocol/catalog"
import type { WireError } from "@/lib/protocol/codes"
import { isoTime } from "@/server/platform/Clock"
import type { Redactor } from "@/server/redact/Redactor"
import type { NewRun } from "@/server/store/RunStore"
import type { RunOwner } from "./RegistryEvents"
import { resolveAgentId } from "./resolveAgentId"

/** The payload of `runs.start` for a new run. */
export type StartPayload = Extract<CommandPayload<"runs.start">, { intent: string }>

type Caller = { run_id: string; owner: RunOwner; principal: Principal; now: string }

/** Creates the row of a new run and redacts it. Returns an error if the caller may not write as this agent. */
export function createNewRun(
  redactor: Redactor | undefined,
  { run_id, owner, principal, now }: Caller,
  payload: StartPayload,
): NewRun | { error: WireError } {
  const { agent_id, idempotency_key, parent, continues, grace_ms, started_at, ...texts } = payload
  const { intent, agent_name, outcome_description, labels, source } = redactor?.value(texts) ?? texts
  const agent = resolveAgentId(principal, { agent_id, agent_name })
  if ("error" in agent) return agent
  return {
    run_id,
    agent_id: agent.agent_id,
    client_id: owner.client_id,
    intent,
    started_at: now,
    labels: labels ?? {},
    owner: owner.id,
    writer: principal.write,
    ...(started_at !== undefined && { started_at: isoTime(Date.parse(started_at)), received_at: now }),
    ...(agent_name !== undefined && { agent_name }),
    ...(outcome_description !== undefined && { outcome_description }),
    ...(idempotency_key !== undefined && { idempotency_key }),
    ...(parent !== undefined && { parent }),
    ...(continues !== undefined && { continues }),
    ...(source !== undefined && { source }),
    ...(grace_ms !== undefined && { grace_ms }),
  }
}

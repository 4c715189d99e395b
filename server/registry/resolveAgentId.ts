import { matchesAgent, type Principal } from "@/lib/protocol/access"
import { type WireError, wireError } from "@/lib/protocol/codes"
import { LIMITS } from "@/lib/protocol/limits"

/**
 * Which agent a new run belongs to: the one named, else the token's single exact write pattern, else
 * `name:<slug of agent_name>`; `forbidden` outside the token's `write`, `invalid_params` when nothing names one.
 */
export function resolveAgentId(
  principal: Pick<Principal, "write">,
  wanted: { agent_id?: string | undefined; agent_name?: string | undefined },
): { agent_id: string } | { error: WireError } {
  if (principal.write.length === 0) return { error: wireError("forbidden") }
  const agent_id = wanted.agent_id ?? onlyAgent(principal.write) ?? nameSlug(wanted.agent_name)
  if (agent_id === undefined) {
    const issues = [{ path: "agent_id", message: "required: this token may write as more than one agent" }]
    return { error: wireError("invalid_params", undefined, { issues }) }
  }
  if (!matchesAgent(principal.write, agent_id)) return { error: wireError("forbidden") }
  return { agent_id }
}

function onlyAgent(write: readonly string[]): string | undefined {
  const [only] = write
  return write.length === 1 && only !== undefined && !only.endsWith("*") ? only : undefined
}

function nameSlug(name: string | undefined): string | undefined {
  if (name === undefined || name === "") return undefined
  return `name:${name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`.slice(0, LIMITS.agentIdChars)
}

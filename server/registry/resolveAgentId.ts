import { createHash } from "node:crypto"
import { matchesAgent, type Principal } from "@/lib/protocol/access"
import { type WireError, wireError } from "@/lib/protocol/codes"

/**
 * The maximum length of the name in an agent id. Leaves room for `name:` and the hash in an id of 128 characters.
 */
const MAX_SLUG_CHARS = 100
/** The maximum number of a token's patterns in an error message. */
const MAX_NAMED_PATTERNS = 10

/**
 * Returns the agent of a new run: the given one, or the token's only exact write pattern, or `name:<slug>` of the
 * agent's name. Errors: `forbidden` if the token may not write as this agent, `invalid_params` if none of these is
 * available.
 */
export function resolveAgentId(
  principal: Pick<Principal, "write">,
  wanted: { agent_id?: string | undefined; agent_name?: string | undefined },
): { agent_id: string } | { error: WireError } {
  if (principal.write.length === 0) return { error: forbidden(principal.write) }
  const agent_id = wanted.agent_id ?? onlyAgent(principal.write) ?? agentIdOfName(wanted.agent_name)
  if (agent_id === undefined) {
    const issues = [{ path: "agent_id", message: "required: this token may write as more than one agent" }]
    return { error: wireError("invalid_params", undefined, { issues }) }
  }
  if (!matchesAgent(principal.write, agent_id)) return { error: forbidden(principal.write, agent_id) }
  return { agent_id }
}

/**
 * Returns the error for an agent that the token may not write as. The message lists the agents that it may write as.
 */
function forbidden(write: readonly string[], agentId?: string): WireError {
  if (write.length === 0) return wireError("forbidden", "This token can't write runs. Use an agent's token.")
  const named = write.slice(0, MAX_NAMED_PATTERNS).join(", ")
  const more = write.length > MAX_NAMED_PATTERNS ? ", …" : ""
  return wireError("forbidden", `This token can't write as ${agentId}. It may write as: ${named}${more}.`)
}

function onlyAgent(write: readonly string[]): string | undefined {
  const [only] = write
  return write.length === 1 && only !== undefined && !only.endsWith("*") ? only : undefined
}

/**
 * Returns `name:<slug>`. The slug is the name in lower case, in which all characters other than `a-z0-9` are collapsed
 * to `-`. If that drops letters or digits, part of a hash of the name is added, so that names in any script stay
 * distinct.
 */
function agentIdOfName(name: string | undefined): string | undefined {
  if (name === undefined || name === "") return undefined
  const lower = name.toLowerCase()
  const slug = lower.replace(/[^a-z0-9]+/g, "-")
  const isWhole =
    slug.length <= MAX_SLUG_CHARS && !/[^a-z0-9]/.test(lower.replace(/[^\p{L}\p{M}\p{N}]/gu, ""))
  if (isWhole && /[a-z0-9]/.test(slug)) return `name:${slug}`
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 8)
  return `name:${[slug.slice(0, MAX_SLUG_CHARS).replace(/^-|-$/g, ""), hash].filter(Boolean).join("-")}`
}

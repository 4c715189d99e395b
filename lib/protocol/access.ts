/** Valid names of tokens. */
export const TOKEN_NAME = /^[\w.:/@ -]{1,128}$/
/** An agent id, or a prefix of agent ids followed by `*`. */
export const AGENT_PATTERN = /^(?:[A-Za-z0-9._:/@-]{1,128}|[A-Za-z0-9._:/@-]{0,127}\*)$/

/** What a token allows, and therefore what every connection that uses it may do. */
export type Principal = {
  token_id: string
  name: string
  /** Patterns of the agents that the token may write as: an exact id, or a prefix followed by `*`. */
  write: readonly string[]
  /** `own`: the agents that match `write`. */
  read: "own" | "all" | readonly string[]
  control: boolean
  mint: boolean
  expires_at?: string
}

/** Returns true if an agent id matches one of the patterns (exact, or a prefix followed by `*`). */
export function matchesAgent(patterns: readonly string[], agentId: string): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith("*") ? agentId.startsWith(pattern.slice(0, -1)) : agentId === pattern,
  )
}

/** Returns true if one of the patterns matches every agent id that `wanted` matches. */
export function coversPattern(patterns: readonly string[], wanted: string): boolean {
  if (!wanted.endsWith("*")) return matchesAgent(patterns, wanted)
  return patterns.some((pattern) => pattern.endsWith("*") && wanted.startsWith(pattern.slice(0, -1)))
}

/** Returns the patterns of the agents whose runs a principal may read. The pattern `*` matches all agents. */
export function readPatterns(principal: Pick<Principal, "read" | "write">): readonly string[] {
  if (principal.read === "all") return ["*"]
  return principal.read === "own" ? principal.write : principal.read
}

import { matchesAgent, type Principal } from "@/lib/protocol/access"
import type { AuthResult } from "@/server/auth/Access"
import { IngestError } from "@/server/ingest/IngestError"

const HEADERS =
  "Authorization: Bearer <token>, Authorization: Basic with the token as password, or x-api-key: <token>"

/**
 * Returns the principal of a request that may write.
 *
 * @throws {IngestError} 401 without a valid token; the message names the headers that were checked. 403 if the token
 * may not write.
 */
export function authorizeWriter(auth: AuthResult): Principal {
  if (!("identity" in auth)) {
    const reason = auth.refused === "wrong" ? "The token is invalid or was revoked." : "No token was sent."
    throw new IngestError(401, `${reason} Send it as ${HEADERS}.`)
  }
  const { principal } = auth.identity
  if (principal.write.length === 0) throw new IngestError(403, "This token may not write any runs.")
  return principal
}

/**
 * Selects the records whose agents the principal may write as.
 *
 * @throws {IngestError} 403 if the principal may not write as any of the agents; the message names the agents and the
 * token's patterns.
 */
export function allowedRecords<Item>(
  principal: Principal,
  records: readonly Item[],
  agentOf: (record: Item) => string | undefined,
): { allowed: readonly Item[]; refused: number; reason: string | undefined } {
  const refusedAgents = new Set<string>()
  const allowed = records.filter((record) => {
    const agent = agentOf(record)
    if (agent === undefined || matchesAgent(principal.write, agent)) return true
    if (refusedAgents.size < 5) refusedAgents.add(agent)
    return false
  })
  const refused = records.length - allowed.length
  if (refused === 0) return { allowed, refused, reason: undefined }
  const reason = `This token may write as ${principal.write.join(", ")}, not as ${[...refusedAgents].join(", ")}.`
  if (allowed.length === 0) throw new IngestError(403, reason)
  return { allowed, refused, reason }
}

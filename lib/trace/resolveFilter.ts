import type { RunFilter } from "@/lib/protocol/commands"
import { relativeTimeMs } from "@/lib/protocol/relativeTime"

const AGENT_ID = /^[A-Za-z0-9._:/@-]{1,128}$/

/**
 * Resolves a filter at a given time: replaces `since` with an absolute time, and an `agent_id` that isn't a valid id with
 * an agent's name.
 */
export function resolveFilter<F extends RunFilter>(filter: F, nowMs: number): F {
  const { since, agent_id } = filter
  const isId = agent_id === undefined || AGENT_ID.test(agent_id)
  if (since === undefined && isId) return filter
  const resolved = { ...filter }
  if (!isId) {
    delete resolved.agent_id
    resolved.agent ??= agent_id
  }
  const ms = since === undefined ? undefined : relativeTimeMs(since)
  if (ms === undefined) return resolved
  delete resolved.since
  const after = new Date(nowMs - ms).toISOString()
  const { started_after } = filter
  if (started_after === undefined || Date.parse(started_after) < nowMs - ms) resolved.started_after = after
  return resolved
}

/**
 * Returns the form of a name that is compared. Names that differ only in the case of ASCII letters are equal, because
 * every store can compare like that.
 */
export function nameKey(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

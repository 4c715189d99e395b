import { asObject, asText, type JsonObject } from "@/lib/dialects/json"
import type { SessionIdentity } from "@/lib/dialects/session"
import { asTime } from "@/lib/dialects/times"
import type { ClaudeCodeState } from "./state"

/** How long records are held while waiting for a queue operation that shows whether they are copies. */
export const HOLD_MS = 2_000
const MAX_HELD = 2_000

/**
 * Returns the records to process now. The file of a forked session begins with copies of another session's records,
 * which are skipped. A copy either names its origin or is older than the file's first queue operation. The first
 * records of a print-mode session are therefore held until that operation arrives.
 */
export function admitRecord(
  state: ClaudeCodeState,
  identity: SessionIdentity,
  record: JsonObject,
  now: number,
): JsonObject[] {
  const origin = originOf(record, identity)
  if (origin !== undefined) {
    state.origin ??= origin
    return []
  }
  if (state.firstQueuedAt !== undefined) return isOlder(record, state.firstQueuedAt) ? [] : [record]
  if (state.heldRecords === undefined && !mayBeCopy(state, identity, record)) return [record]
  state.heldSince ??= now
  state.heldRecords = [...(state.heldRecords ?? []), record]
  return state.heldRecords.length > MAX_HELD ? releaseRecords(state) : []
}

/** Processes a queue operation. Returns the held records, except those older than the operation, which are copies. */
export function takeQueueOperation(state: ClaudeCodeState, record: JsonObject): JsonObject[] {
  const at = asTime(record.timestamp)
  const fileBegins = !state.started && state.lastAt === undefined
  if (state.firstQueuedAt === undefined && at !== undefined && fileBegins) state.firstQueuedAt = at
  const held = releaseRecords(state)
  return at === undefined ? held : held.filter((each) => !isOlder(each, at))
}

/** Returns and clears the held records, which nothing has shown to be copies. */
export function releaseRecords(state: ClaudeCodeState): JsonObject[] {
  const held = state.heldRecords ?? []
  state.heldRecords = undefined
  state.heldSince = undefined
  return held
}

function originOf(record: JsonObject, { session }: SessionIdentity): string | undefined {
  const forkedFrom = asText(asObject(record.forkedFrom)?.sessionId)
  const requested = asText(record.requestSessionId)
  return [forkedFrom, requested].find((id) => id !== undefined && id !== session)
}

function mayBeCopy(state: ClaudeCodeState, { agent }: SessionIdentity, record: JsonObject): boolean {
  if (agent !== undefined || state.started || state.lastAt !== undefined) return false
  return asText(record.entrypoint)?.startsWith("sdk") === true
}

function isOlder(record: JsonObject, time: string): boolean {
  const at = asTime(record.timestamp)
  return at !== undefined && at < time
}

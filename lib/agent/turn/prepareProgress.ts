import type { AgentProgress } from "@/lib/agent/AgentTurn"
import { keepEnd } from "@/lib/protocol/bytes"
import type { CommandInput } from "@/lib/protocol/catalog"
import { LIMITS } from "@/lib/protocol/limits"
import { cutText } from "./cutText"
import { isoTimeOf } from "./isoTimeOf"
import { jsonCopy } from "./jsonCopy"

/** Progress in the protocol's form. */
export type PreparedProgress = NonNullable<CommandInput<"runs.report_progress">["progress"]>

/** Parameters with at most this many levels are sent as they are, well within the server's limits. */
const MAX_DEPTH = 32
const MAX_KEYS = 500

/** Prepares progress for the wire; never throws. Oversized parameters are replaced by the start of their JSON text. */
export function prepareProgress(progress: AgentProgress): PreparedProgress {
  const prepared: PreparedProgress = {}
  for (const field of ["kind", "tool", "model"] as const) {
    const value = progress[field]
    if (value !== undefined && value !== null) prepared[field] = cutText(String(value), LIMITS.nameBytes)
  }
  if (isPresent(progress.text)) prepared.text = keepEnd(String(progress.text), LIMITS.progressTextBytes)
  if (isPresent(progress.prompt)) prepared.prompt = cutText(String(progress.prompt), LIMITS.progressTextBytes)
  if (isPresent(progress.waiting_for))
    prepared.waiting_for = cutText(String(progress.waiting_for), LIMITS.noteBytes)
  if (isPresent(progress.waiting_kind)) prepared.waiting_kind = progress.waiting_kind
  const startedAt = isoTimeOf(progress.started_at)
  if (startedAt !== undefined) prepared.started_at = startedAt
  const { value, keys, depth } = jsonCopy(progress.parameters)
  if (value !== undefined && value !== null) {
    const text = JSON.stringify(value)
    const fits = depth <= MAX_DEPTH && keys <= MAX_KEYS && text.length <= LIMITS.progressTextBytes / 2
    prepared.parameters = fits ? value : beginningOf(typeof value === "string" ? value : text)
  }
  return prepared
}

/** Returns the start of a string, short enough that its JSON has at most 16 KiB: the server omits longer values. */
function beginningOf(text: string): string {
  const longest = cutText(text, LIMITS.progressTextBytes)
  if (JSON.stringify(longest).length <= LIMITS.progressTextBytes) return longest
  const shorter = cutText(text, LIMITS.progressTextBytes / 2)
  if (JSON.stringify(shorter).length <= LIMITS.progressTextBytes) return shorter
  // An escaped control character takes six characters.
  return cutText(text, Math.floor(LIMITS.progressTextBytes / 6))
}

function isPresent<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null
}

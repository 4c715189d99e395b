import type { Refusal } from "@/lib/protocol/catalog"
import { type DropReason, type WireError, wireError } from "@/lib/protocol/codes"
import { LIMITS } from "@/lib/protocol/limits"
import { type StoreRefusal, StoreUnavailableError } from "@/server/store/RunStore"

/** Returns the reply for a run that doesn't exist. A run that the caller may not see gets the same reply. */
export function notFound(): Refusal {
  return { ok: false, error: wireError("not_found") }
}

/** Converts a store's refusal to a reply. */
export function refusalOf(refusal: StoreRefusal): Refusal {
  return { ok: false, error: errorOf(refusal) }
}

/** Returns the refusal of a batch of which nothing was appended. */
export function batchRefusal(run_id: string, error: WireError, dropped?: DropReason): Refusal {
  return { ok: false, run_id, base_index: 0, count: 0, ...(dropped !== undefined && { dropped }), error }
}

/** Returns the refusal of an update that would leave a run with too many labels. */
export function tooManyLabels(): Refusal {
  const issues = [{ path: "labels", message: `more than ${LIMITS.labels} labels` }]
  return { ok: false, error: wireError("invalid_params", undefined, { issues }) }
}

const DROPPED: Record<StoreRefusal["code"], DropReason | undefined> = {
  not_found: "run_not_found",
  forbidden: "run_not_found",
  already_terminal: "run_terminal",
  index_conflict: "index_conflict",
  too_large: "run_turn_limit",
  fenced: undefined,
}

/** Converts a store's refusal of a batch to a reply. */
export function batchRefusalOf(run_id: string, refusal: StoreRefusal): Refusal {
  return batchRefusal(run_id, errorOf(refusal), DROPPED[refusal.code])
}

/**
 * Returns the reply to a store call that was rejected: `unavailable`. Rethrows any other error, because it is a bug.
 */
export function unavailable(cause: unknown): Refusal {
  if (cause instanceof StoreUnavailableError) return { ok: false, error: wireError("unavailable") }
  throw cause
}

function errorOf({ code, row }: StoreRefusal): WireError {
  switch (code) {
    case "not_found":
      return wireError("not_found")
    case "forbidden":
      return wireError("forbidden")
    case "already_terminal":
      return wireError("already_terminal", undefined, row === undefined ? {} : { status: row.status })
    case "index_conflict":
      return wireError("index_conflict", undefined, row === undefined ? {} : { cursor: row.cursor })
    case "too_large":
      return wireError("too_large", "The run has the maximum number of turns.")
    case "fenced":
      return wireError("unavailable", "Another node has taken over the run. Reconnect to continue.")
  }
}

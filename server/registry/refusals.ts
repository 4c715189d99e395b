import type { Refusal } from "@/lib/protocol/catalogue"
import { type DropReason, type WireError, wireError } from "@/lib/protocol/codes"
import { type StoreRefusal, StoreUnavailableError } from "@/server/store/RunStore"

/** The one answer for a run that does not exist and for one that the caller may not see. */
export function notFound(): Refusal {
  return { ok: false, error: wireError("not_found") }
}

/** What a store's refusal is called on the wire. */
export function refusalOf(refusal: StoreRefusal): Refusal {
  return { ok: false, error: errorOf(refusal) }
}

/** A batch's refusal: nothing was appended, and why. */
export function batchRefusal(run_id: string, error: WireError, dropped?: DropReason): Refusal {
  return { ok: false, run_id, base_index: 0, count: 0, ...(dropped !== undefined && { dropped }), error }
}

const DROPPED: Record<StoreRefusal["code"], DropReason> = {
  not_found: "run_not_found",
  forbidden: "run_not_found",
  already_terminal: "run_terminal",
  index_conflict: "index_conflict",
  too_large: "run_turn_limit",
}

/** A store's refusal of a batch. */
export function batchRefusalOf(run_id: string, refusal: StoreRefusal): Refusal {
  return batchRefusal(run_id, errorOf(refusal), DROPPED[refusal.code])
}

/** The refusal for a rejected store call: `unavailable`; anything else is a bug and goes on. */
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
      return wireError("too_large", "The run has as many turns as it may have.")
  }
}

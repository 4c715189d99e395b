/** The closed vocabularies of the wire, free of any validator, so that a page can import them for nothing. */
export const RUN_STATUSES = ["in_progress", "completed", "incomplete"] as const
export type RunStatus = (typeof RUN_STATUSES)[number]

export const OUTCOME_STATUSES = [
  "success",
  "partial_success",
  "give_up",
  "timeout",
  "failure",
  "done",
] as const
export type OutcomeStatus = (typeof OUTCOME_STATUSES)[number]

/** Outcomes that count as failed, beside every incomplete run. */
export const FAILED_OUTCOMES: readonly OutcomeStatus[] = ["failure", "timeout", "give_up"]

/** What an agent can wait for. `prompt`: it is idle, and the next move is a person's. */
export const WAITING_KINDS = ["approval", "answer", "prompt", "other"] as const
export type WaitingKind = (typeof WAITING_KINDS)[number]

export const TURN_KINDS = ["model", "tool", "agent", "human", "system"] as const
export type TurnKind = (typeof TURN_KINDS)[number]

/** What can be wrong with a run in progress. */
const TROUBLE_KINDS = ["errors", "silent", "hanging", "looping", "disconnected", "costly"] as const
export type TroubleKind = (typeof TROUBLE_KINDS)[number]

/** What a list of runs can be sorted by. */
export const RUN_SORTS = [
  "started",
  "last_seen",
  "turns",
  "errors",
  "cost",
  "tokens",
  "duration",
  "waiting_since",
] as const
export type RunSort = (typeof RUN_SORTS)[number]

export const SORT_ORDERS = ["asc", "desc"] as const
export type SortOrder = (typeof SORT_ORDERS)[number]

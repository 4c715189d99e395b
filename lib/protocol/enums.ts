/** The enumerations of the wire, without a validator, so that pages can import them cheaply. */
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

/** Outcomes that count as failed, in addition to every incomplete run. */
export const FAILED_OUTCOMES: readonly OutcomeStatus[] = ["failure", "timeout", "give_up"]

/** What an agent can wait for. `prompt`: it is idle until the user sends a prompt. */
export const WAITING_KINDS = ["approval", "answer", "prompt", "other"] as const
export type WaitingKind = (typeof WAITING_KINDS)[number]

export const TURN_KINDS = ["model", "tool", "agent", "human", "system"] as const
export type TurnKind = (typeof TURN_KINDS)[number]

/** Problems that a run in progress can have. */
const TROUBLE_KINDS = ["errors", "silent", "hanging", "looping", "disconnected", "costly"] as const
export type TroubleKind = (typeof TROUBLE_KINDS)[number]

/** Values by which a list of runs can be sorted. */
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

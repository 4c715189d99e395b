import type { RunFilter } from "@/lib/protocol/commands"
import { FAILED_OUTCOMES } from "@/lib/protocol/enums"
import type { RunSummary } from "@/lib/protocol/run"
import { nameKey } from "./resolveFilter"
import { foldText, shownText } from "./search/foldText"
import { ownTexts } from "./search/ownTexts"
import { foldedTerms } from "./search/searchTerms"

/** The fields of a run that filters use. */
export type FilteredRun = Pick<
  RunSummary,
  | "run_id"
  | "agent_id"
  | "agent_name"
  | "intent"
  | "status"
  | "termination"
  | "activity"
  | "labels"
  | "parent"
  | "started_at"
  | "ended_at"
  | "trouble"
  | "outcome_description"
  | "source"
>
/** The fields that are stored, unlike those that come from live connections. */
type StoredFields = Omit<FilteredRun, "activity" | "trouble">

/**
 * Returns true if a run matches every field of a filter. The filter's relative time must have been resolved. An empty
 * list of statuses or outcomes matches nothing. Searches the run's own fields for the terms of `q`, not its turns.
 * `started_after` is inclusive and `started_before` exclusive. `overlaps` matches a run that was in progress at any
 * moment of that period.
 */
export function matchesFilter(filter: RunFilter, run: FilteredRun): boolean {
  if (filter.status !== undefined && !filter.status.includes(run.status)) return false
  if (filter.waiting && !isWaiting(run)) return false
  if (filter.trouble && !isInTrouble(run)) return false
  return matchesInAnyState(filter, run)
}

/** Like `matchesFilter`, but ignores the filter's `status`, `waiting` and `trouble`. */
export function matchesInAnyState(filter: RunFilter, run: StoredFields): boolean {
  if (filter.agent_id !== undefined && filter.agent_id !== run.agent_id) return false
  if (filter.agent !== undefined && !isAgent(run, filter.agent)) return false
  if (filter.failed && !hasFailed(run)) return false
  if (filter.parent_run_id !== undefined && filter.parent_run_id !== run.parent?.run_id) return false
  return (
    matchesOutcome(filter, run) &&
    matchesLabels(filter, run) &&
    matchesTimes(filter, run) &&
    matchesText(filter, run)
  )
}

/** Returns true if a string is the name or id of a run's agent. */
function isAgent(run: Pick<RunSummary, "agent_id" | "agent_name">, text: string): boolean {
  return run.agent_id === text || (run.agent_name !== undefined && nameKey(run.agent_name) === nameKey(text))
}

/** True if the agent can't continue until someone acts. An agent that is idle until the next prompt isn't waiting. */
export function isWaiting({ status, activity }: Pick<RunSummary, "activity" | "status">): boolean {
  return status === "in_progress" && activity?.waiting_for !== undefined && activity.waiting_kind !== "prompt"
}

/** True if the server reports a problem of a run in progress. */
export function isInTrouble({ status, trouble }: Pick<RunSummary, "status" | "trouble">): boolean {
  return status === "in_progress" && trouble !== undefined && trouble.length > 0
}

/** Returns true if a run counts as failed: outcome failure, timeout or give_up, or incomplete. */
export function hasFailed({ status, termination }: Pick<RunSummary, "status" | "termination">): boolean {
  if (status === "incomplete") return true
  return termination?.kind === "outcome" && FAILED_OUTCOMES.includes(termination.outcome.status)
}

function matchesOutcome({ outcome }: RunFilter, { termination }: StoredFields): boolean {
  if (outcome === undefined) return true
  return termination?.kind === "outcome" && outcome.includes(termination.outcome.status)
}

function matchesLabels({ labels }: RunFilter, run: StoredFields): boolean {
  if (labels === undefined) return true
  return Object.entries(labels).every(
    ([key, value]) => Object.hasOwn(run.labels, key) && run.labels[key] === value,
  )
}

function matchesTimes(filter: RunFilter, run: StoredFields): boolean {
  const started = Date.parse(run.started_at)
  if (filter.started_after !== undefined && started < Date.parse(filter.started_after)) return false
  if (filter.started_before !== undefined && started >= Date.parse(filter.started_before)) return false
  if (filter.overlaps === undefined) return true
  const ended = run.ended_at === undefined ? Number.POSITIVE_INFINITY : Date.parse(run.ended_at)
  return started <= Date.parse(filter.overlaps.to) && ended >= Date.parse(filter.overlaps.from)
}

function matchesText({ q }: RunFilter, run: StoredFields): boolean {
  if (q === undefined) return true
  const own = foldText(shownText(ownTexts(run).join("\n")))
  return foldedTerms(q).every((term) => own.includes(term))
}

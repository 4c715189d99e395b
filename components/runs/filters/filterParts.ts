import { strings } from "@/components/runs/strings"
import { exactTime } from "@/components/ui/text/exactTime"
import { outcomeWord } from "@/lib/trace/state/describeState"
import type { PageFilter } from "./PageFilter"

/** A part of a filter as text, and the filter without that part. `isState`: the part is about the state of a run. */
export type FilterPart = { text: string; rest: PageFilter; isState: boolean }

/** Returns the parts of a filter that don't concern states: agent, labels, text, time. */
export function withoutState({
  status,
  outcome,
  waiting,
  trouble,
  failed,
  today,
  ...rest
}: PageFilter): PageFilter {
  return rest
}

/** Describes each part of a filter. */
export function filterParts(filter: PageFilter): FilterPart[] {
  const TEXT = strings.status.parts
  const { since, after, before } = strings.filters
  const parts: FilterPart[] = []
  const add = (text: string | undefined, names: (keyof PageFilter)[], isState = false) => {
    if (text === undefined) return
    const rest = Object.fromEntries(
      Object.entries(filter).filter(([name]) => !names.some((one) => one === name)),
    )
    parts.push({ text, rest, isState })
  }
  const { status, outcome, labels, agent = filter.agent_id } = filter
  add(status?.map((one) => strings.filters.statuses[one]).join(", "), ["status"], true)
  add(outcome?.map(outcomeWord).join(", "), ["outcome"], true)
  add(filter.waiting && TEXT.waiting, ["waiting"], true)
  add(filter.trouble && TEXT.trouble, ["trouble"], true)
  add(filter.failed && (filter.today ? TEXT.failedToday : TEXT.failed), ["failed", "today"], true)
  add(filter.q && TEXT.words(filter.q), ["q"])
  add(agent && TEXT.agent(agent), ["agent", "agent_id"])
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`)
  add(pairs.length === 0 ? undefined : TEXT.label(pairs.join(", ")), ["labels"])
  add(filter.parent_run_id && TEXT.parent, ["parent_run_id"])
  add(filter.since && TEXT.started(since(filter.since)), ["since"])
  add(filter.started_after && TEXT.started(after(exactTime(filter.started_after))), ["started_after"])
  add(filter.started_before && TEXT.started(before(exactTime(filter.started_before))), ["started_before"])
  return parts
}

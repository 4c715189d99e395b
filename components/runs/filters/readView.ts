import { strings } from "@/components/runs/strings"
import { OUTCOME_STATUSES, RUN_SORTS, RUN_STATUSES } from "@/lib/protocol/enums"
import { relativeTimeMs } from "@/lib/protocol/relativeTime"
import { paramsToFilter } from "@/lib/protocol/runFilterParams"
import type { PageFilter, RunOrder } from "./PageFilter"

const TEXT = strings.filters.problems

/** Reads filter and order from a URL. Ignores invalid parts; see `filterProblems`. */
export function readView(params: URLSearchParams): { filter: PageFilter; order: RunOrder | undefined } {
  const known = paramsToFilter(params)
  const filter =
    params.get("failed") === "today" ? { ...known, failed: true as const, today: true as const } : known
  const sort = RUN_SORTS.find((one) => one === params.get("sort"))
  const order = sort && { sort, order: params.get("order") === "asc" ? ("asc" as const) : ("desc" as const) }
  return { filter, order }
}

/** Describes each invalid part of a URL. */
export function filterProblems(params: URLSearchParams): string[] {
  const unknown = (name: string, known: readonly string[], problem: (text: string) => string) =>
    (params.get(name) ?? "")
      .split(",")
      .filter((word) => word !== "" && !known.includes(word))
      .map(problem)
  const times = ["after", "before"].flatMap((name) => {
    const text = params.get(name)
    return text !== null && Number.isNaN(Date.parse(text)) ? [TEXT.time(name, text)] : []
  })
  const since = params.get("since")
  return [
    ...unknown("status", RUN_STATUSES, TEXT.status),
    ...unknown("outcome", OUTCOME_STATUSES, TEXT.outcome),
    ...times,
    ...(since !== null && relativeTimeMs(since) === undefined ? [TEXT.since(since)] : []),
    ...params
      .getAll("label")
      .filter((label) => label.indexOf("=") <= 0)
      .map(TEXT.label),
    ...unknown("sort", RUN_SORTS, TEXT.sort),
  ]
}

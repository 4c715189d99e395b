import type { z } from "zod"
import { type ListRuns, listRuns } from "@/lib/protocol/commands"
import { paramsToFilter } from "@/lib/protocol/runFilterParams"
import type { QueryProblem } from "@/server/http/readQuery"

/** Parameter names of `runs.list`, with the names of the same parameters in page URLs. */
const PAGE_NAMES: { readonly [name: string]: string } = {
  parent_run_id: "parent",
  started_after: "after",
  started_before: "before",
  labels: "label",
}
const LISTS = ["status", "outcome"]
const FLAGS = ["waiting", "trouble", "failed"]
const SINGLE = [
  ...["agent", "agent_id", "q", "parent", "since", "after", "before", "overlaps", "failed_since"],
  ...["sort", "order", "limit", "cursor"],
]
export const LIST_PARAMS = [...LISTS, ...FLAGS, ...SINGLE, "label", ...Object.keys(PAGE_NAMES)]

/**
 * Reads a list's filter, order and page from a query. Parameters can be named as in page URLs or as in `runs.list`. An
 * invalid value is reported as a problem, because ignoring a filter would return the wrong runs.
 */
export function readListQuery(given: URLSearchParams): { query: ListRuns } | QueryProblem {
  const { params, nameOf } = withPageNames(given)
  for (const name of SINGLE)
    if (params.getAll(name).length > 1) return { problem: `${nameOf(name)}: given more than once.` }
  for (const name of FLAGS)
    for (const value of params.getAll(name))
      if (!["1", "true", "0", "false", ""].includes(value)) return unread(nameOf(name), value)
  const filter = paramsToFilter(params)
  const wordsOf = (name: string) => (params.get(name) ?? "").split(",").filter((word) => word !== "")
  const isRead: Record<string, boolean> = {
    status: new Set(wordsOf("status")).size === (filter.status ?? []).length,
    outcome: new Set(wordsOf("outcome")).size === (filter.outcome ?? []).length,
    since: filter.since !== undefined,
    after: filter.started_after !== undefined,
    before: filter.started_before !== undefined,
    label: params.getAll("label").every((pair) => pair.indexOf("=") > 0),
  }
  for (const [name, isUnderstood] of Object.entries(isRead))
    if (params.has(name) && params.get(name) !== "" && !isUnderstood)
      return unread(nameOf(name), params.getAll(name).join(", "))
  const limit = params.get("limit")
  if (limit !== null && !/^\d+$/.test(limit)) return unread("limit", limit)
  const overlaps = params.get("overlaps")?.split("/")
  if (overlaps !== undefined && overlaps.length !== 2) return unread("overlaps", overlaps.join("/"))
  const text = (name: string, field = name) => (params.get(name) ? { [field]: params.get(name) } : {})
  const read = listRuns.safeParse({
    ...filter,
    ...text("agent_id"),
    ...(overlaps !== undefined && { overlaps: { from: overlaps[0], to: overlaps[1] } }),
    ...text("failed_since"),
    ...text("sort"),
    ...text("order"),
    ...(limit !== null && { limit: Number(limit) }),
    ...text("cursor", "before"),
  })
  return read.success ? { query: read.data } : { problem: describeProblem(read.error) }
}

/** Describes the first problem with a query. */
export function describeProblem(error: z.ZodError): string {
  const issue = error.issues[0]
  return `${issue?.path.join(".") || "query"}: ${issue?.message}`
}

/** Converts a query to the parameter names of page URLs, with lists in one parameter and flags as `1`. */
function withPageNames(given: URLSearchParams): {
  params: URLSearchParams
  nameOf(name: string): string
} {
  const params = new URLSearchParams()
  const names = new Map<string, string>()
  for (const [name, value] of given) {
    const pageName = PAGE_NAMES[name] ?? name
    if (!names.has(pageName)) names.set(pageName, name)
    if (LISTS.includes(pageName) && params.has(pageName))
      params.set(pageName, `${params.get(pageName)},${value}`)
    else params.append(pageName, FLAGS.includes(pageName) && value === "true" ? "1" : value)
  }
  return { params, nameOf: (name) => names.get(name) ?? name }
}

function unread(name: string, value: string): QueryProblem {
  return { problem: `${name}: "${value}" isn't valid.` }
}

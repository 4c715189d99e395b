import type { RunFilter } from "./commands"
import { OUTCOME_STATUSES, RUN_STATUSES } from "./enums"
import { RELATIVE_TIME } from "./relativeTime"

/**
 * Converts a filter to a URL query:
 * `status=in_progress,completed&outcome=failure&agent=ci/1&q=words&waiting=1&trouble=1&failed=1&label=key=value&since=1h`
 * and ISO times `after`, `before`. Empty parts are omitted, so an empty filter is an empty query.
 */
export function filterToParams(filter: RunFilter): URLSearchParams {
  const params = new URLSearchParams()
  if (filter.q) params.set("q", filter.q)
  if (filter.status?.length) params.set("status", filter.status.join(","))
  if (filter.outcome?.length) params.set("outcome", filter.outcome.join(","))
  if (filter.waiting) params.set("waiting", "1")
  if (filter.trouble) params.set("trouble", "1")
  if (filter.failed) params.set("failed", "1")
  const agent = filter.agent ?? filter.agent_id
  if (agent) params.set("agent", agent)
  if (filter.parent_run_id) params.set("parent", filter.parent_run_id)
  if (filter.since) params.set("since", filter.since)
  if (filter.started_after) params.set("after", filter.started_after)
  if (filter.started_before) params.set("before", filter.started_before)
  for (const [key, value] of Object.entries(filter.labels ?? {}))
    params.append("label", `${encodeKey(key)}=${value}`)
  return params
}

/** Reads a filter from a query. Ignores unknown parts, such as an unknown status or an invalid time. */
export function paramsToFilter(params: URLSearchParams): RunFilter {
  const status = known(params.get("status"), RUN_STATUSES)
  const outcome = known(params.get("outcome"), OUTCOME_STATUSES)
  const labels = readLabels(params.getAll("label"))
  const text = (name: string) => params.get(name)?.trim() || undefined
  const q = params.get("q") || undefined
  const agent = text("agent")
  const parent_run_id = text("parent")
  const since = relativeOf(text("since"))
  const started_after = isoOf(text("after"))
  const started_before = isoOf(text("before"))
  return {
    ...(q && { q }),
    ...(status && { status }),
    ...(outcome && { outcome }),
    ...(params.get("waiting") === "1" && { waiting: true as const }),
    ...(params.get("trouble") === "1" && { trouble: true as const }),
    ...(params.get("failed") === "1" && { failed: true as const }),
    ...(agent && { agent }),
    ...(parent_run_id && { parent_run_id }),
    ...(since && { since }),
    ...(started_after && { started_after }),
    ...(started_before && { started_before }),
    ...(labels && { labels }),
  }
}

function known<T extends string>(value: string | null, words: readonly T[]): T[] | undefined {
  const found = (value ?? "").split(",").flatMap((word) => words.filter((it) => it === word))
  return found.length > 0 ? [...new Set(found)] : undefined
}

// A key may contain the equals sign that separates it from the value.
function encodeKey(key: string): string {
  return key.replaceAll("%", "%25").replaceAll("=", "%3D")
}

function readLabels(pairs: readonly string[]): Record<string, string> | undefined {
  const labels = pairs.flatMap((pair) => {
    const at = pair.indexOf("=")
    if (at <= 0) return []
    const key = pair.slice(0, at).replaceAll("%3D", "=").replaceAll("%25", "%")
    return [[key, pair.slice(at + 1)] as const]
  })
  return labels.length > 0 ? Object.fromEntries(labels) : undefined
}

function relativeOf(time: string | undefined): string | undefined {
  return time !== undefined && RELATIVE_TIME.test(time) ? time : undefined
}

/** Converts a time to ISO 8601 with an offset, which the server requires. */
function isoOf(time: string | undefined): string | undefined {
  if (time === undefined) return undefined
  const ms = Date.parse(time)
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString()
}

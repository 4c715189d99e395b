import type { Viewport } from "@/lib/timeline/axis/Viewport"
import { isTurnSort } from "@/lib/timeline/rows/turnList"
import { type RunPageStart, type RunPageState, replayCursor } from "./createRunPageStore"

/** Parameters of a run page's URL: `?turn=12&at=41&view=transcript&q=words&filter=errors&sort=cost&zoom=0-5000`. */
const PARAMS = ["turn", "at", "view", "q", "filter", "sort", "zoom"] as const
type Param = (typeof PARAMS)[number]

/** Reads the view from a URL. Ignores invalid values. */
export function readRunUrl(params: URLSearchParams): Omit<RunPageStart, "runId"> {
  const sort = params.get("sort") ?? ""
  return {
    turn: readIndex(params.get("turn")),
    at: readIndex(params.get("at")),
    part: params.get("view") === "transcript" ? "transcript" : "timeline",
    query: params.get("q")?.slice(0, 200) ?? "",
    filter: readFilter(params.get("filter")),
    sort: isTurnSort(sort) ? sort : undefined,
    zoom: readZoom(params.get("zoom")),
  }
}

function readIndex(text: string | null): number | undefined {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : undefined
}

/** Parses facet keys. They are encoded individually, because they may contain commas. */
function readFilter(text: string | null): readonly string[] {
  if (text === null || text === "") return []
  return text.slice(0, 2_000).split(",").map(decode).filter(Boolean)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ""
  }
}

function readZoom(text: string | null): Viewport | undefined {
  const match = /^(\d{1,15})-(\d{1,15})$/.exec(text ?? "")
  const from = Number(match?.[1])
  const to = Number(match?.[2])
  return match !== null && to > from ? { from, to } : undefined
}

/** Returns the query of a URL that restores the current view. Other parameters are kept. */
export function writeRunUrl(params: URLSearchParams, state: RunPageState, runId: string): URLSearchParams {
  const next = new URLSearchParams(params)
  const values = urlValues(state, runId)
  for (const param of PARAMS) {
    const { [param]: value } = values
    if (value === undefined || value === "") next.delete(param)
    else next.set(param, value)
  }
  return next
}

function urlValues(state: RunPageState, runId: string): Partial<Record<Param, string>> {
  const { selected, part, search, filter, sort, zoom } = state
  const at = replayCursor(state)
  return {
    ...(selected?.runId === runId && { turn: String(selected.index) }),
    ...(at !== undefined && { at: String(at) }),
    ...(part === "transcript" && { view: part }),
    q: search.query.trim(),
    filter: filter.map(encodeURIComponent).join(","),
    ...(sort !== undefined && { sort }),
    ...(zoom !== undefined && { zoom: `${Math.max(0, Math.floor(zoom.from))}-${Math.ceil(zoom.to)}` }),
  }
}

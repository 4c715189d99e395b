import { findTitles } from "@/components/run/timeline/findTurns"
import { searchTerms } from "@/components/turn/text/findMatches"
import type { RequestResult } from "@/lib/live/connection/LiveSocket"
import type { Live } from "@/lib/live/Live"
import type { RunView } from "@/lib/trace/view/RunView"
import type { TurnSearchHit } from "./TurnSearchState"

export type TurnSearchResult = {
  readonly hits: readonly TurnSearchHit[]
  readonly total: number
  readonly isTotalExact: boolean
}

type SearchReply = {
  hits: { index: number; field: string }[]
  total: number
  total_is_exact: boolean
  next?: number
}

/** Hits are loaded up to this number; the total counts all of them. */
const MAX_HITS = 2_000
const PAGE_SIZE = 500

/** Searches the whole run on the server. Servers that can't do that yet are searched by title. */
export async function searchTurns(
  live: Live,
  view: RunView,
  query: string,
): Promise<RequestResult<TurnSearchResult>> {
  const request = live.request as unknown as (
    name: string,
    payload: object,
  ) => Promise<RequestResult<SearchReply>>
  const found: { index: number; field: string }[] = []
  let total = 0
  let isTotalExact = true
  let from: number | undefined
  do {
    const payload = { run_id: view.run_id, q: query, limit: PAGE_SIZE, ...(from !== undefined && { from }) }
    const page = await request("runs.search_turns", payload)
    if (!page.ok) {
      return page.error.code === "invalid_params" ? { ok: true, ...searchTitles(view, query) } : page
    }
    found.push(...page.hits)
    total = Math.max(total, page.total)
    isTotalExact = page.total_is_exact
    from = page.next
  } while (from !== undefined && found.length < MAX_HITS)
  return { ok: true, hits: numberHits(found), total: Math.max(total, found.length), isTotalExact }
}

/** Numbers the hits within each field of a turn, so that each can be found on the page. */
function numberHits(found: readonly { index: number; field: string }[]): TurnSearchHit[] {
  const counts = new Map<string, number>()
  return found.map(({ index, field }) => {
    const key = `${index} ${field}`
    const nth = counts.get(key) ?? 0
    counts.set(key, nth + 1)
    return { index, field, nth }
  })
}

function searchTitles(view: RunView, query: string): TurnSearchResult {
  const hits = findTitles(view.outlines, view.cursor, searchTerms(query)).map((index) => ({
    index,
    field: "title",
    nth: 0,
  }))
  return { hits, total: hits.length, isTotalExact: false }
}

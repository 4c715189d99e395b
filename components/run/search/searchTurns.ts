import { topField } from "@/components/turn/useScrollToHit"
import type { RequestResult } from "@/lib/live/connection/LiveSocket"
import type { Live } from "@/lib/live/Live"
import type { TurnSearchHit as FoundHit } from "@/lib/protocol/catalog"
import type { TurnSearchHit } from "./TurnSearchState"

export type TurnSearchResult = {
  readonly hits: readonly TurnSearchHit[]
  readonly total: number
  readonly isTotalExact: boolean
}

/** Maximum number of hits to load. The total counts all of them. */
const MAX_HITS = 2_000
const PAGE_SIZE = 500

/** Searches the turns of a run on the server. Requests more pages until there are enough hits. */
export async function searchTurns(
  live: Pick<Live, "request">,
  runId: string,
  query: string,
): Promise<RequestResult<TurnSearchResult>> {
  const found: FoundHit[] = []
  let total = 0
  let isTotalExact = true
  let from: number | undefined
  do {
    const payload = { run_id: runId, q: query, limit: PAGE_SIZE, ...(from !== undefined && { from }) }
    const page = await live.request("runs.search_turns", payload)
    if (!page.ok) return page
    found.push(...page.hits)
    total = Math.max(total, page.total, found.length)
    isTotalExact = page.total_is_exact
    from = page.next
  } while (from !== undefined && found.length < MAX_HITS)
  // The total of each page of a long run only covers the turns that the server has read so far. After the last page,
  // the number of hits found is the exact total.
  if (from === undefined && !isTotalExact)
    return { ok: true, hits: numberHits(found), total: found.length, isTotalExact: true }
  return { ok: true, hits: numberHits(found), total, isTotalExact }
}

/** Numbers the hits in a field that look the same, so that each of them can be found on the page. */
function numberHits(found: readonly FoundHit[]): TurnSearchHit[] {
  const counts = new Map<string, number>()
  return found.map((hit) => {
    const key = JSON.stringify([hit.index, topField(hit), hit.excerpt])
    const nth = counts.get(key) ?? 0
    counts.set(key, nth + 1)
    return { ...hit, nth }
  })
}

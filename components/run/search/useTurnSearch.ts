"use client"

import { useEffect } from "react"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { useFollowedRun, useViewCursor } from "@/lib/live/hooks/useFollowedRun"
import { useLive } from "@/lib/live/LiveProvider"
import { searchTurns } from "./searchTurns"
import { NO_SEARCH, type TurnSearchHit, type TurnSearchState } from "./TurnSearchState"

/** Delay after typing before a search starts. */
const TYPING_MS = 250
/** Minimum time between searches of a growing run. */
const REFRESH_MS = 3_000
const MAX_QUERY_CHARS = 200

/** Keeps the search results of the page store up to date. Use it once per page. */
export function useTurnSearch(): void {
  const { page, runId } = useRunPageStore()
  const live = useLive()
  const followed = useFollowedRun(runId)
  const query = useRunPageState(({ search }) => search.query.trim().slice(0, MAX_QUERY_CHARS))
  const isLoaded = useViewCursor(runId) > 0
  useEffect(() => {
    // `#12` goes to a turn, so there is nothing to search for.
    if (query === "" || query.startsWith("#") || !isLoaded) {
      page.setSearch({ ...NO_SEARCH, query: page.store.getState().search.query })
      return
    }
    let isCurrent = true
    let timer: ReturnType<typeof setTimeout> | undefined
    let searchedTo = -1
    const search = async () => {
      searchedTo = followed.store.getState().view.cursor
      page.setSearch({ phase: "loading" })
      const result = await searchTurns(live, runId, query)
      if (!isCurrent) return
      if (!result.ok) page.setSearch({ phase: "done", error: result.error.message })
      else {
        const { hits, total, isTotalExact } = result
        const current = currentIn(hits, page.store.getState().search.current?.hit)
        page.setSearch({ hits, total, isTotalExact, current, phase: "done", error: undefined })
      }
      timer = setTimeout(refresh, REFRESH_MS)
    }
    const refresh = () => {
      if (followed.store.getState().view.cursor > searchedTo) void search()
      else timer = setTimeout(refresh, REFRESH_MS)
    }
    page.setSearch({ ...NO_SEARCH, query: page.store.getState().search.query, phase: "loading" })
    timer = setTimeout(() => void search(), TYPING_MS)
    return () => {
      isCurrent = false
      clearTimeout(timer)
    }
  }, [page, live, followed, runId, query, isLoaded])
}

/** Finds the current hit in new results. Keeps its object, so that the page doesn't scroll to it again. */
function currentIn(
  hits: readonly TurnSearchHit[],
  hit: TurnSearchHit | undefined,
): TurnSearchState["current"] {
  const number = hits.findIndex(
    (one) => one.index === hit?.index && one.field === hit.field && one.nth === hit.nth,
  )
  return hit === undefined || number === -1 ? undefined : { number, hit }
}

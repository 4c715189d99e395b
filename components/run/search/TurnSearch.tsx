"use client"

import { useRef } from "react"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { useKeys } from "@/components/shell/keys/useKeys"
import { useFollowedRun } from "@/lib/live/hooks/useFollowedRun"
import { useTurnSearch } from "./useTurnSearch"

/** Words to look for in this run's turns; Enter, `n` and `N` go from hit to hit. */
export function TurnSearch() {
  const { reader, runId } = useRunPageStore()
  const followed = useFollowedRun(runId)
  const field = useRef<HTMLInputElement>(null)
  const query = useRunPageState((state) => state.query)
  const selected = useRunPageState((state) => state.selected)
  const hits = useTurnSearch(runId)
  const place = selected?.runId === runId ? hits.indexOf(selected.index) : -1
  const go = (step: 1 | -1) => {
    const next = stepHit(hits, selected?.runId === runId ? selected.index : -1, step)
    if (next !== undefined) reader.select({ runId, index: next }, followed.store.getState().view.cursor)
  }
  useKeys(
    Object.fromEntries<Parameters<typeof useKeys>[0][string]>([
      ["/", () => field.current?.focus()],
      ["n", () => go(1)],
      ["N", () => go(-1)],
    ]),
  )
  return (
    <search className="flex min-w-0 items-center gap-2">
      <input
        ref={field}
        type="search"
        aria-label="Search"
        placeholder="Search turns"
        value={query}
        onChange={(event) => reader.search(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") go(event.shiftKey ? -1 : 1)
          // Back to the turns with the words kept, for `n`; a browser would clear them.
          if (event.key === "Escape") {
            event.preventDefault()
            event.currentTarget.blur()
          }
        }}
        className="h-row w-44 min-w-0 rounded border border-line-strong bg-bg px-2 max-sm:w-28"
      />
      {query.trim() === "" ? null : (
        <span className="num shrink-0 text-ink-3">
          {place >= 0 ? `${place + 1} of ${hits.length}` : `${hits.length} found`}
        </span>
      )}
    </search>
  )
}

function stepHit(hits: readonly number[], from: number, step: 1 | -1): number | undefined {
  if (step === 1) return hits.find((index) => index > from) ?? hits[0]
  return hits.findLast((index) => index < from) ?? hits[hits.length - 1]
}

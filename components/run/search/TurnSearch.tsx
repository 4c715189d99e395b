"use client"

import { type KeyboardEvent, useRef } from "react"
import type { RunPageStore } from "@/components/run/createRunPageStore"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { strings } from "@/components/run/strings"
import { type KeyBindings, useKeys } from "@/components/shell/keys/useKeys"
import { useFollowedRun } from "@/lib/live/hooks/useFollowedRun"
import type { TurnSearchHit, TurnSearchState } from "./TurnSearchState"

const TEXT = strings.search

/** Searches the turns of the run. Enter, `n` and `N` move between hits; `#12` goes to a turn. */
export function TurnSearch() {
  const { page, runId } = useRunPageStore()
  const followed = useFollowedRun(runId)
  const field = useRef<HTMLInputElement>(null)
  const search = useRunPageState((state) => state.search)
  const cursor = () => followed.store.getState().view.cursor
  const openField = (prefix = "") => {
    const { current } = field
    if (current === null) return
    if (prefix !== "") page.setSearch({ query: prefix })
    current.focus()
    if (prefix === "") current.select()
  }
  const bindings: KeyBindings = Object.fromEntries<KeyBindings[string]>([
    ["/", () => openField()],
    ["mod+f", () => openField()],
    ["mod+g", () => openField("#")],
    ["n", () => goToHit(page, runId, 1, cursor())],
    ["N", () => goToHit(page, runId, -1, cursor())],
  ])
  useKeys(bindings)
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return
    if (event.key === "Enter") {
      const turn = /^#(\d{1,9})$/.exec(search.query.trim())
      if (turn === null) goToHit(page, runId, event.shiftKey ? -1 : 1, cursor())
      else goToTurn(page, runId, Number(turn[1]), cursor())
    }
    // Keeps the query for `n`; browsers would clear it on Escape.
    if (event.key === "Escape") {
      event.preventDefault()
      event.currentTarget.blur()
    }
  }
  return (
    <search className="flex min-w-0 items-center gap-2">
      <input
        ref={field}
        type="search"
        aria-label={TEXT.label}
        placeholder={TEXT.placeholder}
        value={search.query}
        onChange={(event) => page.setSearch({ query: event.target.value })}
        onKeyDown={onKeyDown}
        className="h-row w-44 min-w-0 rounded border border-line-strong bg-bg px-2 max-sm:w-28"
      />
      <SearchStatus search={search} />
    </search>
  )
}

function SearchStatus({ search }: { search: TurnSearchState }) {
  const query = search.query.trim()
  if (query === "" || query.startsWith("#")) return null
  return (
    <span role="status" className="num shrink-0 whitespace-nowrap text-ink-3">
      {statusText(search)}
    </span>
  )
}

function statusText({ phase, error, total, isTotalExact, current, hits }: TurnSearchState): string {
  if (error !== undefined) return TEXT.failed(error)
  if (phase !== "done" && hits.length === 0) return TEXT.loading
  if (current === undefined) return TEXT.found(total, isTotalExact)
  return TEXT.position(current.number + 1, total, isTotalExact)
}

function goToTurn(page: RunPageStore, runId: string, index: number, cursor: number): void {
  if (cursor === 0) return
  page.select({ runId, index: Math.min(index, cursor - 1) }, cursor)
}

/** Selects the next or previous hit, relative to the current one or to the selected turn. Wraps around. */
function goToHit(page: RunPageStore, runId: string, step: 1 | -1, cursor: number): void {
  const { search, selected } = page.store.getState()
  const { hits } = search
  if (hits.length === 0) return
  const number = nextNumber(search, selected?.runId === runId ? selected.index : undefined, step)
  const hit = hits[number]
  if (hit === undefined) return
  page.setSearch({ current: { number, hit: { ...hit } } })
  page.select({ runId, index: hit.index }, cursor)
}

function nextNumber({ hits, current }: TurnSearchState, selected: number | undefined, step: 1 | -1): number {
  const { length } = hits
  if (current !== undefined && current.hit.index === selected)
    return (current.number + step + length) % length
  const isAfter = (hit: TurnSearchHit) => selected === undefined || hit.index > selected
  const next = hits.findIndex(isAfter)
  if (step === 1) return next === -1 ? 0 : next
  const before = hits.findLastIndex((hit) => selected !== undefined && hit.index < selected)
  return before === -1 ? length - 1 : before
}

"use client"

import { Search } from "lucide-react"
import { useEffect, useRef, useState } from "react"
import { strings } from "@/components/runs/strings"
import { useKeys } from "@/components/shell/keys/useKeys"
import type { RunFilterUse } from "./useRunFilter"

const DEBOUNCE_MS = 250

/** Searches intents, agents, outcomes and turns as the viewer types. The `/` key focuses the field. */
export function FilterWords({ filter, set }: Pick<RunFilterUse, "filter" | "set">) {
  const field = useRef<HTMLInputElement>(null)
  const current = filter.q ?? ""
  const [text, setText] = useState(current)
  const latest = useRef({ filter, set })
  useEffect(() => {
    latest.current = { filter, set }
  })
  // The URL may change in other ways: by a counter, a link, or going back.
  useEffect(() => setText((typed) => (typed.trim() === current ? typed : current)), [current])
  useEffect(() => {
    const wanted = text.trim()
    const timer = setTimeout(() => {
      const { q, ...rest } = latest.current.filter
      if (wanted !== (q ?? "")) latest.current.set(wanted === "" ? rest : { ...rest, q: wanted }, "replace")
    }, DEBOUNCE_MS)
    return () => clearTimeout(timer)
  }, [text])
  useKeys({ "/": () => field.current?.focus() })
  return (
    <label className="relative flex min-w-40 flex-1 items-center sm:max-w-72">
      <Search className="pointer-events-none absolute left-2 size-3.5 text-ink-3" aria-hidden="true" />
      <input
        ref={field}
        type="search"
        aria-label={strings.filters.search}
        placeholder={strings.filters.searchPlaceholder}
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || event.nativeEvent.isComposing) return
          // Leaves the field and keeps its text, which browsers would clear.
          event.preventDefault()
          event.currentTarget.blur()
        }}
        className="h-row w-full rounded border border-line-strong bg-transparent pr-2 pl-7 text-ellipsis"
      />
    </label>
  )
}

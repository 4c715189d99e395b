"use client"

import { Search } from "lucide-react"
import { useEffect, useRef, useState } from "react"
import { useKeys } from "@/components/shell/keys/useKeys"
import type { RunFilterUse } from "./useRunFilter"

const PAUSE_MS = 250

/** Words in the intent, the agent, the outcome and the turns; `/` leads here. Takes effect when the typing pauses. */
export function FilterWords({ filter, set }: Pick<RunFilterUse, "filter" | "set">) {
  const field = useRef<HTMLInputElement>(null)
  const asked = filter.q ?? ""
  const [words, setWords] = useState(asked)
  const latest = useRef({ filter, set })
  useEffect(() => {
    latest.current = { filter, set }
  })
  // The address changed by another way than this field: a counter, a link, back.
  useEffect(() => setWords((typed) => (typed.trim() === asked ? typed : asked)), [asked])
  useEffect(() => {
    const wanted = words.trim()
    const timer = setTimeout(() => {
      const { q, ...rest } = latest.current.filter
      if (wanted !== (q ?? "")) latest.current.set(wanted === "" ? rest : { ...rest, q: wanted }, "replace")
    }, PAUSE_MS)
    return () => clearTimeout(timer)
  }, [words])
  useKeys({ "/": () => field.current?.focus() })
  return (
    <label className="relative flex min-w-40 flex-1 items-center sm:max-w-72">
      <Search className="pointer-events-none absolute left-2 size-3.5 text-ink-3" aria-hidden="true" />
      <input
        ref={field}
        type="search"
        aria-label="Search"
        placeholder="Search intent, agent, outcome, turns"
        autoComplete="off"
        spellCheck={false}
        value={words}
        onChange={(event) => setWords(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return
          // Back to the rows with the words kept; a browser would clear them.
          event.preventDefault()
          event.currentTarget.blur()
        }}
        className="h-row w-full rounded border border-line-strong bg-transparent pr-2 pl-7"
      />
    </label>
  )
}

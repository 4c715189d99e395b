"use client"

import { StateShape } from "@/components/ui/StateShape"
import { useRunCounts } from "@/lib/live/hooks/useRuns"
import type { PageFilter, RunFilterUse } from "./filters/useRunFilter"

/** The parts of a filter that the counters set; the rest (agent, label, words, time) stays. */
function without({ status, outcome, waiting, failed, today, ...rest }: PageFilter): PageFilter {
  return rest
}

/** Live now, waiting for you, failed today, all: each a count and a filter. */
export function Counters({ filter, set }: Pick<RunFilterUse, "filter" | "set">) {
  const counts = useRunCounts()
  const rest = without(filter)
  const live = filter.status?.length === 1 && filter.status[0] === "in_progress" && !filter.waiting
  const all = counts && counts.in_progress + counts.completed + counts.incomplete
  const bare = !filter.status && !filter.outcome && !filter.waiting && !filter.failed
  const waiting = counts?.waiting ?? 0
  return (
    <fieldset className="flex min-w-0 flex-wrap items-center sm:gap-x-1">
      <legend className="sr-only">Counts and filters</legend>
      <Counter count={counts?.in_progress} on={live} onPick={() => set({ ...rest, status: ["in_progress"] })}>
        <StateShape shape="working" still /> Live
      </Counter>
      <Counter
        count={counts?.waiting}
        loud={waiting > 0}
        on={filter.waiting === true}
        onPick={() => set({ ...rest, waiting: true })}
      >
        <StateShape shape="waiting" /> <span className="max-sm:hidden">Waiting for you</span>
        <span className="sm:hidden">Waiting</span>
      </Counter>
      <Counter
        count={counts?.failed}
        on={filter.today === true}
        onPick={() => set({ ...rest, failed: true, today: true })}
      >
        <StateShape shape="failure" /> <span className="max-sm:hidden">Failed today</span>
        <span className="sm:hidden">Failed</span>
      </Counter>
      <Counter count={all} on={bare} onPick={() => set(rest)}>
        All
      </Counter>
    </fieldset>
  )
}

type CounterProps = {
  count: number | undefined
  on: boolean
  loud?: boolean
  onPick: () => void
  children: React.ReactNode
}

function Counter({ count, on, loud = false, onPick, children }: CounterProps) {
  return (
    <button
      type="button"
      aria-pressed={on}
      onClick={onPick}
      className="flex h-row items-center gap-1.5 rounded px-2 text-ink-2 max-sm:gap-1 max-sm:px-1.5 hover:bg-hover hover:text-ink aria-pressed:bg-selected aria-pressed:text-ink"
    >
      {children}
      <span className={`num min-w-3 text-left font-semibold ${loud ? "text-waiting" : "text-ink"}`}>
        {count === undefined ? "–" : count.toLocaleString("en")}
      </span>
    </button>
  )
}

"use client"

import { ShapeIcon } from "@/components/ui/state/ShapeIcon"
import { StateShape } from "@/components/ui/state/StateShape"
import { useAreCountsExact } from "@/lib/live/hooks/useRuns"
import { grouped } from "@/lib/trace/formatNumber"
import { withoutState } from "./filters/filterParts"
import type { RunFilterUse } from "./filters/useRunFilter"
import { strings } from "./strings"
import type { ShownCounts } from "./useShownCounts"

const TEXT = strings.counters

export type CountersProps = Pick<RunFilterUse, "filter" | "set"> & {
  shown: ShownCounts | undefined
  /** True if the runs in progress were counted from the listed runs. */
  isLiveExact: boolean
}

/** The number of runs of each kind that match the current filter. Each counter filters by its kind. */
export function Counters({ filter, set, shown, isLiveExact }: CountersProps) {
  const isAtMost = !useAreCountsExact()
  const counts = shown?.counts
  const rest = withoutState(filter)
  const { waiting = false, trouble = false, today = false } = filter
  const isLive = filter.status?.length === 1 && filter.status[0] === "in_progress" && !waiting && !trouble
  const isAll = !filter.status && !filter.outcome && !filter.failed && !waiting && !trouble
  return (
    <fieldset className="flex min-w-0 flex-wrap items-center sm:gap-x-1">
      <legend className="sr-only">{TEXT.label}</legend>
      <Counter
        label={TEXT.live}
        count={counts?.in_progress}
        isAtMost={isAtMost && !isLiveExact}
        isPressed={isLive}
        onPress={() => set({ ...rest, status: ["in_progress"] })}
        icon={<StateShape shape="working" still />}
      />
      <Counter
        label={TEXT.needsYou}
        count={counts?.waiting}
        isPressed={waiting}
        onPress={() => set({ ...rest, waiting: true })}
        icon={<StateShape shape="waiting" />}
        activeColor="text-waiting"
      />
      <Counter
        label={TEXT.trouble}
        count={counts?.trouble}
        isPressed={trouble}
        onPress={() => set({ ...rest, trouble: true })}
        icon={<TroubleIcon />}
        activeColor="text-failure"
      />
      <Counter
        label={TEXT.failed}
        count={counts?.failed}
        isAtMost={isAtMost}
        isPressed={today}
        onPress={() => set({ ...rest, failed: true, today: true })}
        icon={<StateShape shape="failure" />}
      />
      <Counter
        label={TEXT.all}
        count={shown?.all}
        isAtMost={isAtMost}
        isPressed={isAll}
        onPress={() => set(rest)}
      />
    </fieldset>
  )
}

type CounterProps = {
  label: string
  count: number | undefined
  /** True if the count may be too high, because not every run that may match the search was checked. */
  isAtMost?: boolean
  isPressed: boolean
  onPress: () => void
  icon?: React.ReactNode
  /** The color class of a count above 0. */
  activeColor?: string
}

function Counter({
  label,
  count,
  isAtMost = false,
  isPressed,
  onPress,
  icon,
  activeColor = "text-ink",
}: CounterProps) {
  const exact = count === undefined ? TEXT.unknown : grouped(count)
  const isUncertain = isAtMost && count !== undefined && count > 0
  const text = isUncertain ? TEXT.atMost(exact) : exact
  return (
    <button
      type="button"
      aria-pressed={isPressed}
      title={isUncertain ? TEXT.atMostTitle : undefined}
      onClick={onPress}
      className="flex h-row items-center gap-1.5 rounded px-2 whitespace-nowrap text-ink-2 max-sm:gap-1 max-sm:px-1.5 hover:bg-hover hover:text-ink aria-pressed:bg-selected aria-pressed:text-ink"
    >
      {icon}
      {/* The space is part of the accessible name. The minimum width keeps the other counters in place up to 999. */}
      <span>{label}</span>{" "}
      <span
        className={`num min-w-3 text-left whitespace-nowrap sm:min-w-[3ch] font-semibold ${count !== undefined && count > 0 ? activeColor : "text-ink"}`}
      >
        {text}
      </span>
    </button>
  )
}

function TroubleIcon() {
  return (
    <ShapeIcon className="text-failure">
      <path d="M8 2.2 14.4 13.4H1.6L8 2.2ZM8 6.6v3.2M8 11.8v.1" />
    </ShapeIcon>
  )
}

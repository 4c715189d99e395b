"use client"

import { ChevronDown } from "lucide-react"
import { useStore } from "zustand"
import { runsPreferences } from "@/components/runs/runsPreferences"
import { strings } from "@/components/runs/strings"
import { cx } from "@/components/ui/cx"
import { useMedia } from "@/components/ui/hooks/useMedia"
import { useMounted } from "@/components/ui/hooks/useMounted"
import { Segmented } from "@/components/ui/Segmented"
import type { RunFilter } from "@/lib/protocol/commands"
import { LaneChart } from "./LaneChart"
import { RANGES, useLaneRange } from "./useLaneRange"

const TEXT = strings.lanes

export type AgentLanesProps = {
  filter: RunFilter
  /** True if the pointer or focus is in the grid below, so the band must keep its height. */
  isHeld: boolean
}

/** Shows when each agent worked, in a foldable band above the grid. In low windows, it is initially folded. */
export function AgentLanes({ filter, isHeld }: AgentLanesProps) {
  const range = useLaneRange()
  const isTall = useMedia("(min-height: 900px)")
  const preference = useStore(runsPreferences, (state) => state.lanesOpen)
  const isMounted = useMounted()
  const isOpen = isMounted && (preference ?? isTall)
  return (
    <section aria-labelledby="agents-over-time" className="border-b border-line">
      <div className="flex h-8 items-center gap-3 pr-3 pl-3">
        <h2 id="agents-over-time" className="text-small text-ink-3">
          <button
            type="button"
            aria-expanded={isOpen}
            title={isOpen ? TEXT.fold : TEXT.unfold}
            onClick={() => runsPreferences.setState({ lanesOpen: !isOpen })}
            className="flex h-row items-center gap-1.5 hover:text-ink"
          >
            <ChevronDown
              className={cx("size-3.5 transition-transform", !isOpen && "-rotate-90")}
              aria-hidden="true"
            />
            {TEXT.label}
          </button>
        </h2>
        <span className="ml-auto" />
        {isOpen ? (
          <Segmented label={TEXT.range} segments={RANGES} value={range.id} onChange={range.pick} />
        ) : null}
      </div>
      {isOpen ? <LaneChart range={range} filter={filter} isHeld={isHeld} /> : null}
    </section>
  )
}

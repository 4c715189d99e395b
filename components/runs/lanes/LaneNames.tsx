"use client"

import Link from "next/link"
import { memo } from "react"
import { strings } from "@/components/runs/strings"
import { oneLine } from "@/components/ui/text/showControls"
import { pagePath } from "@/lib/live/pagePath"
import type { PlacedLane } from "./placeLanes"

/** The names of the lanes, with the numbers that screen readers get instead of the chart. */
export function LaneNames({ placed, height }: { placed: readonly PlacedLane[]; height: number }) {
  return (
    <ul aria-label={strings.lanes.label} className="lane-names absolute top-0 left-0" style={{ height }}>
      {placed.map(({ lane, top, height: tall }) => (
        <LaneLink
          key={lane.agentId}
          agentId={lane.agentId}
          name={lane.name}
          top={top}
          height={tall}
          runs={lane.bars.length}
          live={lane.bars.filter((bar) => bar.end === undefined).length}
        />
      ))}
    </ul>
  )
}

type LaneLinkProps = {
  agentId: string
  name: string
  top: number
  height: number
  runs: number
  live: number
}

/** Memoized, because lanes are laid out each second and rarely change. */
const LaneLink = memo(function LaneLink({ agentId, name, top, height, runs, live }: LaneLinkProps) {
  return (
    <li className="absolute inset-x-0 border-b border-line" style={{ top, height }}>
      <Link
        href={pagePath(`/?agent=${encodeURIComponent(agentId)}`)}
        prefetch={false}
        title={agentId}
        className="flex h-full items-center gap-2 pr-3 pl-6 text-ink-2 max-sm:pl-3 hover:text-ink"
      >
        <LaneName name={oneLine(name, 80)} />
        <span className="sr-only">{strings.lanes.summary(runs, live)}</span>
        <span key={String(runs).length} aria-hidden="true" className="num text-ink-3">
          {runs}
        </span>
      </Link>
    </li>
  )
})

/** A name that is shortened at its start, because related agents differ at the end. */
function LaneName({ name }: { name: string }) {
  const last = name.lastIndexOf("/") + 1
  return (
    <span className="flex min-w-0 flex-1">
      <span className="min-w-0 shrink-[999] truncate">{name.slice(0, last)}</span>
      <span className="min-w-0 truncate">{name.slice(last)}</span>
    </span>
  )
}

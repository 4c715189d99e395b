"use client"

import { type MouseEvent, useEffect, useMemo, useRef, useState } from "react"
import { useStore } from "zustand"
import { useGrid } from "@/components/runs/grid/GridContext"
import { runsPreferences } from "@/components/runs/runsPreferences"
import { strings } from "@/components/runs/strings"
import { Button } from "@/components/ui/Button"
import { useRecentRuns } from "@/lib/live/hooks/useRuns"
import type { RecentState } from "@/lib/live/Live"
import { useLive } from "@/lib/live/LiveProvider"
import type { RunFilter } from "@/lib/protocol/commands"
import { LaneAxisTicks } from "./LaneAxisTicks"
import { LaneNames } from "./LaneNames"
import { LaneTip } from "./LaneTip"
import { barAt, placeLanes } from "./placeLanes"
import { laneAxis, useLaneCanvas } from "./useLaneCanvas"
import type { LaneRange } from "./useLaneRange"
import { useLanes } from "./useLanes"

const TEXT = strings.lanes
/** The height of the band before "Show all" is clicked. The band itself never scrolls. */
const LOW_PX = 140
const MIN_HEIGHT_PX = 25
/** The height that is reserved at the first visit: four lanes. */
const FIRST_HEIGHT_PX = 100
const MAX_LANES = 100

type Tip = { runId: string; x: number; y: number }
export type LaneChartProps = { range: LaneRange; filter: RunFilter; isHeld: boolean }

/** A lane per agent, with its runs as bars on one time axis that ends now. A click opens a run. */
export function LaneChart({ range, filter, isHeld }: LaneChartProps) {
  const { runs, phase } = useRecentRuns(range.ms, filter)
  const [isOver, setOver] = useState(false)
  const [isExpanded, setExpanded] = useState(false)
  const lanes = useLanes(runs, range.ms, isOver)
  const { placed, height } = useMemo(
    () => placeLanes(lanes.slice(0, MAX_LANES), isExpanded ? undefined : LOW_PX),
    [lanes, isExpanded],
  )
  const ownHeight = useReserved(Math.max(MIN_HEIGHT_PX, height), phase, isExpanded)
  const boxHeight = useSteady(ownHeight, isHeld, `${range.id} ${isExpanded}`)
  const { canvas, hover } = useLaneCanvas(placed, range.ms)
  const [tip, setTip] = useState<Tip>()
  const live = useLive()
  const { open } = useGrid()
  const pick = ({ clientX, clientY }: { clientX: number; clientY: number }): Tip | undefined => {
    const area = canvas.current?.getBoundingClientRect()
    if (area === undefined) return undefined
    const axis = laneAxis(live.serverNow(), range.ms, area.width)
    const bar = barAt(placed, axis, clientX - area.left, clientY - area.top)
    return bar && { runId: bar.runId, x: clientX, y: clientY }
  }
  const showTip = (at: Tip | undefined) => {
    hover(at?.runId)
    setTip(at)
  }
  const onClick = (event: MouseEvent) => {
    const at = pick(event)
    if (at !== undefined) open(at.runId, undefined, event.metaKey || event.ctrlKey)
  }
  return (
    <>
      <div
        className="relative overflow-hidden"
        style={{ height: boxHeight }}
        onPointerEnter={(event) => setOver(event.pointerType === "mouse")}
        onPointerLeave={() => setOver(false)}
      >
        <canvas
          ref={canvas}
          role="img"
          aria-label={TEXT.chart}
          onPointerMove={(event) => showTip(pick(event))}
          onPointerLeave={() => showTip(undefined)}
          onClick={onClick}
          style={{ height: boxHeight }}
          className={`lane-canvas block ${tip === undefined ? "" : "cursor-pointer"}`}
        />
        <LaneNames placed={placed} height={height} />
        {placed.length > 0 || phase === "loading" ? null : (
          <p className="absolute inset-x-6 top-2 text-ink-3">
            {phase === "error" ? TEXT.failed : TEXT.empty(range.id)}
          </p>
        )}
      </div>
      {/* As high as the button, which isn't always there. */}
      <div className="flex min-h-6 items-center">
        <span className="lane-names shrink-0 pl-4">
          {isExpanded || lanes.length > placed.length ? (
            <Button
              variant="ghost"
              className="h-6! px-2! text-small"
              onClick={() => setExpanded(!isExpanded)}
            >
              {isExpanded ? TEXT.showFewer : TEXT.showAll(lanes.length)}
            </Button>
          ) : null}
        </span>
        <LaneAxisTicks rangeMs={range.ms} />
      </div>
      {isExpanded && lanes.length > placed.length ? (
        <p className="px-6 pb-1 text-ink-3">{TEXT.hidden(lanes.length - placed.length)}</p>
      ) : null}
      {tip === undefined ? null : <LaneTip {...tip} />}
    </>
  )
}

/**
 * Returns the height of the lanes. While they load, it is at least their last height, so that the grid below stays. At the
 * first visit, which has no last height, it is that of a few lanes, so that the grid moves less.
 */
function useReserved(height: number, phase: RecentState["phase"], isExpanded: boolean): number {
  const known = useStore(runsPreferences, (state) => state.lanesPx)
  useEffect(() => {
    if (phase === "ready" && !isExpanded) runsPreferences.setState({ lanesPx: height })
  }, [phase, isExpanded, height])
  return phase === "loading" ? Math.max(height, known ?? FIRST_HEIGHT_PX) : height
}

/** Returns a value that doesn't change while it is held, unless its key changes. */
function useSteady<T>(value: T, isHeld: boolean, key: unknown): T {
  const held = useRef({ value, key })
  if (!isHeld || held.current.key !== key) held.current = { value, key }
  return held.current.value
}

"use client"

import { useRouter } from "next/navigation"
import { type PointerEvent, useMemo, useState } from "react"
import { runHref } from "@/components/runs/list/runAttributes"
import { useSteady } from "@/components/runs/list/useSteady"
import { Segmented } from "@/components/ui/Segmented"
import { useRecentRuns } from "@/lib/live/hooks/useRuns"
import { useLive } from "@/lib/live/LiveProvider"
import { LaneAxisTicks } from "./LaneAxisTicks"
import { LaneNames } from "./LaneNames"
import { LaneTip } from "./LaneTip"
import { barAt, placeLanes } from "./placeLanes"
import { laneAxis, useLaneCanvas } from "./useLaneCanvas"
import { RANGES, useLaneRange } from "./useLaneRange"
import { useLanes } from "./useLanes"

const MAX_PX = 175
const STEP_PX = 25

type Tip = { runId: string; x: number; y: number }

/** Who worked when: a lane per agent, its runs as bars on one axis that ends now; a click opens the run. */
export function AgentLanes({ steady }: { steady: boolean }) {
  const range = useLaneRange()
  const runs = useRecentRuns(range.ms)
  const [over, setOver] = useState(false)
  const lanes = useLanes(runs, range.ms, over)
  const { placed, height } = useMemo(() => placeLanes(lanes), [lanes])
  const wanted = Math.min(MAX_PX, Math.max(2 * STEP_PX, Math.ceil(height / STEP_PX) * STEP_PX))
  const boxHeight = useSteady(wanted, steady, range.id)
  const { canvas, box, hover } = useLaneCanvas(placed, range.ms)
  const [tip, setTip] = useState<Tip | undefined>(undefined)
  const live = useLive()
  const router = useRouter()
  const pick = (event: PointerEvent<HTMLElement>) => {
    const area = canvas.current?.getBoundingClientRect()
    if (area === undefined) return undefined
    const x = event.clientX - area.left
    const y = event.clientY - area.top
    const axis = laneAxis(live.serverNow(), range.ms, area.width)
    const bar = x < 0 ? undefined : barAt(placed, axis, x, y + (box.current?.scrollTop ?? 0))
    return bar && { runId: bar.runId, x: event.clientX, y: event.clientY }
  }
  const onMove = (event: PointerEvent<HTMLElement>) => {
    const at = pick(event)
    hover(at?.runId)
    setTip(at)
  }
  const onLeave = () => {
    hover(undefined)
    setTip(undefined)
  }
  return (
    <section aria-labelledby="agents-over-time" className="border-b border-line">
      <div className="flex items-center gap-3 py-1 pr-3 pl-6 max-sm:pl-3">
        <h2 id="agents-over-time" className="text-small text-ink-3">
          Agents over time
        </h2>
        <span className="ml-auto" />
        <Segmented label="Range" segments={RANGES} value={range.id} onChange={range.pick} />
      </div>
      <div
        ref={box}
        className="relative overflow-y-auto overscroll-contain"
        style={{ height: boxHeight }}
        onPointerEnter={(event) => setOver(event.pointerType === "mouse")}
        onPointerLeave={() => setOver(false)}
      >
        <canvas
          ref={canvas}
          role="img"
          aria-label="Runs as bars"
          onPointerMove={onMove}
          onPointerLeave={onLeave}
          onClick={(event) => {
            const at = pick(event as unknown as PointerEvent<HTMLElement>)
            if (at !== undefined) router.push(runHref(at.runId))
          }}
          style={{ height: boxHeight }}
          className={`lane-canvas sticky top-0 block ${tip === undefined ? "" : "cursor-pointer"}`}
        />
        <LaneNames placed={placed} height={height} />
        {placed.length === 0 ? (
          <p className="absolute inset-x-6 top-2 text-ink-3">No run in the last {range.id}.</p>
        ) : null}
      </div>
      <LaneAxisTicks rangeMs={range.ms} />
      {tip === undefined ? null : <LaneTip {...tip} />}
    </section>
  )
}

"use client"

import { useEffect, useMemo, useRef } from "react"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { strings } from "@/components/run/strings"
import type { AxisView } from "@/components/run/timeline/axis/createAxisView"
import type { RunAxis } from "@/components/run/timeline/axis/useTimeAxis"
import type { RunTree } from "@/components/run/useRunTree"
import { onThemeChange, readColors } from "@/components/ui/colors"
import type { TimeAxis } from "@/lib/timeline/axis/timeAxis"
import { minimapColumns } from "@/lib/timeline/minimap/minimapColumns"
import { hasDistinctTimes, type MinimapScale } from "@/lib/timeline/minimap/minimapScale"
import { drawMinimap, MINIMAP_COLORS } from "./drawMinimap"
import { MinimapLegend } from "./MinimapLegend"
import { MinimapOverlay } from "./MinimapOverlay"
import { useMinimapGestures } from "./useMinimapGestures"

const HEIGHT_PX = 34
/** Minimum time between redraws, however fast turns arrive. */
const DRAW_MS = 80

export type MinimapProps = { tree: RunTree; axis: RunAxis; view: AxisView }

/**
 * The whole run in one strip. Turns are placed by time, or evenly if they have no distinct times. Click to go to a
 * turn, drag to zoom, drag the playhead to replay.
 */
export function Minimap({ tree, axis, view }: MinimapProps) {
  const { runId } = useRunPageStore()
  const run = tree.views.get(runId)
  const box = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const found = useRunPageState(({ search }) => search.hits)
  const hits = useMemo(() => new Set(found.map(({ index }) => index)), [found])
  const byTurn = useMemo(() => run !== undefined && !hasDistinctTimes(run.outlines, run.cursor), [run])
  const latest = useRef({ run, axis, hits, byTurn })
  const redraw = useRef<() => void>(undefined)
  useEffect(() => {
    latest.current = { run, axis, hits, byTurn }
    redraw.current?.()
  }, [run, axis, hits, byTurn])
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let colors = readColors(MINIMAP_COLORS)
    const draw = () => {
      timer = undefined
      const { current: surface } = canvas
      const now = latest.current
      if (surface === null || now.run === undefined) return
      const scale = scaleOf(now.byTurn, now.axis.axis, now.run.cursor, view)
      const widthPx = surface.parentElement?.clientWidth ?? 0
      const columns = minimapColumns(now.run, scale, widthPx, now.hits)
      drawMinimap(surface, columns, colors, HEIGHT_PX)
    }
    const schedule = () => {
      timer ??= setTimeout(draw, DRAW_MS)
    }
    redraw.current = schedule
    draw()
    const sizes = new ResizeObserver(schedule)
    if (box.current !== null) sizes.observe(box.current)
    const stopFrames = view.frame.subscribe((frame, previous) => {
      if (frame.axisEnd !== previous.axisEnd) schedule()
    })
    const stopTheme = onThemeChange(() => {
      colors = readColors(MINIMAP_COLORS)
      schedule()
    })
    return () => {
      clearTimeout(timer)
      sizes.disconnect()
      stopFrames()
      stopTheme()
    }
  }, [view])
  const scale = () => scaleOf(byTurn, axis.axis, run?.cursor ?? 0, view)
  const gestures = useMinimapGestures({ box, scale, run })
  return (
    <div className="group/minimap relative shrink-0 border-b border-line px-3 py-1">
      <div
        ref={box}
        role="img"
        aria-label={strings.minimap.label}
        className="relative touch-pan-y select-none"
        style={{ height: HEIGHT_PX }}
        {...gestures}
      >
        <canvas ref={canvas} className="block size-full" />
        <MinimapOverlay view={view} axis={axis.axis} run={run} byTurn={byTurn} />
      </div>
      {byTurn ? <p className="num text-small text-ink-3">{strings.minimap.byTurn}</p> : null}
      <MinimapLegend byTurn={byTurn} />
    </div>
  )
}

/** Returns the scale for the whole run. */
function scaleOf(byTurn: boolean, axis: TimeAxis, cursor: number, view: AxisView): MinimapScale {
  if (byTurn) return { kind: "turns", length: Math.max(1, cursor) }
  return { kind: "time", axis, length: view.frame.getState().axisEnd }
}

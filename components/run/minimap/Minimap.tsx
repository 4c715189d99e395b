"use client"

import { useEffect, useRef } from "react"
import type { RunTree } from "@/components/run/header/useRunTree"
import { useRunPageStore } from "@/components/run/RunPageStoreProvider"
import type { AxisView } from "@/components/run/timeline/axis/createAxisView"
import type { RunAxis } from "@/components/run/timeline/axis/useTimeAxis"
import { onThemeChange, readColours } from "@/components/ui/colours"
import { minimapColumns } from "@/lib/timeline/minimap/minimapColumns"
import { drawMinimap, MINIMAP_COLOURS } from "./drawMinimap"
import { MinimapOverlay } from "./MinimapOverlay"
import { useMinimapGestures } from "./useMinimapGestures"

const STRIP_PX = 34
/** Drawn at most this often, however fast turns come. */
const DRAW_MS = 80

export type MinimapProps = { tree: RunTree; axis: RunAxis; view: AxisView }

/** The whole run in one line; click to go to a turn, drag to zoom, drag the playhead to rewind. */
export function Minimap({ tree, axis, view }: MinimapProps) {
  const { runId } = useRunPageStore()
  const run = tree.views.get(runId)
  const canvas = useRef<HTMLCanvasElement>(null)
  const box = useRef<HTMLDivElement>(null)
  const latest = useRef({ run, axis })
  const draw = useRef<() => void>(undefined)
  useEffect(() => {
    latest.current = { run, axis }
    draw.current?.()
  }, [run, axis])
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let colours = readColours(MINIMAP_COLOURS)
    const paint = () => {
      timer = undefined
      const { current: surface } = canvas
      const { run: now, axis: laid } = latest.current
      if (surface === null || now === undefined) return
      const whole = { from: 0, to: view.frame.getState().wholeTo }
      const columns = minimapColumns(now, laid.axis, whole, surface.parentElement?.clientWidth ?? 0)
      drawMinimap(surface, columns, colours, STRIP_PX)
    }
    const plan = () => {
      timer ??= setTimeout(paint, DRAW_MS)
    }
    draw.current = plan
    paint()
    const sizes = new ResizeObserver(plan)
    if (box.current !== null) sizes.observe(box.current)
    const stopFrames = view.frame.subscribe((frame, before) => {
      if (frame.wholeTo !== before.wholeTo) plan()
    })
    const stopTheme = onThemeChange(() => {
      colours = readColours(MINIMAP_COLOURS)
      plan()
    })
    return () => {
      clearTimeout(timer)
      sizes.disconnect()
      stopFrames()
      stopTheme()
    }
  }, [view])
  const gestures = useMinimapGestures({ box, view, axis: axis.axis, run })
  return (
    <div className="shrink-0 border-b border-line px-3 py-1">
      <div
        ref={box}
        role="img"
        aria-label="Run overview"
        className="relative touch-pan-y select-none"
        style={{ height: STRIP_PX }}
        {...gestures}
      >
        <canvas ref={canvas} className="block size-full" />
        <MinimapOverlay view={view} axis={axis.axis} run={run} />
      </div>
    </div>
  )
}

"use client"

import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef } from "react"
import { onThemeChange, readColors } from "@/components/ui/colors"
import { useLive } from "@/lib/live/LiveProvider"
import { clockTicks } from "@/lib/timeline/axis/clockTicks"
import { drawLanes, LANE_COLORS, type LaneColors } from "./drawLanes"
import type { LaneAxis, PlacedLane } from "./placeLanes"

/** The share of the range that is left empty after now. */
const AFTER_NOW = 0.02

/** Returns the axis at a given time: the range before that time, and a little after it. */
export function laneAxis(nowMs: number, rangeMs: number, widthPx: number): LaneAxis {
  return { fromMs: nowMs - rangeMs, toMs: nowMs + rangeMs * AFTER_NOW, nowMs, widthPx }
}

export type LaneCanvas = {
  canvas: RefObject<HTMLCanvasElement | null>
  /** Outlines a run's bar. */
  hover: (runId: string | undefined) => void
}

/** Redraws a canvas each second, and when data, size, theme or the hovered bar change. At most once per frame. */
export function useLaneCanvas(placed: readonly PlacedLane[], rangeMs: number): LaneCanvas {
  const live = useLive()
  const canvas = useRef<HTMLCanvasElement>(null)
  const latest = useRef<Painted>({ placed, rangeMs, hovered: undefined })
  const colors = useRef<LaneColors | undefined>(undefined)
  const frame = useRef(0)
  const draw = useCallback(() => {
    frame.current ||= requestAnimationFrame(() => {
      frame.current = 0
      if (canvas.current === null) return
      colors.current ??= readColors(LANE_COLORS)
      paint(canvas.current, live.serverNow(), colors.current, latest.current)
    })
  }, [live])
  useLayoutEffect(() => {
    latest.current = { ...latest.current, placed, rangeMs }
    draw()
  }, [placed, rangeMs, draw])
  useEffect(() => {
    const sizes = new ResizeObserver(draw)
    if (canvas.current !== null) sizes.observe(canvas.current)
    const stopTicks = live.onTick(1_000, draw)
    const stopTheme = onThemeChange(() => {
      colors.current = undefined
      draw()
    })
    return () => {
      sizes.disconnect()
      stopTicks()
      stopTheme()
      cancelAnimationFrame(frame.current)
      frame.current = 0
    }
  }, [live, draw])
  const hover = useCallback(
    (runId: string | undefined) => {
      if (latest.current.hovered === runId) return
      latest.current.hovered = runId
      draw()
    },
    [draw],
  )
  return { canvas, hover }
}

type Painted = { placed: readonly PlacedLane[]; rangeMs: number; hovered: string | undefined }

function paint(
  canvas: HTMLCanvasElement,
  nowMs: number,
  colors: LaneColors,
  { placed, rangeMs, hovered }: Painted,
): void {
  const widthPx = canvas.clientWidth
  const heightPx = canvas.clientHeight
  const ratio = window.devicePixelRatio || 1
  const [width, height] = [Math.round(widthPx * ratio), Math.round(heightPx * ratio)]
  if (canvas.width !== width) canvas.width = width
  if (canvas.height !== height) canvas.height = height
  const context = canvas.getContext("2d")
  if (context === null || widthPx === 0) return
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  const axis = laneAxis(nowMs, rangeMs, widthPx)
  const ticks = clockTicks(axis.fromMs, axis.toMs, widthPx, zoneMs(nowMs)).times
  drawLanes(context, { placed, axis, ticks, colors, heightPx, hovered })
}

/** Returns the viewer's time zone offset from UTC, in milliseconds. */
export function zoneMs(atMs: number): number {
  return -new Date(atMs).getTimezoneOffset() * 60_000
}

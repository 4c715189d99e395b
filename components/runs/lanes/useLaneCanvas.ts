"use client"

import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef } from "react"
import { onThemeChange, readColours } from "@/components/ui/colours"
import { useLive } from "@/lib/live/LiveProvider"
import { clockTicks } from "@/lib/timeline/axis/clockTicks"
import { drawLanes, LANE_COLOURS, type LaneColours } from "./drawLanes"
import type { LaneAxis, PlacedLane } from "./placeLanes"

/** The share of the range that is left free after now. */
const AFTER_NOW = 0.02

/** The axis as of now: the range up to now and a little more. */
export function laneAxis(nowMs: number, rangeMs: number, widthPx: number): LaneAxis {
  return { fromMs: nowMs - rangeMs, toMs: nowMs + rangeMs * AFTER_NOW, nowMs, widthPx }
}

export type LaneCanvas = {
  canvas: RefObject<HTMLCanvasElement | null>
  /** The scrolling box that the canvas covers. */
  box: RefObject<HTMLDivElement | null>
  hover: (runId: string | undefined) => void
}

/** Keeps a canvas drawn: each second, and when data, size, scroll, theme or the mouse ask for it, once a frame. */
export function useLaneCanvas(placed: readonly PlacedLane[], rangeMs: number): LaneCanvas {
  const live = useLive()
  const canvas = useRef<HTMLCanvasElement>(null)
  const box = useRef<HTMLDivElement>(null)
  const latest = useRef({ placed, rangeMs, hovered: undefined as string | undefined })
  const colours = useRef<LaneColours | undefined>(undefined)
  const frame = useRef(0)
  const draw = useCallback(() => {
    frame.current ||= requestAnimationFrame(() => {
      frame.current = 0
      if (canvas.current === null || box.current === null) return
      colours.current ??= readColours(LANE_COLOURS)
      paint(canvas.current, box.current, live.serverNow(), colours.current, latest.current)
    })
  }, [live])
  useLayoutEffect(() => {
    latest.current = { ...latest.current, placed, rangeMs }
    draw()
  }, [placed, rangeMs, draw])
  useEffect(() => {
    const area = box.current
    const sizes = new ResizeObserver(draw)
    if (area !== null) sizes.observe(area)
    area?.addEventListener("scroll", draw, { passive: true })
    const stopTicks = live.onTick(1_000, draw)
    const stopTheme = onThemeChange(() => {
      colours.current = undefined
      draw()
    })
    return () => {
      sizes.disconnect()
      area?.removeEventListener("scroll", draw)
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
  return { canvas, box, hover }
}

type Painted = { placed: readonly PlacedLane[]; rangeMs: number; hovered: string | undefined }

function paint(
  canvas: HTMLCanvasElement,
  box: HTMLDivElement,
  nowMs: number,
  colours: LaneColours,
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
  drawLanes(context, { placed, axis, ticks, colours, scrollTop: box.scrollTop, heightPx, hovered })
}

/** What is added to UTC for the reader's zone, in milliseconds. */
export function zoneMs(atMs: number): number {
  return -new Date(atMs).getTimezoneOffset() * 60_000
}

import { createStore, type StoreApi } from "zustand/vanilla"
import type { Viewport } from "@/lib/timeline/axis/Viewport"

/** The visible range of the axis, its width on screen, and the end of the whole axis. */
type AxisFrame = Viewport & { widthPx: number; axisEnd: number }

/** The position at which the last turn ended. While the run is live, the axis extends to now. */
export type AxisEnd = { position: number; isLive: boolean }

/** A ref for a lane, an element whose children are positioned on the axis. */
export type BindLane = (lane: HTMLElement | null) => () => void

/**
 * Moves bars and lines with CSS variables, so that neither time nor zoom re-renders rows. The variables are set on each
 * lane. If they were set on a common ancestor, each zoom step would make the browser restyle every cell of every row.
 */
export type AxisView = {
  /**
   * Changes when the zoom, the size or the end of the axis changes. The end changes in steps, not in each animation
   * frame.
   */
  frame: StoreApi<AxisFrame>
  setEnd(end: AxisEnd): void
  setZoom(zoom: Viewport | undefined): void
  setWidth(widthPx: number): void
  /** Moves running turns to this position, and keeps the end of the axis a little beyond it. */
  setNow(position: number | undefined): void
  bindLane: BindLane
  /** Like `bindLane`, for a lane with running turns. The lane also gets the current time. */
  bindRunningLane: BindLane
  /** Returns the range of the whole axis. */
  fullRange(): Viewport
}

const MIN_LENGTH_MS = 1_000
/**
 * `MARGIN` is how far a live axis extends beyond now, as a share of the time until now. The axis grows when less than
 * `MIN_MARGIN` is left.
 */
const MARGIN = 0.08
const MIN_MARGIN = 0.012
/** Smaller movements aren't visible, so they are skipped. */
const MIN_MOVE_PX = 0.33

export function createAxisView(): AxisView {
  const lanes = new Set<HTMLElement>()
  const runningLanes = new Set<HTMLElement>()
  let end: AxisEnd = { position: 0, isLive: false }
  let length = MIN_LENGTH_MS
  let zoom: Viewport | undefined
  let now: number | undefined
  let nowPx = Number.NaN
  const frame = createStore<AxisFrame>(() => ({ from: 0, to: MIN_LENGTH_MS, widthPx: 0, axisEnd: length }))

  const updateFrame = () => {
    const last = Math.max(end.position, now ?? 0, MIN_LENGTH_MS)
    if (!end.isLive) length = last * 1.01
    else if (length < last * (1 + MIN_MARGIN) || length > last * 2) length = last * (1 + MARGIN)
    const { from, to, axisEnd } = frame.getState()
    const next = zoom ?? { from: 0, to: length }
    if (next.from === from && next.to === to && axisEnd === length) return
    frame.setState({ from: next.from, to: next.to, axisEnd: length })
  }
  const writeFrame = (targets: Iterable<HTMLElement>) => {
    const { from, to, widthPx } = frame.getState()
    const scale = String(widthPx / Math.max(1e-6, to - from))
    for (const lane of targets) {
      lane.style.setProperty("--from", String(from))
      lane.style.setProperty("--scale", scale)
    }
  }
  const writeNow = () => {
    if (now === undefined) return
    const { from, to, widthPx } = frame.getState()
    const px = ((now - from) / Math.max(1e-6, to - from)) * widthPx
    if (Math.abs(px - nowPx) < MIN_MOVE_PX) return
    nowPx = px
    for (const lane of runningLanes) lane.style.setProperty("--now", String(now))
  }
  frame.subscribe(() => {
    writeFrame(lanes)
    nowPx = Number.NaN
    writeNow()
  })
  const bindLane: BindLane = (lane) => {
    if (lane === null) return () => undefined
    lanes.add(lane)
    writeFrame([lane])
    return () => lanes.delete(lane)
  }

  return {
    frame,
    setEnd: (next) => {
      end = next
      updateFrame()
    },
    setZoom: (next) => {
      zoom = next
      updateFrame()
    },
    setWidth: (widthPx) => {
      if (widthPx !== frame.getState().widthPx) frame.setState({ widthPx })
    },
    setNow: (position) => {
      now = position
      updateFrame()
      writeNow()
    },
    bindLane,
    bindRunningLane: (lane) => {
      const unbind = bindLane(lane)
      if (lane === null) return unbind
      runningLanes.add(lane)
      if (now !== undefined) lane.style.setProperty("--now", String(now))
      return () => {
        runningLanes.delete(lane)
        unbind()
      }
    },
    fullRange: () => ({ from: 0, to: length }),
  }
}

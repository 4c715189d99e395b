import { createStore, type StoreApi } from "zustand/vanilla"
import type { Viewport } from "@/lib/timeline/axis/Viewport"

/** What of the axis is seen, how wide that is on the screen, and where all of the axis ends. */
export type AxisFrame = Viewport & { widthPx: number; wholeTo: number }

/** The place of the end: where the last turn ended, or, while the run is live, now. */
export type AxisEnd = { place: number; live: boolean }

/** A ref for a lane: an element whose children are placed on the axis. */
export type BindLane = (lane: HTMLElement | null) => () => void

/**
 * Moves bars and lines by variables of CSS, so that neither time nor zoom draws a row again. They are set on each lane: on
 * one element above them all, every cell of every row would be styled anew with each step of a zoom.
 */
export type AxisView = {
  /** Changes with zoom, size and steps of the end; never with each frame. */
  frame: StoreApi<AxisFrame>
  setEnd(end: AxisEnd): void
  setZoom(zoom: Viewport | undefined): void
  setWidth(widthPx: number): void
  /** Moves what is running to this place of the axis; keeps the end a little after it. */
  setNow(place: number | undefined): void
  bindLane: BindLane
  /** For a lane in which something runs: it is told of now, too. */
  bindRunningLane: BindLane
  /** All of the axis, as it is laid out when it fits. */
  whole(): Viewport
}

const MIN_LENGTH_MS = 1_000
/** A live axis ends this share after now, and is laid out anew when less than the second is left. */
const ROOM = 0.08
const MIN_ROOM = 0.012

export function createAxisView(): AxisView {
  const lanes = new Set<HTMLElement>()
  const running = new Set<HTMLElement>()
  let end: AxisEnd = { place: 0, live: false }
  let length = MIN_LENGTH_MS
  let zoom: Viewport | undefined
  let now: number | undefined
  let nowPx = Number.NaN
  const frame = createStore<AxisFrame>(() => ({ from: 0, to: MIN_LENGTH_MS, widthPx: 0, wholeTo: length }))

  const stretch = () => {
    const last = Math.max(end.place, now ?? 0, MIN_LENGTH_MS)
    if (!end.live) length = last * 1.01
    else if (length < last * (1 + MIN_ROOM) || length > last * 2) length = last * (1 + ROOM)
    const { from, to, wholeTo } = frame.getState()
    const next = zoom ?? { from: 0, to: length }
    if (next.from === from && next.to === to && wholeTo === length) return
    frame.setState({ from: next.from, to: next.to, wholeTo: length })
  }
  const writeFrame = (changed: Iterable<HTMLElement>) => {
    const { from, to, widthPx } = frame.getState()
    const scale = String(widthPx / Math.max(1e-6, to - from))
    for (const lane of changed) {
      lane.style.setProperty("--from", String(from))
      lane.style.setProperty("--scale", scale)
    }
  }
  const writeNow = () => {
    if (now === undefined) return
    const { from, to, widthPx } = frame.getState()
    const px = ((now - from) / Math.max(1e-6, to - from)) * widthPx
    // Less than a third of a pixel is not seen.
    if (Math.abs(px - nowPx) < 0.33) return
    nowPx = px
    for (const lane of running) lane.style.setProperty("--now", String(now))
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
      stretch()
    },
    setZoom: (next) => {
      zoom = next
      stretch()
    },
    setWidth: (widthPx) => {
      if (widthPx !== frame.getState().widthPx) frame.setState({ widthPx })
    },
    setNow: (place) => {
      now = place
      stretch()
      writeNow()
    },
    bindLane,
    bindRunningLane: (lane) => {
      const unbind = bindLane(lane)
      if (lane === null) return unbind
      running.add(lane)
      if (now !== undefined) lane.style.setProperty("--now", String(now))
      return () => {
        running.delete(lane)
        unbind()
      }
    },
    whole: () => ({ from: 0, to: length }),
  }
}

"use client"

import { useEffect, useRef } from "react"
import { replayCursor } from "@/components/run/createRunPageStore"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { axisStyle } from "@/components/run/timeline/TimelineBar"
import styles from "@/components/run/timeline/timeline.module.css"
import { cx } from "@/components/ui/cx"
import { clockTime } from "@/components/ui/text/exactTime"
import { useOutline } from "@/lib/live/hooks/useFollowedRun"
import { fromAxis, type TimeAxis, toAxis } from "@/lib/timeline/axis/timeAxis"
import { xToPosition } from "@/lib/timeline/axis/Viewport"
import { turnSpan } from "@/lib/timeline/rows/turnSpan"
import { durationText } from "@/lib/trace/formatNumber"
import type { AxisView } from "./createAxisView"
import { LaneLayer } from "./LaneLayer"
import type { RunAxis } from "./useTimeAxis"

export type AxisCursorsProps = { view: AxisView; axis: RunAxis; scroller: HTMLElement }

/** A narrower axis only has room for one time next to the pointer. */
const BOTH_TIMES_PX = 280

/** Lines above the rows at the current time, the replay position and the pointer. They move without re-rendering. */
export function AxisCursors({ view, axis, scroller }: AxisCursorsProps) {
  const mouse = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const stop = new AbortController()
    const hide = () => mouse.current?.setAttribute("hidden", "")
    const move = (event: PointerEvent) => {
      const { current: mark } = mouse
      const bounds = scroller.querySelector("[data-lane]")?.getBoundingClientRect()
      if (mark === null || bounds === undefined || event.pointerType !== "mouse") return
      const x = event.clientX - bounds.left
      if (x < 0 || x > bounds.width) return hide()
      const frame = view.frame.getState()
      const ms = fromAxis(axis.axis, xToPosition(frame, bounds.width, x))
      mark.removeAttribute("hidden")
      mark.style.transform = `translateX(${x}px)`
      const relative = relativeTime(ms - axis.axis.startMs, frame)
      const text = bounds.width < BOTH_TIMES_PX ? relative : `${relative} · ${clockTime(ms)}`
      writeTime(mark, x > bounds.width / 2, text)
    }
    scroller.addEventListener("pointermove", move, { passive: true, signal: stop.signal })
    scroller.addEventListener("pointerleave", hide, { signal: stop.signal })
    return () => stop.abort()
  }, [view, axis.axis, scroller])
  return (
    <LaneLayer above bind={view.bindRunningLane}>
      {axis.end.isLive ? <span className={cx(styles.mark, styles.now, "w-px bg-working/60")} /> : null}
      <Playhead axis={axis.axis} />
      <div ref={mouse} hidden className="absolute inset-y-0 left-0 w-px bg-ink-3/70">
        <span className="num absolute top-1 rounded-small border border-line-strong bg-overlay px-1 text-small whitespace-nowrap text-ink" />
      </div>
    </LaneLayer>
  )
}

/** The position of a replay: the end of its last turn. */
function Playhead({ axis }: { axis: TimeAxis }) {
  const { runId } = useRunPageStore()
  const at = useRunPageState(replayCursor)
  const outline = useOutline(runId, (at ?? 0) - 1)
  const ms = outline === undefined ? undefined : turnSpan(outline)?.end
  if (at === undefined || ms === undefined) return null
  return <span className={cx(styles.mark, "w-px bg-accent")} style={axisStyle({ start: toAxis(axis, ms) })} />
}

function writeTime(mark: HTMLElement, isRight: boolean, text: string): void {
  const label = mark.firstElementChild
  if (!(label instanceof HTMLElement)) return
  label.textContent = text
  label.style.left = isRight ? "auto" : "5px"
  label.style.right = isRight ? "5px" : "auto"
}

/** Formats a time since the start. When zoomed in, the result is to the millisecond. */
function relativeTime(afterMs: number, visible: { from: number; to: number }): string {
  const isNear = visible.to - visible.from < 10_000
  return isNear ? `+${(afterMs / 1_000).toFixed(3)}s` : `+${durationText(afterMs)}`
}

"use client"

import { useEffect, useRef } from "react"
import { Playhead } from "@/components/run/timeline/Playhead"
import styles from "@/components/run/timeline/timeline.module.css"
import { cx } from "@/components/ui/cx"
import { clockTime } from "@/components/ui/text/exactTime"
import { fromAxis } from "@/lib/timeline/axis/timeAxis"
import { xToPosition } from "@/lib/timeline/axis/Viewport"
import { durationText } from "@/lib/timeline/formatNumber"
import type { AxisView } from "./createAxisView"
import { LaneLayer } from "./LaneLayer"
import type { RunAxis } from "./useTimeAxis"

export type AxisMomentsProps = { view: AxisView; axis: RunAxis; scroller: HTMLElement }

/** A narrower axis has room for one time beside the mouse. */
const BOTH_TIMES_PX = 280

/** Over the rows: now, the playhead of a rewound run, and the time under the mouse. They move without React. */
export function AxisMoments({ view, axis, scroller }: AxisMomentsProps) {
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
      const after = afterText(ms - axis.axis.startMs, frame)
      const text = bounds.width < BOTH_TIMES_PX ? after : `${after} · ${clockTime(ms)}`
      writeTime(mark, x > bounds.width / 2, text)
    }
    scroller.addEventListener("pointermove", move, { passive: true, signal: stop.signal })
    scroller.addEventListener("pointerleave", hide, { signal: stop.signal })
    return () => stop.abort()
  }, [view, axis.axis, scroller])
  return (
    <LaneLayer above bind={view.bindRunningLane}>
      {axis.end.live ? <span className={cx(styles.mark, styles.now, "w-px bg-working/60")} /> : null}
      <Playhead axis={axis.axis} />
      <div ref={mouse} hidden className="absolute inset-y-0 left-0 w-px bg-ink-3/70">
        <span className="num absolute top-1 rounded-small border border-line-strong bg-overlay px-1 text-small whitespace-nowrap text-ink" />
      </div>
    </LaneLayer>
  )
}

function writeTime(mark: HTMLElement, isRight: boolean, text: string): void {
  const label = mark.firstElementChild
  if (!(label instanceof HTMLElement)) return
  label.textContent = text
  label.style.left = isRight ? "auto" : "5px"
  label.style.right = isRight ? "5px" : "auto"
}

/** A time since the start, to the millisecond where that much can be told apart. */
function afterText(afterMs: number, seen: { from: number; to: number }): string {
  const isNear = seen.to - seen.from < 10_000
  return isNear ? `+${(afterMs / 1_000).toFixed(3)}s` : `+${durationText(afterMs)}`
}

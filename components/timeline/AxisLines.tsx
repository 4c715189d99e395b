"use client"

import { type RefObject, useEffect, useMemo, useRef } from "react"
import { useStore } from "zustand"
import { clockTime } from "@/components/turn/exactTime"
import { cx } from "@/components/ui/cx"
import { axisTicks } from "@/lib/timeline/axisTicks"
import { durationText } from "@/lib/timeline/numberText"
import { fromAxis } from "@/lib/timeline/timeAxis"
import { xToPlace } from "@/lib/timeline/viewport"
import type { AxisView } from "./axisView"
import { placed } from "./TimelineBar"
import { HEAD_PX } from "./TimelineHead"
import styles from "./timeline.module.css"
import type { RunAxis } from "./useTimeAxis"

export type AxisLinesProps = { view: AxisView; axis: RunAxis; scroller: RefObject<HTMLElement | null> }

/** Lines over the rows: ticks, folded gaps, now, and the time under the mouse. They move without React. */
export function AxisLines({ view, axis, scroller }: AxisLinesProps) {
  const lane = useRef<HTMLDivElement>(null)
  const mouse = useRef<HTMLDivElement>(null)
  useMouseTime(view, axis, scroller, lane, mouse)
  return (
    <div
      aria-hidden="true"
      className={cx(styles.grid, "pointer-events-none sticky z-[5] h-0 max-sm:hidden")}
      style={{ top: HEAD_PX }}
    >
      <span className="col-span-3 h-0" />
      <div className="relative mx-2 h-0">
        <div
          ref={lane}
          className="absolute inset-x-0 top-0 overflow-hidden"
          style={{ height: `calc(var(--seen-height, 100vh) - ${HEAD_PX}px)` }}
        >
          <TickLines view={view} axis={axis} />
          {axis.axis.folds.map((fold) => (
            <span
              key={fold.realFrom}
              className={cx(styles.span, "inset-y-0 min-w-1.5 bg-line/50")}
              style={placed({ s: fold.from, e: fold.to })}
            />
          ))}
          {axis.end.live ? <span className={cx(styles.mark, styles.now, "w-px bg-working/60")} /> : null}
        </div>
        <div
          ref={mouse}
          hidden
          className="absolute top-0 w-px bg-ink-3"
          style={{ height: `calc(var(--seen-height, 100vh) - ${HEAD_PX}px)` }}
        >
          <span className="num absolute -top-6 rounded-small border border-line-strong bg-overlay px-1 text-small whitespace-nowrap text-ink" />
        </div>
      </div>
    </div>
  )
}

function TickLines({ view, axis }: { view: AxisView; axis: RunAxis }) {
  const frame = useStore(view.frame)
  const ticks = useMemo(() => axisTicks(axis.axis, frame, frame.widthPx), [axis.axis, frame])
  return ticks.map((tick) => (
    <span
      key={tick.afterMs}
      className={cx(styles.mark, "w-px bg-line/70")}
      style={placed({ s: tick.place })}
    />
  ))
}

function useMouseTime(
  view: AxisView,
  axis: RunAxis,
  scroller: RefObject<HTMLElement | null>,
  lane: RefObject<HTMLElement | null>,
  line: RefObject<HTMLElement | null>,
): void {
  useEffect(() => {
    const { current: box } = scroller
    if (box === null) return
    const stop = new AbortController()
    const hide = () => line.current?.setAttribute("hidden", "")
    const move = (event: PointerEvent) => {
      const { current: mark } = line
      const bounds = lane.current?.getBoundingClientRect()
      if (mark === null || bounds === undefined || event.pointerType !== "mouse") return
      const x = event.clientX - bounds.left
      if (x < 0 || x > bounds.width) return hide()
      const ms = fromAxis(axis.axis, xToPlace(view.frame.getState(), bounds.width, x))
      mark.removeAttribute("hidden")
      mark.style.transform = `translateX(${x}px)`
      const label = mark.firstElementChild
      if (!(label instanceof HTMLElement)) return
      label.textContent = `+${durationText(ms - axis.axis.startMs)} · ${clockTime(ms)}`
      const isRight = x > bounds.width / 2
      label.style.left = isRight ? "auto" : "4px"
      label.style.right = isRight ? "4px" : "auto"
    }
    box.addEventListener("pointermove", move, { passive: true, signal: stop.signal })
    box.addEventListener("pointerleave", hide, { signal: stop.signal })
    return () => stop.abort()
  }, [view, axis.axis, scroller, lane, line])
}

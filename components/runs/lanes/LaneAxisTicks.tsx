"use client"

import { type CSSProperties, useLayoutEffect, useRef, useState } from "react"
import { strings } from "@/components/runs/strings"
import { useServerNow } from "@/lib/live/hooks/useConnection"
import { clockTicks } from "@/lib/timeline/axis/clockTicks"
import { toX } from "./placeLanes"
import { laneAxis, zoneMs } from "./useLaneCanvas"

const DAY_MS = 86_400_000

/** The times below the lanes, in the viewer's time zone. */
export function LaneAxisTicks({ rangeMs }: { rangeMs: number }) {
  const now = useServerNow(1_000)
  const line = useRef<HTMLDivElement>(null)
  const [widthPx, setWidth] = useState(0)
  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => setWidth(line.current?.clientWidth ?? 0))
    if (line.current !== null) observer.observe(line.current)
    return () => observer.disconnect()
  }, [])
  const axis = laneAxis(now, rangeMs, widthPx)
  const { stepMs, times } = clockTicks(axis.fromMs, axis.toMs, widthPx, now === 0 ? 0 : zoneMs(now))
  const nowX = toX(axis, now)
  return (
    <div
      ref={line}
      aria-hidden="true"
      className="num relative h-5 min-w-0 flex-1 overflow-hidden text-small text-ink-3"
    >
      {now === 0
        ? null
        : times
            .filter((time) => nowX - toX(axis, time) > 72)
            .map((time) => (
              <span key={time} className="absolute top-0.5 left-0 pl-1" style={at(toX(axis, time))}>
                {tickText(time, stepMs)}
              </span>
            ))}
      {now === 0 ? null : (
        <span className="absolute top-0.5 left-0 pr-1 text-ink-2" style={at(nowX, "-100%")}>
          {strings.lanes.now}
        </span>
      )}
    </div>
  )
}

/** Moves a label by a transform, because changing `left` each second would count as a layout shift each time. */
function at(x: number, shift = "0px"): CSSProperties {
  return { transform: `translateX(calc(${x}px + ${shift}))` }
}

function tickText(ms: number, stepMs: number): string {
  const date = new Date(ms)
  if (stepMs >= DAY_MS) return date.toLocaleDateString(undefined, { weekday: "short", day: "numeric" })
  const clock = date.toTimeString()
  return stepMs < 60_000 ? clock.slice(0, 8) : clock.slice(0, 5)
}

"use client"

import { useServerNow } from "@/lib/live/hooks/useConnection"
import { timeMs } from "@/lib/trace/state/runState"
import { exactTime } from "./text/exactTime"

const HOUR_MS = 3_600_000
let formats: Record<"time" | "weekday" | "day", Intl.DateTimeFormat> | undefined

// Created in the browser, because the server doesn't know the viewer's time zone and locale.
function localFormats() {
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const
  formats ??= {
    time: new Intl.DateTimeFormat(undefined, clock),
    weekday: new Intl.DateTimeFormat(undefined, { weekday: "short", ...clock }),
    day: new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" }),
  }
  return formats
}

/** A time of day within the last 20 hours, a weekday and time within six days, else a date. The tooltip is exact. */
export function WallTime({ at, className }: { at: string | undefined; className?: string }) {
  const now = useServerNow(60_000)
  const ms = timeMs(at)
  if (ms === undefined || at === undefined || now === 0) return null
  const hoursAgo = (now - ms) / HOUR_MS
  const form = hoursAgo < 20 ? "time" : hoursAgo < 144 ? "weekday" : "day"
  return (
    <time dateTime={at} title={exactTime(at)} className={`num whitespace-nowrap ${className ?? ""}`}>
      {localFormats()[form].format(ms)}
    </time>
  )
}

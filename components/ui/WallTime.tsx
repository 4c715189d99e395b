"use client"

import { useServerNow } from "@/lib/live/hooks/useConnection"
import { timeMs } from "@/lib/trace/state/runState"
import { exactTime } from "./text/exactTime"

const HOUR_MS = 3_600_000
let formats: Record<"time" | "weekday" | "day", Intl.DateTimeFormat> | undefined

// Made once the browser asks: the reader's zone and habits are not the server's.
function readerFormats() {
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const
  formats ??= {
    time: new Intl.DateTimeFormat(undefined, clock),
    weekday: new Intl.DateTimeFormat(undefined, { weekday: "short", ...clock }),
    day: new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" }),
  }
  return formats
}

/** When it was: the clock within 20 hours, with the weekday within six days, else the day; exact on hover. */
export function WallTime({ at, className }: { at: string | undefined; className?: string }) {
  const now = useServerNow(60_000)
  const ms = timeMs(at)
  if (ms === undefined || at === undefined || now === 0) return null
  const hoursAgo = (now - ms) / HOUR_MS
  const form = hoursAgo < 20 ? "time" : hoursAgo < 144 ? "weekday" : "day"
  return (
    <time dateTime={at} title={exactTime(at)} className={`num whitespace-nowrap ${className ?? ""}`}>
      {readerFormats()[form].format(ms)}
    </time>
  )
}

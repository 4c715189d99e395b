"use client"

import { useServerNow } from "@/lib/live/hooks/useConnection"
import { durationText, elapsedText } from "@/lib/trace/formatNumber"
import { timeMs } from "@/lib/trace/state/runState"

export type ElapsedProps = {
  /** ISO times. Without `to`, the display is updated every second by the server's clock. */
  from: string | undefined
  to?: string | undefined
  className?: string
}

/** The time from `from` to `to`, or until now. */
export function Elapsed({ from, to, className }: ElapsedProps) {
  const start = timeMs(from)
  const end = timeMs(to)
  if (start === undefined) return null
  if (end !== undefined) return <Duration ms={end - start} className={className} />
  return <Ticking start={start} className={className} />
}

function Ticking({ start, className }: { start: number; className: string | undefined }) {
  const now = useServerNow(1_000)
  if (now === 0) return null
  const text = elapsedText(now - start)
  // When the number of characters changes, the text becomes a new element: in a right-aligned element, its start would
  // move, which counts as a layout shift.
  return (
    <span key={text.length} className={`num whitespace-nowrap ${className ?? ""}`}>
      {text}
    </span>
  )
}

/** Shows a duration in milliseconds as `1m 38s`. */
function Duration({ ms, className }: { ms: number; className?: string | undefined }) {
  return <span className={`num whitespace-nowrap ${className ?? ""}`}>{durationText(ms)}</span>
}

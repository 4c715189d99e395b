"use client"

import { useState } from "react"
import type { RunTurn } from "@/lib/protocol/turn"
import { ValueView } from "./ValueView"

/** The turn as it came over the wire, drawn when asked for. */
export function RawSection({ turn }: { turn: RunTurn }) {
  const [open, setOpen] = useState(false)
  if (open) return <ValueView name="Raw" value={turn} />
  return (
    <section aria-label="Raw" className="px-3 py-2">
      <button
        type="button"
        aria-expanded={false}
        onClick={() => setOpen(true)}
        className="rounded-small text-small font-semibold text-ink-2 hover:text-ink"
      >
        Raw <span className="font-normal text-ink-3">· show the turn as it came</span>
      </button>
    </section>
  )
}

"use client"

import type { ConnectionPhase } from "@/lib/live/connection/ConnectionState"
import { useConnection } from "@/lib/live/hooks/useConnection"
import { strings } from "./strings"

const COLORS: Record<ConnectionPhase, string> = {
  connecting: "text-ink-3",
  live: "text-ink-2",
  reconnecting: "text-waiting",
  signed_out: "text-failure",
  stale: "text-waiting",
}

/**
 * The state of the page's connection, in the top bar. Fills the space before the controls, so that these don't move when
 * the word changes.
 */
export function ConnectionMark() {
  const phase = useConnection()
  const { word, title } = strings.connection[phase]
  return (
    <span data-connection={phase} className="flex min-w-0 flex-1 justify-end">
      {/* Another word is a new element: in a right-aligned element, its start would move, which counts as a layout shift. */}
      <span key={phase} title={title} className={`flex items-center gap-1.5 px-1 ${COLORS[phase]}`}>
        <svg viewBox="0 0 12 12" width="10" height="10" aria-hidden="true" fill="none" stroke="currentColor">
          {phase === "live" ? (
            <path d="M1 6h2.2l1.6-3.6 2.4 7.2L8.8 6H11" strokeWidth="1.4" strokeLinejoin="round" />
          ) : (
            <path d="M1 6h3m4 0h3M4.8 8.6l2.4-5.2" strokeWidth="1.4" />
          )}
        </svg>
        <span className="max-sm:sr-only">{word}</span>
      </span>
    </span>
  )
}

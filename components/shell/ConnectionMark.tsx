"use client"

import type { ConnectionPhase } from "@/lib/live/connection/ConnectionState"
import { useConnection } from "@/lib/live/hooks/useConnection"

const LOOKS: Record<ConnectionPhase, { word: string; colour: string; says: string }> = {
  connecting: { word: "connecting", colour: "text-ink-3", says: "Connecting to the server" },
  live: { word: "live", colour: "text-ink-2", says: "Connected: what is on screen is current" },
  reconnecting: {
    word: "reconnecting",
    colour: "text-waiting",
    says: "The connection is lost; what is on screen is from before. Trying again.",
  },
  signed_out: { word: "signed out", colour: "text-failure", says: "The session has ended" },
  stale: { word: "old page", colour: "text-waiting", says: "The server is of another version; reload" },
}

/** How the page's connection stands, in the top bar. */
export function ConnectionMark() {
  const phase = useConnection()
  const { word, colour, says } = LOOKS[phase]
  return (
    <span title={says} data-connection={phase} className={`flex items-center gap-1.5 px-1 ${colour}`}>
      <svg viewBox="0 0 12 12" width="10" height="10" aria-hidden="true" fill="none" stroke="currentColor">
        {phase === "live" ? (
          <path d="M1 6h2.2l1.6-3.6 2.4 7.2L8.8 6H11" strokeWidth="1.4" strokeLinejoin="round" />
        ) : (
          <path d="M1 6h3m4 0h3M4.8 8.6l2.4-5.2" strokeWidth="1.4" />
        )}
      </svg>
      <span className="max-sm:sr-only">{word}</span>
    </span>
  )
}
